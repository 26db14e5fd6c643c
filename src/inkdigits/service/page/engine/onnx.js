/**
 * The bytes of an ONNX file -> its graph: nodes, attributes, initialisers and metadata. It
 * does not know how the bytes are laid out, nor what an operator does.
 *
 * The fields and their numbers are those of onnx.proto.
 *
 * @typedef {object} Tensor
 * @property {number[]} shape
 * @property {Float32Array | Int32Array} data  floats, or the whole numbers of a shape
 *
 * @typedef {number | number[] | string} Attribute
 *
 * @typedef {object} Node
 * @property {string} name
 * @property {string} operator
 * @property {string[]} inputs
 * @property {string[]} outputs
 * @property {Map<string, Attribute>} attributes
 *
 * @typedef {object} Value
 * @property {string} name
 * @property {number[]} shape  0 where a side may vary
 *
 * @typedef {object} Graph
 * @property {Node[]} nodes  in the order in which they run
 * @property {Map<string, Tensor>} initialisers
 * @property {Value[]} inputs
 * @property {Value[]} outputs
 * @property {Map<string, string>} metadata
 */

import { DAMAGED, ModelError, NOTHING, fields, part, text, whole } from "./protobuf.js";

const WORDS = {
  outside: "The model keeps its weights in another file: save it as one file.",
  kind: (/** @type {number} */ kind) =>
    `The model holds numbers of kind ${kind}: export it with float32 or float16 weights.`,
};

/** Numbers of onnx.proto for kinds of numbers. */
const [FLOAT, INT32, INT64, FLOAT16] = [1, 6, 7, 10];

/**
 * @param {Uint8Array} bytes of a whole file
 * @returns {Graph}
 * @throws {ModelError} they are no model that this module can read
 */
export function parse(bytes) {
  /** @type {Map<string, string>} */
  const metadata = new Map();
  /** @type {Graph | null} */
  let graph = null;
  try {
    for (const [field, value] of fields(bytes)) {
      if (field === 7) graph = readGraph(part(value), metadata);
      if (field === 14) {
        const entry = new Map(fields(part(value)));
        metadata.set(text(entry.get(1) ?? NOTHING), text(entry.get(2) ?? NOTHING));
      }
    }
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(DAMAGED);
  }
  const whole = graph !== null && graph.nodes.length > 0 && graph.outputs.length > 0;
  if (graph === null || !whole) throw new ModelError(DAMAGED);
  return graph;
}

/**
 * @param {Uint8Array} bytes
 * @param {Map<string, string>} metadata
 * @returns {Graph}
 */
function readGraph(bytes, metadata) {
  /** @type {Graph} */
  const graph = { nodes: [], initialisers: new Map(), inputs: [], outputs: [], metadata };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) graph.nodes.push(readNode(part(value)));
    if (field === 5) graph.initialisers.set(...readTensor(part(value)));
    if (field === 11) graph.inputs.push(readValue(part(value)));
    if (field === 12) graph.outputs.push(readValue(part(value)));
  }
  return graph;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Node}
 */
function readNode(bytes) {
  /** @type {Node} */
  const node = { name: "", operator: "", inputs: [], outputs: [], attributes: new Map() };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) node.inputs.push(text(value));
    if (field === 2) node.outputs.push(text(value));
    if (field === 3) node.name = text(value);
    if (field === 4) node.operator = text(value);
    if (field === 5) node.attributes.set(...readAttribute(part(value)));
  }
  return node;
}

/**
 * Numbers and texts are kept: no operator that is known here needs more.
 *
 * @param {Uint8Array} bytes
 * @returns {[string, Attribute]}
 */
function readAttribute(bytes) {
  let name = "";
  /** @type {Attribute} */
  let found = [];
  for (const [field, value] of fields(bytes)) {
    if (field === 1) name = text(value);
    if (field === 2) found = floats(part(value))[0];
    if (field === 3) found = whole(value)[0];
    if (field === 4) found = text(value);
    if (field === 8 && Array.isArray(found)) found.push(...whole(value));
  }
  return [name, found];
}

/**
 * @param {Uint8Array} bytes
 * @returns {Value}
 */
function readValue(bytes) {
  const value = new Map(fields(bytes));
  const type = new Map(fields(part(value.get(2) ?? NOTHING)));
  const tensor = new Map(fields(part(type.get(1) ?? NOTHING)));
  const shape = [];
  for (const [field, side] of fields(part(tensor.get(2) ?? NOTHING))) {
    if (field === 1) shape.push(Number(new Map(fields(part(side))).get(1) ?? 0));
  }
  return { name: text(value.get(1) ?? NOTHING), shape };
}

/**
 * @param {Uint8Array} bytes
 * @returns {[string, Tensor]}
 */
function readTensor(bytes) {
  let [name, kind] = ["", 0];
  /** @type {number[]} */
  const shape = [];
  /** @type {number[]} */
  const listed = [];
  /** @type {Uint8Array} */
  let raw = NOTHING;
  for (const [field, value] of fields(bytes)) {
    if (field === 1) shape.push(...whole(value));
    if (field === 2) kind = whole(value)[0];
    if (field === 4) for (const number of floats(part(value))) listed.push(number);
    if (field === 5 || field === 7) for (const number of whole(value)) listed.push(number);
    if (field === 8) name = text(value);
    if (field === 9) raw = part(value);
    if (field === 13) throw new ModelError(WORDS.outside);
  }
  const data = raw.length > 0 ? numbers(raw, kind) : plain(listed, kind);
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size) throw new ModelError(DAMAGED);
  return [name, { shape, data }];
}

/**
 * @param {Uint8Array} raw
 * @param {number} kind
 * @returns {Float32Array | Int32Array}
 */
function numbers(raw, kind) {
  if (kind === FLOAT) return floats(raw);
  const own = raw.slice().buffer; // typed arrays must lie on whole numbers of bytes
  if (kind === FLOAT16) return Float32Array.from(new Uint16Array(own), half);
  if (kind === INT32) return new Int32Array(own);
  if (kind === INT64) return Int32Array.from(new BigInt64Array(own), Number);
  throw new ModelError(WORDS.kind(kind));
}

/**
 * @param {number[]} listed
 * @param {number} kind
 * @returns {Float32Array | Int32Array}
 */
function plain(listed, kind) {
  if (kind === FLOAT) return Float32Array.from(listed);
  if (kind === FLOAT16) return Float32Array.from(listed, half);
  if (kind === INT32 || kind === INT64) return Int32Array.from(listed);
  throw new ModelError(WORDS.kind(kind));
}

/**
 * @param {Uint8Array} bytes
 * @returns {Float32Array}
 */
function floats(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

/**
 * @param {number} bits of a float of 16 bits
 * @returns {number}
 */
function half(bits) {
  const [power, rest] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (power === 0) return sign * rest * 2 ** -24;
  if (power === 31) return rest === 0 ? sign * Infinity : NaN;
  return sign * (1 + rest / 1024) * 2 ** (power - 15);
}
