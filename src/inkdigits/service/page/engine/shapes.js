/**
 * Arithmetic on shapes, as exported graphs have it: a value's sides taken, picked and joined. They
 * are known as soon as the input's shape is, so all of it is done once. It knows ONNX's operators,
 * nothing of pictures.
 *
 * @typedef {import("./onnx.js").Node} Node
 * @typedef {import("./slots.js").Slot} Slot
 * @typedef {import("./slots.js").Step} Step
 */

import { refused } from "./slots.js";

/**
 * @param {ArrayLike<number>} numbers a few whole numbers
 * @returns {Step}
 */
function known(numbers) {
  return { output: { shape: [numbers.length], data: Int32Array.from(numbers) }, run: () => {} };
}

/**
 * @param {Node} node
 * @param {Slot[]} inputs
 * @returns {Int32Array[]} each of one row of whole numbers
 */
function rows({ operator }, inputs) {
  return inputs.map(({ shape, data }) => {
    if (!(data instanceof Int32Array) || shape.length > 1) throw refused(operator);
    return data;
  });
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function sides(node, [input]) {
  if (node.attributes.size > 0) throw refused("Shape");
  return known(input.shape);
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function gather(node, inputs) {
  const [from, places] = rows(node, inputs);
  const single = inputs[1].shape.length === 1 && Number(node.attributes.get("axis") ?? 0) === 0;
  if (!single) throw refused("Gather");
  return known(places.map((place) => from[place < 0 ? place + from.length : place]));
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function slice(node, inputs) {
  const [from, starts, ends, axes, steps] = rows(node, inputs);
  const plain = starts.length === 1 && (axes?.[0] ?? 0) === 0 && (steps?.[0] ?? 1) === 1;
  if (!plain) throw refused("Slice");
  return known(from.slice(starts[0], ends[0]));
}

/** @type {(node: Node, inputs: Slot[]) => Step} */
export function concat(node, inputs) {
  if (Number(node.attributes.get("axis")) !== 0) throw refused("Concat");
  return known(rows(node, inputs).flatMap((row) => Array.from(row)));
}
