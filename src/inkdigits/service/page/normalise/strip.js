/**
 * The ink of one row of writing -> a strip, as the reader of rows knows rows: one height, an even
 * pen. The twin of `inkdigits/strip.py`. It does not know what the row says.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./grid.js").Mask} Mask
 *
 * @typedef {object} Strip
 * @property {Grid} pixels  32 rows, 0 to 1, bright ink on black, `MARGIN` empty columns each side
 * @property {number} left  where the ink begins in what it was made of, pixels
 * @property {number} scale  pixels of that for one column here
 */

import { above, extent, greatest, window } from "./grid.js";
import { WEAK } from "./lines.js";
import { pieces } from "./morphology.js";
import { clip, round, weightedMedian } from "./numbers.js";
import { THICK, THIN, regrown, strokeWidth } from "./preprocess.js";
import { shrunk } from "./resize.js";
import { warped } from "./warp.js";

/** Rows of a strip, and how tall its digits are in it. */
const HEIGHT = 32;
const DIGIT = 21;
/** Paper before and behind the ink, columns. */
const MARGIN = 6;
/** The whole row's ink may stand out of the digits' height by so much before it is made smaller. */
const TALLEST = 1.6;
/** Shapes are worked on at this many pixels for one of the result. */
const FINE = 4;
/** A mark counts as tall from this part of the height on that half of the ink does not exceed. */
const TALL = 0.45;

/**
 * @param {Strip} strip
 * @param {number} column
 * @returns {number} where that column lies in what the strip was made of, pixels
 */
export function where({ left, scale }, column) {
  return left + (column - MARGIN) * scale;
}

/**
 * @param {Strip} strip
 * @param {number} place in what the strip was made of, pixels
 * @returns {number} the column of the strip that shows it
 */
export function columnOf({ left, scale }, place) {
  return (place - left) / scale + MARGIN;
}

/**
 * Scales a row to the strip's height, evens out the pen, puts the digits in the middle.
 *
 * @param {Grid} ink 0 to 1, a full stroke
 * @returns {Strip | null} `null` where there is no ink
 */
export function normaliseRow(ink) {
  const inked = above(ink, WEAK);
  if (!inked.data.includes(1)) return null;
  const { left, right } = extent(inked);
  const { middle, tall } = band(inked);
  const scale = tall / DIGIT;
  let shape = scaled(window(ink, left, 0, right - left, ink.height), middle, scale);
  const width = strokeWidth(shape, FINE);
  const change = clip(width, THIN, THICK) - width;
  if (width > 0 && Math.abs(change) > 0.05) {
    shape = regrown(shape, (Math.abs(change) / 2) * FINE, change < 0);
  }
  return { pixels: shrunk(shape, shape.width / FINE, HEIGHT), left, scale };
}

/**
 * @param {Mask} inked
 * @returns {{middle: number, tall: number}} the middle and the height of the digits, pixels
 */
function band(inked) {
  const marks = pieces(inked).boxes.slice(1);
  const high = marks.map(({ top, bottom }) => bottom - top);
  const least = TALL * weightedMedian(high, marks.map(({ area }) => area));
  const tall = marks.filter((_, at) => high[at] >= least);
  const wide = tall.map(({ left, right }) => right - left);
  const top = Math.min(...tall.map((it) => it.top));
  const bottom = Math.max(...tall.map((it) => it.bottom));
  const own = weightedMedian(tall.map((it) => it.bottom - it.top), wide);
  const height = Math.max(own, (bottom - top) / TALLEST);
  let middle = weightedMedian(tall.map((it) => (it.top + it.bottom) / 2), wide);
  const reach = ((HEIGHT / DIGIT) * height) / 2; // all of the ink is seen, where it can be
  if (bottom - top <= 2 * reach) middle = clip(middle, bottom - reach, top + reach);
  return { middle, tall: Math.max(height, 1) };
}

/**
 * @param {Grid} ink
 * @param {number} middle
 * @param {number} scale
 * @returns {Grid} the row at `FINE` times the strip's size, 0 or 1
 */
function scaled(ink, middle, scale) {
  let fine = scale / FINE;
  const columns = Math.max(1, round(ink.width / fine));
  const width = (Math.ceil(columns / FINE) + 2 * MARGIN) * FINE;
  const height = HEIGHT * FINE;
  let from = ink;
  if (fine > 1) {
    from = shrunk(ink, columns, Math.max(1, round(ink.height / fine)));
    [middle, fine] = [middle / fine, 1];
  }
  // pixel centres: where a pixel of the result lies in the ink
  const across = fine * (0.5 - MARGIN * FINE) - 0.5;
  const down = middle + fine * (0.5 - height / 2) - 0.5;
  const large = warped(from, [fine, 0, across, 0, fine, down], width, height, fine < 1);
  const half = 0.5 * Math.min(1, greatest(large.data));
  large.data.forEach((value, at) => {
    large.data[at] = +(value > half);
  });
  return large;
}
