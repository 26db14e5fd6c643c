/**
 * Convolutions of one image, made ready once and run many times without new memory: weights are
 * packed as the inner loop reads them. 3 x 3 kernels of one step go to winograd.js. It knows
 * numbers in rows, nothing of the model they belong to.
 *
 * @typedef {object} Geometry
 * @property {number[]} input  channels, height and width
 * @property {number[]} output  channels, height and width
 * @property {number[]} kernel  height and width
 * @property {number[]} strides
 * @property {number[]} pads  top and left
 * @property {number} group
 *
 * @typedef {(input: Float32Array, output: Float32Array) => void} Run
 */

import { multiply, packed, remembered } from "./product.js";
import { winograd } from "./winograd.js";

/**
 * @param {Geometry} shape
 * @param {Float32Array} weights (channels out, channels in / group, kernel height, kernel width)
 * @param {Float32Array | null} bias one a channel
 * @returns {Run}
 */
export function convolution(shape, weights, bias) {
  const added = bias ?? new Float32Array(shape.output[0]);
  if (shape.group > 1) return grouped(shape, weights, added);
  const three = shape.kernel.every((side) => side === 3);
  const step = shape.strides.every((stride) => stride === 1);
  if (three && step) return winograd(shape, weights, added);
  return dense(shape, weights, added);
}

/**
 * By the product of the weights with a table of patches, one column a place.
 *
 * @param {Geometry} shape
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @returns {Run}
 */
function dense(shape, weights, bias) {
  const [channels, rows, columns] = shape.output;
  const size = rows * columns;
  const depth = weights.length / channels;
  const left = remembered(weights, () => packed(weights, channels, depth));
  const sources = places(shape);
  const padded = new Float64Array(shape.input[0] * shape.input[1] * shape.input[2] + 1);
  const panels = Math.ceil(size / 4);
  const right = new Float64Array(panels * 4 * depth);
  const answer = new Float64Array(Math.ceil(channels / 4) * 4 * panels * 4);
  return (input, output) => {
    padded.set(input);
    for (let n = 0; n < right.length; n += 1) right[n] = padded[sources[n]];
    multiply(left, right, answer, depth, channels, size, 0, 0, 0);
    for (let channel = 0; channel < channels; channel += 1) {
      const from = channel * panels * 4;
      const to = channel * size;
      for (let n = 0; n < size; n += 1) output[to + n] = answer[from + n] + bias[channel];
    }
  };
}

/**
 * Where each number of the table of patches is taken from; one behind the input's end stands for
 * the padding.
 *
 * @param {Geometry} shape
 * @returns {Int32Array} in panels of four places, as the product reads them
 */
function places({ input, output, kernel, strides, pads }) {
  const [channels, height, width] = input;
  const [, rows, columns] = output;
  const depth = channels * kernel[0] * kernel[1];
  const found = new Int32Array(Math.ceil((rows * columns) / 4) * 4 * depth);
  found.fill(channels * height * width);
  for (let place = 0; place < rows * columns; place += 1) {
    const top = Math.floor(place / columns) * strides[0] - pads[0];
    const left = (place % columns) * strides[1] - pads[1];
    for (let n = 0; n < depth; n += 1) {
      const channel = Math.floor(n / (kernel[0] * kernel[1]));
      const y = top + (Math.floor(n / kernel[1]) % kernel[0]);
      const x = left + (n % kernel[1]);
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      const at = Math.floor(place / 4) * 4 * depth + n * 4 + (place % 4);
      found[at] = (channel * height + y) * width + x;
    }
  }
  return found;
}

/**
 * Each group of channels on its own, kernel row by kernel row.
 *
 * @param {Geometry} shape
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @returns {Run}
 */
function grouped({ input, output, kernel, strides, pads, group }, weights, bias) {
  const [, height, width] = input;
  const [channels, rows, columns] = output;
  const [taken, given] = [input[0] / group, channels / group];
  return (from, to) => {
    for (let channel = 0; channel < channels; channel += 1) {
      const first = Math.floor(channel / given) * taken;
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          const [top, left] = [row * strides[0] - pads[0], column * strides[1] - pads[1]];
          const [low, high] = [Math.max(0, -left), Math.min(kernel[1], width - left)];
          let sum = bias[channel];
          for (let inner = 0; inner < taken; inner += 1) {
            for (let y = Math.max(0, -top); y < Math.min(kernel[0], height - top); y += 1) {
              const source = ((first + inner) * height + top + y) * width + left;
              const weight = ((channel * taken + inner) * kernel[0] + y) * kernel[1];
              for (let x = low; x < high; x += 1) sum += from[source + x] * weights[weight + x];
            }
          }
          to[(channel * rows + row) * columns + column] = sum;
        }
      }
    }
  };
}
