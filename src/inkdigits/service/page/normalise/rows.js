/**
 * The ink of one row of writing, cropped. The twin of `only` in `inkdigits/rows.py`: specks, ruled
 * lines and what looks in from above and below are left out. It does not know what the row says.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./grid.js").Mask} Mask
 */

import { above, mask, window } from "./grid.js";
import { WEAK, withoutLines } from "./lines.js";
import { dilated, longRuns, pieces } from "./morphology.js";
import { round } from "./numbers.js";
import { STRONG } from "./segment.js";

/**
 * A level stroke is a rule, not a digit's, when it is so many times as long as the picture is high,
 * and thinner than this part of that height.
 */
const RULE_LENGTH = 1.5;
const RULE_THICKNESS = 0.09;
/** A mark of the row is at least so tall or wide, as a part of the tall marks' height. */
const SPECK = 0.07;
/** What touches the picture's upper or lower side is the row's when it reaches so far into it. */
const REACH = 0.45;

/**
 * Crops the one row that a picture shows.
 *
 * @param {Grid} marked how much ink lies on each pixel
 * @returns {Grid | null} its ink; `null` for a blank
 */
export function only(marked) {
  const pixels = withoutRules(withoutLines(marked));
  const { labels, boxes } = pieces(above(pixels, WEAK));
  const strong = boxes.map(() => false);
  labels.forEach((label, at) => {
    if (label > 0 && pixels.data[at] > STRONG) strong[label] = true;
  });
  if (!strong.includes(true)) return null;
  const main = boxes.reduce((best, box, at) => {
    return strong[at] && (best === 0 || box.area > boxes[best].area) ? at : best;
  }, 0);
  const tall = boxes[main].bottom - boxes[main].top;
  const keep = boxes.map(({ left, top, right, bottom }, at) => {
    const rim = top <= 1 || bottom >= pixels.height - 1;
    const large = Math.max(right - left, bottom - top) >= SPECK * tall;
    return strong[at] && large && (!rim || bottom - top >= REACH * tall);
  });
  const kept = boxes.filter((_, at) => keep[at]);
  return near(pixels, (at) => keep[labels[at]], {
    left: Math.min(...kept.map((it) => it.left)),
    top: Math.min(...kept.map((it) => it.top)),
    right: Math.max(...kept.map((it) => it.right)),
    bottom: Math.max(...kept.map((it) => it.bottom)),
  });
}

/**
 * Some of the ink with its soft edges, which reach one pixel farther, and nothing else.
 *
 * @param {Grid} pixels
 * @param {(at: number) => boolean} mine whether a pixel is wanted
 * @param {{left: number, top: number, right: number, bottom: number}} around what is wanted
 * @returns {Grid} cropped
 */
export function near(pixels, mine, { left, top, right, bottom }) {
  const [x, y] = [Math.max(left - 1, 0), Math.max(top - 1, 0)];
  const width = Math.min(right + 1, pixels.width) - x;
  const height = Math.min(bottom + 1, pixels.height) - y;
  const inside = mask(width, height);
  for (let at = 0; at < inside.data.length; at += 1) {
    inside.data[at] = +mine((y + Math.floor(at / width)) * pixels.width + x + (at % width));
  }
  const seen = dilated(inside);
  const ink = window(pixels, x, y, width, height);
  ink.data.forEach((value, at) => {
    ink.data[at] = value * seen.data[at];
  });
  return ink;
}

/**
 * The ink without thin level strokes that are longer than any digit is wide. Where a stroke of a
 * digit meets such a rule from above or crosses it, it is kept.
 *
 * @param {Grid} pixels
 * @returns {Grid}
 */
function withoutRules(pixels) {
  const { width, height } = pixels;
  const length = round(RULE_LENGTH * height);
  if (length > width || height < 12) return pixels;
  const inked = above(pixels, WEAK);
  const runs = longRuns(bridged(inked), length);
  const thick = Math.max(2, round(RULE_THICKNESS * height));
  const block = turned(longRuns(turned(runs), thick + 1));
  const rule = both(runs, block, (run, thicker) => run && !thicker);
  if (!rule.data.includes(1)) return pixels;
  const line = both(dilated(rule, { up: 1, down: 1 }), inked, (one, other) => one && other);
  const other = both(inked, line, (one, gone) => one && !gone);
  const reach = thick + 1;
  const [over, under] = [dilated(other, { up: reach }), dilated(other, { down: reach })];
  const crossed = both(over, under, (one, other) => one && other);
  const data = pixels.data.map((ink, at) => (line.data[at] && !crossed.data[at] ? 0 : ink));
  return { width, height, data };
}

/**
 * @param {Mask} of
 * @returns {Mask} with gaps of one or two pixels in its rows filled
 */
function bridged(of) {
  const wide = dilated(of, { left: 1, right: 1 });
  const outside = dilated(both(wide, wide, (is) => !is), { left: 1, right: 1 });
  return both(outside, outside, (is) => !is);
}

/**
 * @param {Mask} one
 * @param {Mask} other
 * @param {(one: boolean, other: boolean) => boolean} how
 * @returns {Mask}
 */
function both(one, other, how) {
  const found = mask(one.width, one.height);
  for (let at = 0; at < found.data.length; at += 1) {
    found.data[at] = +how(one.data[at] === 1, other.data[at] === 1);
  }
  return found;
}

/**
 * @param {Mask} of
 * @returns {Mask} rows and columns exchanged
 */
function turned({ width, height, data }) {
  const found = mask(height, width);
  data.forEach((is, at) => {
    found.data[(at % width) * height + Math.floor(at / width)] = is;
  });
  return found;
}
