/**
 * A row's ink and the places of its digits -> the ink of each. Digits that touch are cut apart. The
 * twin of `inkdigits/parting.py`. It does not know what stands there.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./grid.js").Mask} Mask
 *
 * @typedef {object} Part  what stands at one place of a row
 * @property {Grid} ink  0 to 1, cropped
 * @property {boolean} alone  whether it touches no other, so that nothing was cut
 */

import { above, extent, mask } from "./grid.js";
import { WEAK } from "./lines.js";
import { pieces } from "./morphology.js";
import { before, clip, weightedMedian } from "./numbers.js";
import { near } from "./rows.js";

/** A cut may be so far from the middle between two places, as a part of the way to either. */
const AWAY = 0.7;
/** A mark is overlooked when it has at least this part of the digits' height, and no place. */
const OVERLOOKED = 0.5;

/**
 * Where tall marks stand in which there is no place. A mark that lies mostly above or below another
 * one is a piece of it and is left out.
 *
 * @param {Grid} row
 * @param {number[]} middles where along the row's ink there are places, pixels
 * @returns {[number, number][]} the start and end of each, pixels
 */
export function overlooked(row, middles) {
  const marks = pieces(above(row, WEAK)).boxes.slice(1);
  if (marks.length === 0) return [];
  const high = marks.map(({ top, bottom }) => bottom - top);
  const least = OVERLOOKED * weightedMedian(high, marks.map(({ area }) => area));
  const tall = marks.filter((_, at) => high[at] >= least);
  const alone = tall.filter((mark) => {
    const { left, right } = mark;
    if (middles.some((middle) => middle >= left - 1 && middle <= right + 1)) return false;
    return !tall.some((other) => {
      const shared = Math.min(right, other.right) - Math.max(left, other.left);
      return other !== mark && shared > 0.5 * (right - left);
    });
  });
  return alone.map(({ left, right }) => [left, right]);
}

/**
 * Gives each place its ink: marks between two cuts belong to that place as a whole; a mark that
 * stands at two places or more is cut, where there is least ink.
 *
 * @param {Grid} row
 * @param {number[]} middles where along the row's ink each place is, pixels, rising
 * @returns {(Part | null)[]} one a place, `null` where there is no ink
 */
export function part(row, middles) {
  if (middles.length === 0) return [];
  const inked = above(row, WEAK);
  const { labels, boxes } = pieces(inked);
  const cuts = cutsOf(inked, middles);
  const shared = boxes.map(
    ({ left, right }) => before(middles, right) - before(middles, left) >= 2,
  );
  const owner = boxes.map(({ left, right }, at) =>
    at === 0 || shared[at] ? -1 : before(cuts, left + (right - left) / 2),
  );
  const columns = Array.from({ length: row.width }, (_, x) => before(cuts, x + 0.5));
  return middles.map((_, place) => {
    const mine = mask(row.width, row.height);
    let alone = true;
    labels.forEach((label, at) => {
      const cut = label > 0 && shared[label] && columns[at % row.width] === place;
      if (cut) alone = false;
      mine.data[at] = +(cut || (label > 0 && owner[label] === place));
    });
    if (!mine.data.includes(1)) return null;
    return { ink: near(row, (at) => mine.data[at] === 1, extent(mine)), alone };
  });
}

/**
 * @param {Mask} inked
 * @param {number[]} middles
 * @returns {number[]} where to cut between every two places: little ink, not far from the middle
 */
function cutsOf({ width, height, data }, middles) {
  const ink = new Float64Array(width);
  let tall = 0;
  for (let y = 0; y < height; y += 1) {
    let some = 0;
    for (let x = 0; x < width; x += 1) {
      ink[x] += data[y * width + x];
      some |= data[y * width + x];
    }
    tall += some;
  }
  tall = Math.max(tall, 1);
  return middles.slice(1).map((there, at) => {
    const [middle, reach] = [(middles[at] + there) / 2, (there - middles[at]) / 2];
    const low = Math.trunc(clip(middle - AWAY * reach, 0, width - 1));
    const high = Math.max(Math.trunc(clip(middle + AWAY * reach, 0, width)), low + 1);
    let [best, least] = [low, Infinity];
    for (let x = low; x < high; x += 1) {
      const away = Math.abs(x + 0.5 - middle) / Math.max(reach, 1);
      const cost = ink[x] / tall + 0.3 * away ** 2;
      if (cost < least) [best, least] = [x, cost];
    }
    return best + 0.5;
  });
}
