/**
 * A digit reader in an ONNX file, run here: 784 numbers in, ten logits out, and all that lies
 * between. It knows the shape of a digit reader; nothing of what the logits mean.
 *
 * @typedef {import("./onnx.js").Graph} Graph
 * @typedef {import("./onnx.js").Node} Node
 * @typedef {import("./slots.js").Slot} Slot
 *
 * @typedef {object} Outcome
 * @property {Float32Array} logits  ten; the caller's own
 * @property {Map<string, Slot>} activations  by the name of the value, in the order in which they
 *   are made, the image first; they are the network's own and change with its next run
 */

import { fetched } from "./file.js";
import { parse } from "./onnx.js";
import { BROKEN, Program, asked } from "./program.js";
import { ModelError } from "./protobuf.js";

const WORDS = {
  shape: "The model is no reader of single digits: use one of those shipped.",
  image: (/** @type {number} */ size) =>
    `An image of a digit is 784 numbers; this one has ${size}.`,
};

/** Numbers in an image. */
const SIZE = 28 * 28;

/** A graph with all its memory, ready to run. */
export class Network {
  /** @type {Graph} */ #graph;
  /** @type {Program} */ #program;

  /**
   * @param {Uint8Array} bytes of an ONNX file
   * @throws {ModelError} it cannot be run, or is no digit reader
   */
  constructor(bytes) {
    this.#graph = parse(bytes);
    if (String(asked(this.#graph).shape) !== "0,28,28,1") throw new ModelError(WORDS.shape);
    this.#program = new Program(this.#graph, [1, 28, 28, 1]);
    if (String(this.#program.output.shape) !== "1,10") throw new ModelError(WORDS.shape);
    const probe = this.run(new Float32Array(SIZE).fill(0.5)).logits;
    if (!probe.every(Number.isFinite)) throw new ModelError(BROKEN);
  }

  /**
   * @param {string | URL} url of an ONNX file
   * @param {string} [sha256] that it must have, in hex; asked for only where the browser can tell
   * @returns {Promise<Network>}
   * @throws {ModelError} it cannot be fetched or run
   */
  static async load(url, sha256) {
    return new Network(await fetched(url, sha256));
  }

  /** @returns {Map<string, string>} what the model says about itself */
  get metadata() {
    return this.#graph.metadata;
  }

  /** @returns {Node[]} in the order in which they run */
  get nodes() {
    return this.#graph.nodes;
  }

  /**
   * @param {string} name
   * @returns {Slot | undefined} the value of that name, weights among them
   */
  value(name) {
    return this.#program.value(name);
  }

  /**
   * @param {ArrayLike<number>} image 784 numbers in [0, 1], row by row, ink high
   * @returns {Outcome}
   */
  run(image) {
    if (image.length !== SIZE) throw new RangeError(WORDS.image(image.length));
    this.#program.input.data.set(image);
    this.#program.run();
    return {
      logits: Float32Array.from(this.#program.output.data),
      activations: new Map(this.#program.activations),
    };
  }
}
