/**
 * A glyph -> the 28 x 28 image that MNIST's makers would have made of it. The twin of
 * `inkdigits/preprocess.py`. It does not know which digit it is.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./segment.js").Glyph} Glyph
 */

import { distances } from "./distance.js";
import { above, extent, greatest, mask, window } from "./grid.js";
import { highest } from "./morphology.js";
import { clip, median, round } from "./numbers.js";
import { interpolated, shrunk } from "./resize.js";

/**
 * The digit fits a box of 20 pixels and its centre of mass is the centre of 28 (LeCun, Bottou,
 * Bengio & Haffner 1998, section III-A): in MNIST's files the middle of the pixel (14, 14).
 */
export const SIDE = 28;
const BOX = 20;
const CENTRE = 14.5;
/** Shapes are worked on at this many pixels for one of the result. */
const FINE = 8;
/** Stroke widths that are left as they are, in pixels of the 20-pixel box. */
export const THIN = 1.9;
export const THICK = 3.6;
/** Pixels around a crop, so that its edge falls to paper. */
const PAD = 2;

/**
 * Scales to the 20-pixel box keeping the aspect, evens out the pen, centres the mass.
 *
 * @param {Pick<Glyph, "ink">} glyph
 * @returns {Float32Array} 28 x 28, row by row, 0 to 1, bright ink on black
 */
export function normalise(glyph) {
  let shape = fit(glyph.ink);
  const width = strokeWidth(shape);
  const change = clip(width, THIN, THICK) - width;
  if (Math.abs(change) > 0.05) shape = fit(withStroke(shape, change));
  return centred(shape);
}

/**
 * Whether grey pixels already are as MNIST has them, so that nothing is to be done.
 *
 * @param {Grid} pixels
 * @returns {boolean} see `is_normalised` in `inkdigits/preprocess.py`
 */
export function isNormalised(pixels) {
  if (pixels.width !== SIDE || pixels.height !== SIDE || median(pixels.data.slice()) > 0) {
    return false;
  }
  const { left, top, right, bottom } = extent(above(pixels, 0));
  if (Math.abs(Math.max(right - left, bottom - top) - BOX) > 1) return false;
  return centreOfMass(pixels).every((middle) => Math.abs(middle - CENTRE) <= 0.75);
}

/**
 * The pen's typical width: twice the mean distance to the edge along the ridge of the distances.
 *
 * @param {Grid} shape
 * @param {number} [fine] its pixels for one of the result
 * @returns {number} pixels of the result
 */
export function strokeWidth(shape, fine = FINE) {
  // a bar fills its crop: its edges are the crop's
  const framed = window(shape, -1, -1, shape.width + 2, shape.height + 2);
  const distance = distances(above(framed, 0.5));
  const top = highest(distance);
  const ridge = distance.data.filter((far, at) => far > 0 && far >= top[at]);
  return ridge.length > 0 ? (2 * median(ridge)) / fine : 0;
}

/**
 * Crops to the ink and scales so that the longer side is 20 x `FINE` pixels.
 *
 * @param {Grid} ink
 * @returns {Grid} 0 or 1
 */
function fit(ink) {
  const strong = above(ink, 0.5);
  const { left, top, right, bottom } = extent(strong.data.includes(1) ? strong : above(ink, 0));
  const scale = (BOX * FINE) / Math.max(bottom - top, right - left);
  const tall = Math.max(round((bottom - top) * scale), 1);
  const wide = Math.max(round((right - left) * scale), 1);
  const width = right - left + 2 * PAD;
  const height = bottom - top + 2 * PAD;
  const crop = window(ink, left - PAD, top - PAD, width, height);
  const size = (/** @type {number} */ side) => Math.max(1, round(side * scale));
  const resized = scale < 1 ? shrunk : interpolated;
  const large = resized(crop, size(width), size(height));
  const rim = round(PAD * scale);
  let inner = window(
    large,
    rim,
    rim,
    Math.min(wide, large.width - rim),
    Math.min(tall, large.height - rim),
  );
  let most = greatest(inner.data);
  if (!(most > 0)) {
    inner = large; // all of a hair went into the rim
    most = greatest(inner.data);
  }
  // shrinking may leave a hair paler than a half
  const half = 0.5 * Math.min(1, most);
  inner.data.forEach((value, at) => {
    inner.data[at] = +(value > half);
  });
  return inner;
}

/**
 * Makes the pen wider, or thinner.
 *
 * @param {Grid} shape 0 or 1
 * @param {number} change by so many pixels of the 20-pixel box; thinner where negative
 * @returns {Grid}
 */
function withStroke(shape, change) {
  const reach = (Math.abs(change) / 2) * FINE;
  const pad = Math.ceil(reach) + 1;
  const framed = window(shape, -pad, -pad, shape.width + 2 * pad, shape.height + 2 * pad);
  return regrown(framed, reach, change < 0);
}

/**
 * A shape whose edge lies farther out, or farther in.
 *
 * @param {Grid} shape 0 or 1
 * @param {number} reach how far, pixels
 * @param {boolean} thinner
 * @returns {Grid} the shape itself, where nothing would be left of it
 */
export function regrown(shape, reach, thinner) {
  const side = mask(shape.width, shape.height);
  shape.data.forEach((value, at) => {
    side.data[at] = +(value > 0.5 === thinner);
  });
  const grown = distances(side);
  grown.data.forEach((far, at) => {
    grown.data[at] = +(thinner ? far > reach : far <= reach);
  });
  return grown.data.includes(1) ? grown : shape;
}

/**
 * Puts the centre of mass in the middle of the field, then averages down to 28 x 28.
 *
 * @param {Grid} shape
 * @returns {Float32Array}
 */
function centred(shape) {
  const field = SIDE * FINE;
  const [y, x] = centreOfMass(shape);
  const top = clip(round(CENTRE * FINE - y), 0, field - shape.height);
  const left = clip(round(CENTRE * FINE - x), 0, field - shape.width);
  const fine = window(shape, -left, -top, field, field);
  return shrunk(fine, SIDE, SIDE).data;
}

/**
 * @param {Grid} pixels
 * @returns {[number, number]} y and x in pixel edges: the middle of the first pixel is 0.5
 */
function centreOfMass({ width, data }) {
  let [mass, down, across] = [0, 0, 0];
  data.forEach((value, at) => {
    mass += value;
    down += value * (Math.floor(at / width) + 0.5);
    across += value * ((at % width) + 0.5);
  });
  mass = Math.max(mass, 1e-12);
  return [down / mass, across / mass];
}
