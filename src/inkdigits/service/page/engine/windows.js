/**
 * The operators that look at an image through a window, or at all of it at once. It knows their
 * options; convolution.js has the arithmetic.
 *
 * @typedef {import("./onnx.js").Node} Node
 * @typedef {import("./slots.js").Slot} Slot
 * @typedef {import("./slots.js").Step} Step
 */

import { convolution } from "./convolution.js";
import { count, empty, list, refused } from "./slots.js";

/**
 * Rows and columns of what a window leaves, with the node's options, which must be plain.
 *
 * @param {Node} node
 * @param {number[]} shape
 * @param {number[]} kernel
 */
function windowed(node, shape, kernel) {
  const strides = list(node, "strides", [1, 1]);
  const pads = padding(node, shape, kernel, strides);
  const plain = list(node, "dilations", [1, 1]).every((step) => step === 1);
  const single = shape.length === 4 && shape[0] === 1;
  if (!plain || !single || node.attributes.get("ceil_mode")) throw refused(node.operator);
  const output = [0, 1].map(
    (n) => Math.floor((shape[2 + n] + pads[n] + pads[2 + n] - kernel[n]) / strides[n]) + 1,
  );
  return { strides, pads, output };
}

/**
 * @param {Node} node
 * @param {number[]} shape
 * @param {number[]} kernel
 * @param {number[]} strides
 * @returns {number[]} zeros above, to the left, below and to the right
 */
function padding(node, shape, kernel, strides) {
  const how = node.attributes.get("auto_pad") ?? "NOTSET";
  if (how === "NOTSET") return list(node, "pads", [0, 0, 0, 0]);
  if (how !== "SAME_UPPER") throw refused(node.operator);
  const whole = [0, 1].map((n) => {
    const covered = (Math.ceil(shape[2 + n] / strides[n]) - 1) * strides[n] + kernel[n];
    return Math.max(0, covered - shape[2 + n]);
  });
  const before = whole.map((zeros) => zeros >> 1); // an odd one goes behind
  return [...before, whole[0] - before[0], whole[1] - before[1]];
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function convolve(node, [input, weights, bias]) {
  const kernel = weights.shape.slice(2);
  const { strides, pads, output: sides } = windowed(node, input.shape, kernel);
  const output = empty([1, weights.shape[0], ...sides]);
  const group = Number(node.attributes.get("group") ?? 1);
  const [taken, given] = [input.shape.slice(1), output.shape.slice(1)];
  if (weights.shape[1] * group !== taken[0]) throw refused("Conv");
  const shape = { input: taken, output: given, kernel, strides, pads, group };
  const [kernels, added] = [weights, bias].map((it) => (it ? floats(it.data) : null));
  const run = convolution(shape, /** @type {Float32Array} */ (kernels), added);
  return { output, run: () => run(/** @type {Float32Array} */ (input.data), output.data) };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function pool(node, [input]) {
  const [, channels, height, width] = input.shape;
  const kernel = list(node, "kernel_shape", [1, 1]);
  const { strides, pads, output: [rows, columns] } = windowed(node, input.shape, kernel);
  const output = empty([1, channels, rows, columns]);
  const run = () => {
    let place = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let row = 0; row < rows; row += 1) {
        const first = row * strides[0] - pads[0];
        const [top, bottom] = [Math.max(0, first), Math.min(height, first + kernel[0])];
        for (let column = 0; column < columns; column += 1) {
          const start = column * strides[1] - pads[1];
          const [left, right] = [Math.max(0, start), Math.min(width, start + kernel[1])];
          let most = -Infinity;
          for (let y = top; y < bottom; y += 1) {
            const line = (channel * height + y) * width;
            for (let x = left; x < right; x += 1) most = Math.max(most, input.data[line + x]);
          }
          output.data[place] = most;
          place += 1;
        }
      }
    }
  };
  return { output, run };
}

/**
 * One number a channel.
 *
 * @param {Slot} input
 * @param {(numbers: ArrayLike<number>, from: number, to: number) => number} summary
 * @returns {Step}
 */
export function whole(input, summary) {
  const [one, channels, ...sides] = input.shape;
  const size = count(sides);
  const output = empty([one, channels, ...sides.map(() => 1)]);
  const run = () => {
    for (let n = 0; n < one * channels; n += 1) {
      output.data[n] = summary(input.data, n * size, (n + 1) * size);
    }
  };
  return { output, run };
}

/** @type {(numbers: ArrayLike<number>, from: number, to: number) => number} */
export function mean(numbers, from, to) {
  let sum = 0;
  for (let n = from; n < to; n += 1) sum += numbers[n];
  return sum / (to - from);
}

/** @type {(numbers: ArrayLike<number>, from: number, to: number) => number} */
export function greatest(numbers, from, to) {
  let most = -Infinity;
  for (let n = from; n < to; n += 1) most = Math.max(most, numbers[n]);
  return most;
}

/**
 * @param {Slot["data"]} data
 * @returns {Float32Array} itself where it can be
 */
function floats(data) {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
