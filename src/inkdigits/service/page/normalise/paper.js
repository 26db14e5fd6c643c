/**
 * A grey picture -> the paper's brightness under each pixel, a smooth surface. The twin of the fit
 * in `inkdigits/ink.py`. It knows nothing of ink, but that it is little.
 *
 * @typedef {import("./grid.js").Grid} Grid
 */

import { grid } from "./grid.js";
import { median, solve } from "./numbers.js";
import { shrunk } from "./resize.js";

/** The surface is fitted on a copy of at most so many pixels a side. */
const FITTED_SIDE = 40;
/** A level, a plane, then a bent surface, the latter twice: so many terms of `basis`. */
const ROUNDS = [1, 3, 3, 6, 6];
/** The bent one is taken where so much more of the picture agrees with it, or it is so much closer. */
const BENT_MORE = 0.1;
const BENT_CLOSER = 0.7;
/** Half of the pixels that agree with a surface are this close to it where nothing is left to tell. */
const CLEAN = 0.001;
/** Whatever differs less from the paper is paper. */
const TOLERANCE = 0.02;
const float = Math.fround;
/** @typedef {{terms: number[], usual: number, agree: Uint8Array, many: number}} Fit */
/** @type {Map<string, number[][]>} Bases by size: drawings are nearly all of a few sizes. */
const kept = new Map();

/**
 * Fits a plane to the border and then to all pixels that agree with it, or a quadratic surface,
 * where that is much better.
 *
 * @param {Grid} grey
 * @returns {Grid}
 */
export function paperUnder(grey) {
  const { width, height } = grey;
  if (Math.min(width, height) < 8) return grid(width, height, median(edge(grey)));
  const small = shrunk(grey, Math.min(width, FITTED_SIDE), Math.min(height, FITTED_SIDE));
  const values = Float64Array.from(small.data);
  const terms = basis(small.width, small.height);
  const around = ring(small);
  const sorted = values.filter((_, at) => around[at] !== 0).sort();
  const middle = sorted[sorted.length >> 1]; // one of them, so that at least one agrees
  const range = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  const near = Math.max(range / 4, TOLERANCE);
  /** @type {Uint8Array} */
  let agree = around.map((is, at) => +(is !== 0 && Math.abs(values[at] - middle) <= near));
  /** @type {Fit[]} by their number of terms */
  const fits = [];
  for (const columns of ROUNDS) {
    fits[columns] = fit(values, terms, agree, columns);
    agree = fits[columns].agree;
    if (fits[columns].many < 24) return grid(width, height, middle);
    if (columns === 3 && fits[3].usual < CLEAN && fits[3].many > values.length / 2) {
      return spread(fits[3].terms, width, height);
    }
  }
  const [plane, bent] = [fits[3], fits[6]];
  const more = bent.many / values.length > plane.many / values.length + BENT_MORE;
  const worth = more || bent.usual < BENT_CLOSER * plane.usual;
  return spread((worth ? bent : plane).terms, width, height);
}

/**
 * @param {Float64Array} values
 * @param {number[][]} terms
 * @param {Uint8Array} where what is fitted
 * @param {number} columns so many terms
 * @returns {Fit}
 */
function fit(values, terms, where, columns) {
  const found = fitted(values, terms, where, columns);
  const error = values.map((value, at) => Math.abs(value - surface(terms[at], found)));
  const usual = median(error.filter((_, at) => where[at] !== 0));
  const tolerance = Math.max(3 * 1.4826 * usual, TOLERANCE);
  const agree = Uint8Array.from(error, (by) => +(by <= tolerance));
  return { terms: found, usual, agree, many: agree.reduce((sum, is) => sum + is, 0) };
}

/**
 * @param {Grid} grey
 * @returns {Float32Array} its outermost pixels
 */
function edge({ width, height, data }) {
  const sides = [data.subarray(0, width), data.subarray((height - 1) * width)];
  const found = sides.flatMap((side) => Array.from(side));
  for (let y = 0; y < height; y += 1) found.push(data[y * width], data[(y + 1) * width - 1]);
  return Float32Array.from(found);
}

/**
 * @param {Grid} small
 * @returns {Uint8Array} 1 near its sides
 */
function ring({ width, height }) {
  const rim = Math.max(1, Math.floor(Math.min(width, height) / 12));
  const found = new Uint8Array(width * height).fill(1);
  for (let y = rim; y < height - rim; y += 1) {
    found.fill(0, y * width + rim, (y + 1) * width - rim);
  }
  return found;
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {number[][]} for each pixel: 1, x, y, x^2, xy, y^2, where x and y go from -1 to 1
 */
function basis(width, height) {
  const name = `${width} x ${height}`;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const terms = [];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [x, y] = [place(column, width), place(row, height)];
      terms.push([1, x, y, x * x, x * y, y * y]);
    }
  }
  if (kept.size >= 16) kept.clear();
  kept.set(name, terms);
  return terms;
}

/**
 * @param {number} at
 * @param {number} count
 * @returns {number} -1 for the first, 1 for the last
 */
function place(at, count) {
  return at === count - 1 ? 1 : at * (2 / (count - 1)) - 1;
}

/**
 * @param {Float64Array} values
 * @param {number[][]} terms
 * @param {Uint8Array} agree which of them are fitted
 * @param {number} columns so many terms
 * @returns {number[]} by least squares
 */
function fitted(values, terms, agree, columns) {
  const every = Array.from({ length: columns }, (_, at) => at);
  const normal = every.map((row) => every.map((column) => (row === column ? 1e-9 : 0)));
  const right = every.map(() => 0);
  agree.forEach((is, at) => {
    if (is === 0) return;
    for (let row = 0; row < columns; row += 1) {
      right[row] += terms[at][row] * values[at];
      for (let column = 0; column < columns; column += 1) {
        normal[row][column] += terms[at][row] * terms[at][column];
      }
    }
  });
  return solve(normal, right);
}

/**
 * @param {number[]} terms
 * @param {number[]} fit
 * @returns {number}
 */
function surface(terms, fit) {
  let sum = 0;
  for (let at = 0; at < fit.length; at += 1) sum += terms[at] * fit[at];
  return sum;
}

/**
 * @param {number[]} terms of a plane or a bent surface
 * @param {number} width
 * @param {number} height
 * @returns {Grid} the surface
 */
function spread([level, inX, inY, inXX = 0, inXY = 0, inYY = 0], width, height) {
  const paper = grid(width, height);
  for (let column = 0; column < width; column += 1) {
    const x = place(column, width);
    const still = float(level + inX * x + inXX * x * x);
    const once = float(inY + inXY * x);
    const twice = float(inYY);
    for (let row = 0; row < height; row += 1) {
      const y = place(row, height);
      // each product is added before it is rounded, as matrices are multiplied
      paper.data[row * width + column] = twice * float(y * y) + float(once * float(y) + still);
    }
  }
  return paper;
}
