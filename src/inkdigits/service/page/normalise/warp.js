/**
 * Pictures moved, scaled and leaned, as OpenCV's `warpAffine` does it, to 3e-6. It knows nothing of
 * what they show.
 *
 * @typedef {import("./grid.js").Grid} Grid
 *
 * @typedef {[number, number, number, number, number, number]} Way  where a pixel (x, y) of the
 *   result lies in the picture: (a x + b y + c, d x + e y + f)
 */

import { grid } from "./grid.js";
import { cubic } from "./resize.js";

/** @type {(x: number) => number[]} */
const straight = (x) => [1 - x, x];

/**
 * @param {Grid} of 0 beyond its sides
 * @param {Way} way
 * @param {number} width of the result
 * @param {number} height
 * @param {boolean} [curved] between the pixels by cubic curves; else by straight lines
 * @returns {Grid}
 */
export function warped(of, [a, b, c, d, e, f], width, height, curved = false) {
  const weigh = curved ? cubic : straight;
  const first = curved ? -1 : 0;
  const answer = grid(width, height);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, to += 1) {
      const [across, down] = [a * x + b * y + c, d * x + e * y + f];
      const [left, top] = [Math.floor(across), Math.floor(down)];
      if (left < -2 || top < -2 || left > of.width || top > of.height) continue;
      const [columns, rows] = [weigh(across - left), weigh(down - top)];
      let sum = 0;
      for (let row = 0; row < rows.length; row += 1) {
        const line = top + first + row;
        if (line < 0 || line >= of.height || rows[row] === 0) continue;
        for (let column = 0; column < columns.length; column += 1) {
          const at = left + first + column;
          if (at < 0 || at >= of.width) continue;
          sum += of.data[line * of.width + at] * columns[column] * rows[row];
        }
      }
      answer.data[to] = sum;
    }
  }
  return answer;
}
