/**
 * A row or a digit, and how it might as well have been written: a little aslant, askew, higher. The
 * twin of `inkdigits/views.py`. It does not know what that is.
 *
 * @typedef {import("./grid.js").Grid} Grid
 */

import { SIDE } from "./preprocess.js";
import { warped } from "./warp.js";

/** How far a variant leans, in columns a row, and turns, in radians. */
const LEAN = 0.12;
const TURN = (6 * Math.PI) / 180;

/**
 * @param {Grid} strip
 * @returns {Grid[]} itself, leaning a little to either side, and a little higher and lower
 */
export function ofRow(strip) {
  const leaning = [LEAN, -LEAN].map((lean) => moved(strip, 1, -lean, 0, 1));
  return [strip, ...leaning, ...[1, -1].map((drop) => moved(strip, 1, 0, 0, 1, drop))];
}

/**
 * @param {Float32Array} digit 28 x 28, row by row
 * @returns {Float32Array[]} itself, leaning and turned a little to either side
 */
export function ofDigit(digit) {
  const picture = { width: SIDE, height: SIDE, data: digit };
  const leaning = [LEAN, -LEAN].map((lean) => moved(picture, 1, -lean, 0, 1));
  const [cosine, sine] = [Math.cos(TURN), Math.sin(TURN)];
  const turned = [sine, -sine].map((aside) => moved(picture, cosine, -aside, aside, cosine));
  return [digit, ...[...leaning, ...turned].map(({ data }) => data)];
}

/**
 * @param {Grid} picture
 * @param {number} a where (x, y) of the result lies in the picture: ((a, b), (c, d)) of it, about
 *   the middle
 * @param {number} b
 * @param {number} c
 * @param {number} d
 * @param {number} [drop] how much lower the result is
 * @returns {Grid} black where nothing was
 */
function moved(picture, a, b, c, d, drop = 0) {
  const { width, height } = picture;
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  return warped(picture, [a, b, x - a * x - b * y, c, d, y - c * x - d * y - drop], width, height);
}
