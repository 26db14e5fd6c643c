/**
 * How far it is to the nearest empty pixel, by steps of three kinds on a grid (Borgefors 1986, with
 * a mask of 5 x 5), in single precision, as OpenCV counts them on most machines (`DIST_L2` with Intel's
 * IPP; without, it rounds steps to 1/65536 pixel). It knows nothing of what is there.
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
  const result = grid(width, height);
  /** The neighbours before a pixel; those after it are their mirror images. */
  const steps = [
    [-2 * row - 1, KNIGHT],
    [-2 * row + 1, KNIGHT],
    [-row - 2, KNIGHT],
    [-row - 1, SLANT],
    [-row, SIDE],
    [-row + 1, SLANT],
    [-row + 2, KNIGHT],
    [-1, SIDE],
  ];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, at = (y + RIM) * row + RIM; x < width; x += 1, at += 1) {
      if (data[y * width + x] === 0) {
        far[at] = 0;
        continue;
      }
      let least = far[at + steps[0][0]] + KNIGHT;
      for (const [step, length] of steps) least = Math.min(least, far[at + step] + length);
      far[at] = least;
    }
  }
  for (let y = height - 1; y >= 0; y -= 1) {
    for (let x = width - 1, at = (y + RIM) * row + RIM + x; x >= 0; x -= 1, at -= 1) {
      let least = far[at];
      if (least > SIDE) {
        for (const [step, length] of steps) least = Math.min(least, far[at - step] + length);
        far[at] = least;
      }
      result.data[y * width + x] = least;
    }
  }
  return result;
}
