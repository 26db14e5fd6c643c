/**
 * How far it is to the nearest empty pixel, by steps of three kinds on a grid (Borgefors 1986, with
 * a mask of 5 x 5), in single precision, as OpenCV counts them with Intel's IPP (`DIST_L2`). Beyond
 * 32 pixels a last bit may differ; without IPP, OpenCV rounds steps to 1/65536 pixel. It knows
 * nothing of what is there.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./grid.js").Mask} Mask
 */

import { grid } from "./grid.js";

/** Steps to the side, aslant and as a knight, pixels. */
const SIDE = 1;
const SLANT = Math.fround(1.4);
const KNIGHT = Math.fround(2.1969);
/** Farther than anything. */
const FAR = 1e9;
const RIM = 2;

/**
 * @param {Mask} of
 * @returns {Grid} pixels, 0 where `of` is empty
 */
export function distances({ width, height, data }) {
  const row = width + 2 * RIM;
  const far = new Float32Array(row * (height + 2 * RIM)).fill(FAR);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, at = (y + RIM) * row + RIM; x < width; x += 1, at += 1) {
      far[at] = data[y * width + x] === 0 ? 0 : nearest(far, at, row, -1);
    }
  }
  const result = grid(width, height);
  for (let y = height - 1; y >= 0; y -= 1) {
    for (let x = width - 1, at = (y + RIM) * row + RIM + x; x >= 0; x -= 1, at -= 1) {
      if (far[at] > SIDE) far[at] = Math.min(far[at], nearest(far, at, row, 1));
      result.data[y * width + x] = far[at];
    }
  }
  return result;
}

/**
 * The shortest way on from the neighbours on one side of a pixel.
 *
 * @param {Float32Array} far
 * @param {number} at
 * @param {number} row pixels from one row to the next
 * @param {1 | -1} side those after the pixel, or before it
 * @returns {number}
 */
function nearest(far, at, row, side) {
  const next = at + side * row;
  const farther = next + side * row;
  const knight = Math.min(far[farther - 1], far[farther + 1], far[next - 2], far[next + 2]);
  const slant = Math.min(far[next - 1], far[next + 1]);
  const straight = Math.min(far[next], far[at + side]);
  return Math.min(knight + KNIGHT, slant + SLANT, straight + SIDE);
}
