/**
 * What each operator of a graph does to one image: a node and the shapes of what goes in -> the
 * shape of what comes out, and a function that fills it. All memory is taken once. It knows ONNX's
 * operators, nothing of digits.
 *
 * @typedef {import("./onnx.js").Node} Node
 *
 * @typedef {object} Slot  a value between two operators; its numbers change with each run
 * @property {number[]} shape
 * @property {Float32Array | Int32Array} data
 *
 * @typedef {object} Step
 * @property {Slot} output
 * @property {() => void} run
 */

import { convolution } from "./convolution.js";
import { ModelError } from "./protobuf.js";

const WORDS = {
  unknown: (/** @type {string} */ name) =>
    `The model needs the operator ${name}, which this page cannot run: use one of those shipped.`,
  option: (/** @type {string} */ name) =>
    `The model uses ${name} in a way that this page cannot run: use one of those shipped.`,
};

/** @type {Record<string, (a: number, b: number) => number>} */
const PAIRS = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** @type {Record<string, (a: number) => number>} */
const SINGLES = {
  Relu: (a) => (a > 0 ? a : 0),
  Softsign: (a) => a / (1 + Math.abs(a)),
};

/** @type {Record<string, (node: Node, inputs: Slot[]) => Step>} */
const OTHERS = {
  Cast: same,
  Conv: convolve,
  GlobalAveragePool: (_, [input]) => whole(input, mean),
  GlobalMaxPool: (_, [input]) => whole(input, greatest),
  Identity: same,
  MatMul: product,
  MaxPool: pool,
  Mean: average,
  Reshape: reshape,
  Squeeze: squeeze,
};

/**
 * @param {Node} node
 * @param {Slot[]} inputs
 * @returns {Step}
 * @throws {ModelError} the operator, or a way to use it, is not known
 */
export function prepare(node, inputs) {
  const name = node.operator;
  if (Object.hasOwn(PAIRS, name)) return pairwise(PAIRS[name], inputs[0], inputs[1]);
  if (Object.hasOwn(SINGLES, name)) return single(SINGLES[name], inputs[0]);
  if (Object.hasOwn(OTHERS, name)) return OTHERS[name](node, inputs);
  throw new ModelError(WORDS.unknown(name));
}

/**
 * @param {number[]} shape
 * @returns {{shape: number[], data: Float32Array}}
 */
function empty(shape) {
  return { shape, data: new Float32Array(count(shape)) };
}

/**
 * @param {number[]} shape
 * @returns {number}
 */
function count(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * @param {Node} node
 * @param {string} name
 * @param {number[]} otherwise
 * @returns {number[]}
 */
function list(node, name, otherwise) {
  const found = node.attributes.get(name);
  return Array.isArray(found) ? found : otherwise;
}

/**
 * @param {(a: number, b: number) => number} operation
 * @param {Slot} left
 * @param {Slot} right
 * @returns {Step}
 */
function pairwise(operation, left, right) {
  const rank = Math.max(left.shape.length, right.shape.length);
  const sides = [left, right].map(({ shape }) => [...Array(rank - shape.length).fill(1), ...shape]);
  const shape = sides[0].map((side, n) => (side === 1 ? sides[1][n] : side));
  const output = empty(shape);
  const [a, b] = sides.map((own) => spread(own, shape));
  const run = () => {
    const [x, y, to] = [left.data, right.data, output.data];
    for (let n = 0; n < to.length; n += 1) to[n] = operation(x[a[n]], y[b[n]]);
  };
  return { output, run };
}

/**
 * Which number of a smaller value stands at each place of a larger one.
 *
 * @param {number[]} own
 * @param {number[]} shape
 * @returns {Int32Array}
 */
function spread(own, shape) {
  if (own.some((side, n) => side !== 1 && side !== shape[n])) {
    throw new ModelError(WORDS.option("shapes"));
  }
  const found = new Int32Array(count(shape));
  for (let place = 0; place < found.length; place += 1) {
    let [rest, step] = [place, 1];
    for (let n = shape.length - 1; n >= 0; n -= 1) {
      if (own[n] !== 1) found[place] += (rest % shape[n]) * step;
      step *= own[n];
      rest = Math.floor(rest / shape[n]);
    }
  }
  return found;
}

/**
 * @param {(a: number) => number} operation
 * @param {Slot} input
 * @returns {Step}
 */
function single(operation, input) {
  const output = empty(input.shape);
  const run = () => {
    const [from, to] = [input.data, output.data];
    for (let n = 0; n < to.length; n += 1) to[n] = operation(from[n]);
  };
  return { output, run };
}

/**
 * The same numbers in the same memory, in another shape or none.
 *
 * @param {Node} _
 * @param {Slot[]} inputs
 * @param {number[]} [shape]
 * @returns {Step}
 */
function same(_, [input], shape = input.shape) {
  return { output: { shape, data: input.data }, run: () => {} };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function reshape(node, inputs) {
  const [input, wanted] = inputs;
  const shape = Array.from(wanted.data, (side, n) => (side === 0 ? input.shape[n] : side));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = -count(input.shape) / count(shape);
  if (count(shape) !== count(input.shape)) throw new ModelError(WORDS.option("Reshape"));
  return same(node, inputs, shape);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function squeeze(node, inputs) {
  const [input, axes] = inputs;
  const rank = input.shape.length;
  const gone = axes === undefined ? null : Array.from(axes.data, (axis) => (axis + rank) % rank);
  const shape = input.shape.filter((side, n) => (gone === null ? side !== 1 : !gone.includes(n)));
  if (count(shape) !== count(input.shape)) throw new ModelError(WORDS.option("Squeeze"));
  return same(node, inputs, shape);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function average(_, inputs) {
  if (inputs.some(({ shape }) => String(shape) !== String(inputs[0].shape))) {
    throw new ModelError(WORDS.option("Mean"));
  }
  const output = empty(inputs[0].shape);
  const run = () => {
    for (let n = 0; n < output.data.length; n += 1) {
      let sum = 0;
      for (const { data } of inputs) sum += data[n];
      output.data[n] = sum / inputs.length;
    }
  };
  return { output, run };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function product(_, [left, right]) {
  const [rows, depth] = left.shape;
  const [deep, columns] = right.shape;
  const flat = left.shape.length === 2 && right.shape.length === 2;
  if (!flat || depth !== deep) throw new ModelError(WORDS.option("MatMul"));
  const output = empty([rows, columns]);
  const sums = new Float64Array(columns);
  const run = () => {
    for (let row = 0; row < rows; row += 1) {
      sums.fill(0);
      for (let n = 0; n < depth; n += 1) {
        const value = left.data[row * depth + n];
        for (let k = 0; k < columns; k += 1) sums[k] += value * right.data[n * columns + k];
      }
      output.data.set(sums, row * columns);
    }
  };
  return { output, run };
}

/**
 * Rows and columns of what a window leaves, with the node's options, which must be plain.
 *
 * @param {Node} node
 * @param {number[]} shape
 * @param {number[]} kernel
 */
function windowed(node, shape, kernel) {
  const strides = list(node, "strides", [1, 1]);
  const pads = list(node, "pads", [0, 0, 0, 0]);
  const plain = list(node, "dilations", [1, 1]).every((step) => step === 1);
  const known = plain && !node.attributes.get("ceil_mode") && !node.attributes.has("auto_pad");
  if (!known || shape.length !== 4 || shape[0] !== 1) throw new ModelError(WORDS.option(node.operator));
  const output = [0, 1].map(
    (n) => Math.floor((shape[2 + n] + pads[n] + pads[2 + n] - kernel[n]) / strides[n]) + 1,
  );
  return { strides, pads, output };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function convolve(node, [input, weights, bias]) {
  const kernel = weights.shape.slice(2);
  const { strides, pads, output: sides } = windowed(node, input.shape, kernel);
  const output = empty([1, weights.shape[0], ...sides]);
  const group = Number(node.attributes.get("group") ?? 1);
  const [taken, given] = [input.shape.slice(1), output.shape.slice(1)];
  if (weights.shape[1] * group !== taken[0]) throw new ModelError(WORDS.option("Conv"));
  const shape = { input: taken, output: given, kernel, strides, pads, group };
  const floats = [weights, bias].map((it) => (it ? Float32Array.from(it.data) : null));
  const run = convolution(shape, /** @type {Float32Array} */ (floats[0]), floats[1]);
  return { output, run: () => run(/** @type {Float32Array} */ (input.data), output.data) };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function pool(node, [input]) {
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
function whole(input, summary) {
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
function mean(numbers, from, to) {
  let sum = 0;
  for (let n = from; n < to; n += 1) sum += numbers[n];
  return sum / (to - from);
}

/** @type {(numbers: ArrayLike<number>, from: number, to: number) => number} */
function greatest(numbers, from, to) {
  let most = -Infinity;
  for (let n = from; n < to; n += 1) most = Math.max(most, numbers[n]);
  return most;
}
