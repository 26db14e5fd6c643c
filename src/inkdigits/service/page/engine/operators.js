/**
 * What each operator of a graph does to one image: a node and the shapes of what goes in -> the
 * shape of what comes out, and a function that fills it. All memory is taken once. It knows ONNX's
 * operators, nothing of digits.
 *
 * @typedef {import("./onnx.js").Node} Node
 * @typedef {import("./slots.js").Slot} Slot
 * @typedef {import("./slots.js").Step} Step
 */

import { ModelError } from "./protobuf.js";
import { concat, gather, sides, slice } from "./shapes.js";
import { count, empty, list, refused } from "./slots.js";
import { convolve, greatest, mean, pool, whole } from "./windows.js";

const WORDS = {
  unknown: (/** @type {string} */ name) =>
    `The model needs the operator ${name}, which this page cannot run: use one of those shipped.`,
};

/** Numbers of onnx.proto for kinds of numbers. */
const [FLOAT, INT32, INT64] = [1, 6, 7];

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
  Cast: cast,
  Concat: concat,
  Conv: convolve,
  Gather: gather,
  GlobalAveragePool: (_, [input]) => whole(input, mean),
  GlobalMaxPool: (_, [input]) => whole(input, greatest),
  Identity: same,
  MatMul: product,
  MaxPool: pool,
  Mean: average,
  Reshape: reshape,
  Shape: sides,
  Slice: slice,
  Squeeze: squeeze,
  Transpose: transpose,
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
    throw refused("shapes");
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
function cast(node, inputs) {
  const kinds = inputs[0].data instanceof Int32Array ? [INT32, INT64] : [FLOAT];
  // all numbers are float32 here, and those of shapes whole
  if (!kinds.includes(Number(node.attributes.get("to")))) throw refused("Cast");
  return same(node, inputs);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function reshape(node, inputs) {
  const [input, wanted] = inputs;
  const shape = Array.from(wanted.data, (side, n) => (side === 0 ? input.shape[n] : side));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = -count(input.shape) / count(shape);
  if (count(shape) !== count(input.shape)) throw refused("Reshape");
  return same(node, inputs, shape);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function squeeze(node, inputs) {
  const [input, axes] = inputs;
  const rank = input.shape.length;
  const gone = axes === undefined ? null : Array.from(axes.data, (axis) => (axis + rank) % rank);
  const shape = input.shape.filter((side, n) => (gone === null ? side !== 1 : !gone.includes(n)));
  if (count(shape) !== count(input.shape)) throw refused("Squeeze");
  return same(node, inputs, shape);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function transpose(node, [input]) {
  const { shape, data } = input;
  const order = list(node, "perm", shape.map((_, n) => shape.length - 1 - n));
  const steps = shape.map((_, n) => count(shape.slice(n + 1)));
  const output = empty(order.map((n) => shape[n]));
  const from = new Int32Array(output.data.length);
  for (let place = 0; place < from.length; place += 1) {
    let rest = place;
    for (let n = order.length - 1; n >= 0; n -= 1) {
      from[place] += (rest % output.shape[n]) * steps[order[n]];
      rest = Math.floor(rest / output.shape[n]);
    }
  }
  const run = () => {
    for (let n = 0; n < from.length; n += 1) output.data[n] = data[from[n]];
  };
  return { output, run };
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
function average(_, inputs) {
  if (inputs.some(({ shape }) => String(shape) !== String(inputs[0].shape))) {
    throw refused("Mean");
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
  if (!flat || depth !== deep) throw refused("MatMul");
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
