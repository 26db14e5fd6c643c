/**
 * Ink -> ink without thin straight lines from edge to edge; what crosses them is kept. The twin of
 * `without_lines` in `inkdigits/segment.py`. It knows nothing of digits.
 *
 * @typedef {import("./grid.js").Grid} Grid
 */

import { above, mask, transposed } from "./grid.js";
import { dilated, longRuns, pieces } from "./morphology.js";

/** Ink from which a pixel belongs to a mark. */
export const WEAK = 0.3;
/** A line is thinner than this part of the picture's side and runs from edge to edge. */
const LINE = 0.1;

/**
 * @param {Grid} pixels
 * @returns {Grid}
 */
export function withoutLines(pixels) {
  return transposed(withoutLevelLines(transposed(withoutLevelLines(pixels))));
}

/**
 * @param {Grid} pixels
 * @returns {boolean} whether ink touches the left side and the right
 */
function runsAcross({ width, height, data }) {
  let [left, right] = [false, false];
  for (let start = 0; start < data.length; start += width) {
    left ||= data[start] > WEAK;
    right ||= data[start + width - 1] > WEAK;
  }
  return Math.min(width, height) >= 12 && left && right;
}

/**
 * @param {Grid} pixels
 * @returns {Grid}
 */
function withoutLevelLines(pixels) {
  if (!runsAcross(pixels)) return pixels;
  const { width, height } = pixels;
  const inked = above(pixels, WEAK);
  const found = pieces(dilated(longRuns(inked, Math.max(9, Math.floor(width / 5)))));
  const across = found.boxes.map(
    (box, at) =>
      at > 0 &&
      box.left <= 1 &&
      box.right >= width - 1 &&
      box.area <= (LINE * height + 2) * width &&
      box.bottom - box.top <= Math.max(LINE * height, 0.06 * width) + 2,
  );
  if (!across.includes(true)) return pixels;
  const [line, other] = [mask(width, height), mask(width, height)];
  inked.data.forEach((is, at) => {
    line.data[at] = across[found.labels[at]] ? is : 0;
    other.data[at] = is - line.data[at];
  });
  const reach = Math.floor(LINE * height) + 1;
  const [from, to] = [dilated(other, { up: reach }), dilated(other, { down: reach })];
  const bare = mask(width, height);
  line.data.forEach((is, at) => {
    bare.data[at] = +(is !== 0 && !(from.data[at] && to.data[at]));
  });
  const gone = dilated(bare, { up: 1, down: 1 });
  const data = pixels.data.map((ink, at) => {
    const kept = gone.data[at] === 0 || other.data[at] !== 0 || (from.data[at] && to.data[at]);
    return kept ? ink : 0;
  });
  return { width, height, data };
}
