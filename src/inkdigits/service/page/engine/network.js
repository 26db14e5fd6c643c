/**
 * A digit reader in an ONNX file, run here: 784 numbers in, ten logits out, and all that lies
 * between. It knows graphs and memory; nothing of what the logits mean.
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

import { parse } from "./onnx.js";
import { prepare } from "./operators.js";
import { ModelError } from "./protobuf.js";

const WORDS = {
  unreachable: "The model could not be fetched: look at the connection, then try again.",
  missing: (/** @type {number} */ status) =>
    `The model could not be fetched: the server answered ${status}.`,
  changed: "The model is not the file that was expected: fetch it again.",
  shape: "The model is no reader of single digits: use one of those shipped.",
  broken: "The model is damaged: its numbers do not fit together. Fetch it again.",
  image: (/** @type {number} */ size) =>
    `An image of a digit is 784 numbers; this one has ${size}.`,
};

/** Numbers in an image. */
const SIZE = 28 * 28;

/** A graph with all its memory, ready to run. */
export class Network {
  /** @type {Graph} */ #graph;
  /** @type {Map<string, Slot>} */ #slots = new Map();
  /** @type {(() => void)[]} */ #steps = [];
  /** @type {Map<string, Slot>} */ #activations = new Map();
  /** @type {Slot} */ #image;
  /** @type {Slot} */ #logits;

  /**
   * @param {Uint8Array} bytes of an ONNX file
   * @throws {ModelError} it cannot be run, or is no digit reader
   */
  constructor(bytes) {
    this.#graph = parse(bytes);
    const { initialisers, outputs } = this.#graph;
    const inputs = this.#graph.inputs.filter(({ name }) => !initialisers.has(name));
    const fits = inputs.length === 1 && String(inputs[0].shape) === "0,28,28,1";
    if (!fits || outputs.length !== 1) throw new ModelError(WORDS.shape);
    for (const [name, tensor] of initialisers) this.#slots.set(name, tensor);
    this.#image = { shape: [1, 28, 28, 1], data: new Float32Array(SIZE) };
    this.#slots.set(inputs[0].name, this.#image);
    this.#activations.set(inputs[0].name, this.#image);
    try {
      this.#build();
    } catch (error) {
      throw error instanceof ModelError ? error : new ModelError(WORDS.broken);
    }
    const logits = this.#slots.get(outputs[0].name);
    if (String(logits?.shape) !== "1,10") throw new ModelError(WORDS.shape);
    this.#logits = /** @type {Slot} */ (logits);
    const probe = this.run(new Float32Array(SIZE).fill(0.5)).logits;
    if (!probe.every(Number.isFinite)) throw new ModelError(WORDS.broken);
  }

  /**
   * @param {string | URL} url of an ONNX file
   * @param {string} [sha256] that it must have, in hex; asked for only where the browser can tell
   * @returns {Promise<Network>}
   * @throws {ModelError} it cannot be fetched or run
   */
  static async load(url, sha256) {
    /** @type {Response} */
    let response;
    /** @type {Uint8Array<ArrayBuffer>} */
    let bytes;
    try {
      response = await fetch(url);
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new ModelError(WORDS.unreachable);
    }
    if (!response.ok) throw new ModelError(WORDS.missing(response.status));
    if (sha256 && globalThis.crypto?.subtle !== undefined) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (found !== sha256) throw new ModelError(WORDS.changed);
    }
    return new Network(bytes);
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
    return this.#slots.get(name);
  }

  /**
   * @param {ArrayLike<number>} image 784 numbers in [0, 1], row by row, ink high
   * @returns {Outcome}
   */
  run(image) {
    if (image.length !== SIZE) throw new RangeError(WORDS.image(image.length));
    this.#image.data.set(image);
    for (const step of this.#steps) step();
    return {
      logits: Float32Array.from(this.#logits.data),
      activations: new Map(this.#activations),
    };
  }

  /** Makes each node ready; what depends on weights alone is done once, here. */
  #build() {
    const fixed = new Set(this.#graph.initialisers.keys());
    for (const node of this.#graph.nodes) {
      const inputs = node.inputs.filter((name) => name !== "").map((name) => this.#slots.get(name));
      if (inputs.length === 0 || inputs.includes(undefined)) throw new ModelError(WORDS.broken);
      const known = /** @type {Slot[]} */ (inputs);
      const { output, run } = prepare(node, known);
      this.#slots.set(node.outputs[0], output);
      if (node.inputs.every((name) => fixed.has(name))) {
        fixed.add(node.outputs[0]);
        run();
      } else {
        this.#steps.push(run);
        this.#activations.set(node.outputs[0], output);
      }
    }
  }
}
