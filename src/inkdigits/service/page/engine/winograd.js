/**
 * Convolutions with 3 x 3 kernels by Winograd's minimal filtering: 36 products for 16 numbers of
 * the output instead of 144. F(4 x 4, 3 x 3) of Lavin & Gray, "Fast Algorithms for Convolutional
 * Neural Networks", CVPR 2016. It knows numbers in rows, nothing of the model they belong to.
 *
 * @typedef {import("./convolution.js").Geometry} Geometry
 * @typedef {import("./convolution.js").Run} Run
 */

import { multiply, packed, remembered } from "./product.js";

/** Sides of a tile of the output, and of what it is made of. */
const [OUT, IN] = [4, 6];

/** From a kernel's three numbers to six. */
const KERNEL = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/**
 * @param {Geometry} shape with kernels of 3 x 3 and strides of 1
 * @param {Float32Array} weights (channels out, channels in, 3, 3)
 * @param {Float32Array} bias one a channel
 * @returns {Run}
 */
export function winograd({ input, output, pads }, weights, bias) {
  const [depth, height, width] = input;
  const [channels, rows, columns] = output;
  const [down, across] = [Math.ceil(rows / OUT), Math.ceil(columns / OUT)];
  const tiles = down * across;
  const wide = Math.ceil(tiles / 4) * 4;
  const [margin, high] = [across * OUT + 2, down * OUT + 2];
  const left = remembered(weights, () => kernels(weights, channels, depth));
  const padded = new Float64Array(depth * high * margin);
  const right = new Float64Array(IN * IN * wide * depth);
  const tall = Math.ceil(channels / 4) * 4;
  const answer = new Float64Array(IN * IN * tall * wide);
  const [tile, half] = [new Float64Array(IN * IN), new Float64Array(IN * IN)];
  return (from, to) => {
    for (let channel = 0; channel < depth; channel += 1) {
      for (let y = 0; y < height; y += 1) {
        const source = (channel * height + y) * width;
        const place = (channel * high + y + pads[0]) * margin + pads[1];
        for (let x = 0; x < width; x += 1) padded[place + x] = from[source + x];
      }
      for (let n = 0; n < tiles; n += 1) {
        const top = channel * high + Math.floor(n / across) * OUT;
        into(padded, top * margin + (n % across) * OUT, margin, half, tile);
        const place = (n >> 2) * 4 * depth + channel * 4 + (n & 3);
        for (let k = 0; k < IN * IN; k += 1) right[k * wide * depth + place] = tile[k];
      }
    }
    for (let k = 0; k < IN * IN; k += 1) {
      const [a, b, c] = [k * tall * depth, k * wide * depth, k * tall * wide];
      multiply(left, right, answer, depth, channels, tiles, a, b, c);
    }
    for (let channel = 0; channel < channels; channel += 1) {
      for (let n = 0; n < tiles; n += 1) {
        back(answer, channel * wide + n, tall * wide, half, tile);
        const [y, x] = [Math.floor(n / across) * OUT, (n % across) * OUT];
        const [bottom, end] = [Math.min(OUT, rows - y), Math.min(OUT, columns - x)];
        for (let row = 0; row < bottom; row += 1) {
          const place = (channel * rows + y + row) * columns + x;
          for (let column = 0; column < end; column += 1) {
            to[place + column] = tile[row * OUT + column] + bias[channel];
          }
        }
      }
    }
  };
}

/**
 * The kernels as 36 tables for `multiply`, one behind the other.
 *
 * @param {Float32Array} weights
 * @param {number} channels
 * @param {number} depth
 * @returns {Float64Array}
 */
function kernels(weights, channels, depth) {
  const tall = Math.ceil(channels / 4) * 4;
  const found = new Float64Array(IN * IN * tall * depth);
  const table = new Float64Array(channels * depth);
  for (let k = 0; k < IN * IN; k += 1) {
    const [rows, columns] = [KERNEL[Math.floor(k / IN)], KERNEL[k % IN]];
    for (let pair = 0; pair < table.length; pair += 1) {
      let sum = 0;
      for (let n = 0; n < 9; n += 1) {
        sum += rows[Math.floor(n / 3)] * columns[n % 3] * weights[pair * 9 + n];
      }
      table[pair] = sum;
    }
    found.set(packed(table, channels, depth), k * tall * depth);
  }
  return found;
}

/**
 * A tile of the input, transformed: six rows, then six columns.
 *
 * @param {Float64Array} from
 * @param {number} place of the tile's corner
 * @param {number} margin from one row to the next
 * @param {Float64Array} half for what lies between
 * @param {Float64Array} tile the answer
 */
function into(from, place, margin, half, tile) {
  for (let n = 0; n < IN; n += 1) spread(from, place + n, margin, half, n, IN);
  for (let n = 0; n < IN; n += 1) spread(half, n * IN, 1, tile, n * IN, 1);
}

/**
 * @param {Float64Array} from
 * @param {number} place
 * @param {number} step
 * @param {Float64Array} to
 * @param {number} at
 * @param {number} next
 */
function spread(from, place, step, to, at, next) {
  const a = from[place];
  const b = from[place + step];
  const c = from[place + 2 * step];
  const d = from[place + 3 * step];
  const e = from[place + 4 * step];
  const f = from[place + 5 * step];
  to[at] = 4 * a - 5 * c + e;
  to[at + next] = d + e - 4 * (b + c);
  to[at + 2 * next] = e - d + 4 * (b - c);
  to[at + 3 * next] = e - c + 2 * (d - b);
  to[at + 4 * next] = e - c + 2 * (b - d);
  to[at + 5 * next] = 4 * b - 5 * d + f;
}

/**
 * From 36 products to a tile of the output.
 *
 * @param {Float64Array} from
 * @param {number} place of the first product
 * @param {number} step from one product to the next
 * @param {Float64Array} half for what lies between
 * @param {Float64Array} tile the answer, 4 x 4
 */
function back(from, place, step, half, tile) {
  for (let n = 0; n < IN; n += 1) gather(from, place + n * step, IN * step, half, n, IN);
  for (let n = 0; n < OUT; n += 1) gather(half, n * IN, 1, tile, n * OUT, 1);
}

/**
 * @param {Float64Array} from
 * @param {number} place
 * @param {number} step
 * @param {Float64Array} to
 * @param {number} at
 * @param {number} next
 */
function gather(from, place, step, to, at, next) {
  const a = from[place];
  const b = from[place + step];
  const c = from[place + 2 * step];
  const d = from[place + 3 * step];
  const e = from[place + 4 * step];
  const f = from[place + 5 * step];
  to[at] = a + b + c + d + e;
  to[at + next] = b - c + 2 * (d - e);
  to[at + 2 * next] = b + c + 4 * (d + e);
  to[at + 3 * next] = b - c + 8 * (d - e) + f;
}
