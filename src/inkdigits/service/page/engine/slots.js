/**
 * The memory between operators: what a value is, and how it is made.
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

import { ModelError } from "./protobuf.js";

const WORDS = {
  option: (/** @type {string} */ name) =>
    `The model uses ${name} in a way that this page cannot run: use one of those shipped.`,
};

/**
 * @param {number[]} shape
 * @returns {{shape: number[], data: Float32Array}}
 */
export function empty(shape) {
  return { shape, data: new Float32Array(count(shape)) };
}

/**
 * @param {number[]} shape
 * @returns {number}
 */
export function count(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * @param {Node} node
 * @param {string} name
 * @param {number[]} otherwise
 * @returns {number[]}
 */
export function list(node, name, otherwise) {
  const found = node.attributes.get(name);
  return Array.isArray(found) ? found : otherwise;
}

/**
 * @param {string} name of an operator
 * @returns {ModelError} to throw where it is used in a way that is not known
 */
export function refused(name) {
  return new ModelError(WORDS.option(name));
}
