/**
 * A grey picture -> how much ink lies on each pixel; the paper's brightness, a smooth shadow, its
 * faint print and the polarity (dark on light or light on dark) are gone. The twin of
 * `inkdigits/ink.py`. It does not know what the ink shows.
 *
 * @typedef {import("./grid.js").Grid} Grid
 *
 * @typedef {object} Ink
 * @property {Grid} pixels  0 paper to 1, a full stroke; all 0 for a blank
 * @property {number} scale  pixels of the picture for one pixel here, at least 1
 */

import { grid } from "./grid.js";
import { clip, median, round } from "./numbers.js";
import { paperUnder } from "./paper.js";
import { shrunk } from "./resize.js";

/** Longer side of the working copy, pixels; a digit needs no more. */
export const WORKING_SIDE = 1024;
/** The faintest stroke, as a part of full contrast, and in deviations of the noise. */
const MIN_CONTRAST = 0.05;
const MIN_SIGMAS = 4;
/** What is printed on the paper: deviations above the mean, and a part of a stroke's strength. */
const PRINT_SIGMAS = 0.5;
const MAX_PRINT = 0.35;
/** Strength is counted in so many levels up to the peak. */
const LEVELS = 250;
/** What deviates to either side about as much, to this part of it, is dark ink, as most is. */
const EVEN = 0.05;
const float = Math.fround;

/**
 * Tells the ink from the paper, on a copy whose longer side is `longest` pixels at most.
 *
 * @param {Grid} picture 0 black to 1 white
 * @param {number} longest
 * @returns {Ink}
 */
export function extract(picture, longest) {
  const scale = Math.max(Math.max(picture.width, picture.height) / longest, 1);
  const side = (/** @type {number} */ length) => Math.max(1, round(length / scale));
  const grey =
    scale === 1 ? picture : shrunk(picture, side(picture.width), side(picture.height));
  const paper = paperUnder(grey);
  const rest = grid(grey.width, grey.height);
  let [balance, whole] = [0, 0];
  for (let at = 0; at < rest.data.length; at += 1) {
    const by = float(grey.data[at] - paper.data[at]);
    rest.data[at] = by;
    balance += by * Math.abs(by);
    whole += by * by;
  }
  const sign = balance > EVEN * whole ? 1 : -1; // bright ink, or dark
  const peak = strongest(rest, sign);
  if (peak < MIN_CONTRAST || peak < MIN_SIGMAS * Math.min(noise(grey), 0.05)) {
    return { pixels: grid(grey.width, grey.height), scale };
  }
  const { faint, full } = strengths(rest, sign, peak);
  const [gain, less] = [float(sign / (full - faint)), float(faint / (full - faint))];
  const pixels = grid(grey.width, grey.height);
  for (let at = 0; at < pixels.data.length; at += 1) {
    pixels.data[at] = clip(float(float(rest.data[at] * gain) - less), 0, 1);
  }
  return { pixels, scale };
}

/**
 * @param {Grid} rest
 * @param {number} gain
 * @returns {Uint8Array} `rest` times `gain` in whole numbers from 0 to 255
 */
function levels(rest, gain) {
  const by = float(gain);
  const found = new Uint8Array(rest.data.length);
  for (let at = 0; at < found.length; at += 1) {
    found[at] = clip(float(rest.data[at] * by), 0, 255);
  }
  return found;
}

/**
 * @param {Grid} rest
 * @param {number} sign
 * @returns {number} the strongest ink, the mean of 3 x 3 pixels
 */
function strongest(rest, sign) {
  const { width, height } = rest;
  const level = levels(rest, sign * 255);
  if (Math.min(width, height) < 3) return level.reduce((a, b) => Math.max(a, b), 0) / 255;
  const wide = new Uint16Array(level.length);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const before = level[x > 0 ? at - 1 : at + 1]; // mirrored at the sides
      wide[at] = level[at] + before + level[x < width - 1 ? at + 1 : at - 1];
    }
  }
  let most = 0;
  for (let at = 0; at < wide.length; at += 1) {
    const above = wide[at >= width ? at - width : at + width];
    const below = wide[at < wide.length - width ? at + width : at - width];
    most = Math.max(most, wide[at] + above + below);
  }
  return round(most / 9) / 255;
}

/**
 * The deviation of white noise, by what smooth brightness cannot explain (Immerkaer 1996).
 *
 * @param {Grid} grey
 * @returns {number}
 */
function noise({ width, height, data }) {
  if (Math.min(width, height) < 3) return 0;
  const step = Math.max(1, Math.floor(height / 16)); // some rows tell enough
  const rough = [];
  for (let y = 0; y < height - 2; y += step) {
    const bent = new Float32Array(width);
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
      bent[x] = float(data[at] - 2 * data[at + width]) + data[at + 2 * width];
    }
    for (let x = 0; x < width - 2; x += 1) {
      rough.push(Math.abs(float(float(bent[x] - 2 * bent[x + 1]) + bent[x + 2])));
    }
  }
  // the median: strokes, which are few, do not count
  return (median(Float32Array.from(rough)) * 1.4826) / 6;
}

/**
 * What is printed on the paper at most, and what a stroke's core is, both in the unit of `rest`.
 *
 * @param {Grid} rest
 * @param {number} sign
 * @param {number} peak
 * @returns {{faint: number, full: number}}
 */
function strengths(rest, sign, peak) {
  const counts = new Float64Array(256);
  for (const level of levels(rest, (sign * LEVELS) / peak)) counts[level] += 1;
  const cut = otsu(counts, LEVELS >> 3);
  let ink = 0;
  for (let level = cut + 1; level < 256; level += 1) ink += counts[level];
  let full = LEVELS;
  if (ink > 0) {
    full = cut + 1;
    for (let sum = counts[full]; sum < ink / 2; sum += counts[full]) full += 1;
  }
  let [count, moment, square] = [0, 0, 0];
  for (let level = 0; level <= cut; level += 1) {
    count += counts[level];
    moment += counts[level] * level;
  }
  const mean = moment / Math.max(count, 1);
  for (let level = 0; level <= cut; level += 1) square += counts[level] * (level - mean) ** 2;
  const deviation = Math.sqrt(square / Math.max(count, 1));
  const faint = Math.min(mean + PRINT_SIGMAS * deviation, MAX_PRINT * full);
  return { faint: (faint * peak) / LEVELS, full: (full * peak) / LEVELS };
}

/**
 * Otsu's threshold (1979) of a histogram's part above `floor`.
 *
 * @param {Float64Array} counts
 * @param {number} floor
 * @returns {number}
 */
function otsu(counts, floor) {
  let [total, whole] = [0, 0];
  for (let level = floor + 1; level < counts.length; level += 1) {
    total += counts[level];
    whole += counts[level] * level;
  }
  let [weight, moment, best, cut] = [0, 0, -1, floor + 1];
  for (let level = floor + 1; level < counts.length; level += 1) {
    weight += counts[level];
    moment += counts[level] * level;
    const between = ((whole * weight) / total - moment) ** 2 / (weight * (total - weight));
    if (Number.isFinite(between) && between > best) [best, cut] = [between, level];
  }
  return cut;
}
