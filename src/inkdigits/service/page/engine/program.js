/**
 * A graph made ready for one shape of its input: numbers in, numbers out, and all that lies
 * between. All memory is taken once. It knows graphs; nothing of what the numbers mean.
 *
 * @typedef {import("./onnx.js").Graph} Graph
 * @typedef {import("./slots.js").Slot} Slot
 */

import { prepare } from "./operators.js";
import { ModelError } from "./protobuf.js";
import { empty } from "./slots.js";

export const BROKEN = "The model is damaged: its numbers do not fit together. Fetch it again.";
const SHAPE = "The model takes more than one image, or answers twice: use one of those shipped.";

/**
 * The one input that a graph asks for; its weights are none.
 *
 * @param {Graph} graph
 * @returns {import("./onnx.js").Value}
 * @throws {ModelError} there are several
 */
export function asked({ inputs, initialisers, outputs }) {
  const found = inputs.filter(({ name }) => !initialisers.has(name));
  if (found.length !== 1 || outputs.length !== 1) throw new ModelError(SHAPE);
  return found[0];
}

/** A graph with all its memory, ready to run. */
export class Program {
  /** @type {Map<string, Slot>} */ #slots = new Map();
  /** @type {(() => void)[]} */ #steps = [];
  /** @type {Map<string, Slot>} What changes with the input, in the order in which it is made. */
  activations = new Map();
  /** @type {Slot} What goes in. */ input;
  /** @type {Slot} What comes out. */ output;

  /**
   * @param {Graph} graph of one input and one output
   * @param {number[]} shape of the input
   * @throws {ModelError} it cannot be run
   */
  constructor(graph, shape) {
    const { name } = asked(graph);
    this.input = empty(shape);
    for (const [weight, tensor] of graph.initialisers) this.#slots.set(weight, tensor);
    this.#slots.set(name, this.input);
    this.activations.set(name, this.input);
    try {
      this.#build(graph);
    } catch (error) {
      throw error instanceof ModelError ? error : new ModelError(BROKEN);
    }
    const output = this.#slots.get(graph.outputs[0].name);
    if (output === undefined) throw new ModelError(BROKEN);
    this.output = output;
  }

  /**
   * @param {string} name
   * @returns {Slot | undefined} the value of that name, weights among them
   */
  value(name) {
    return this.#slots.get(name);
  }

  /** Makes the output of what now is in the input. */
  run() {
    for (const step of this.#steps) step();
  }

  /**
   * Makes each node ready; what depends on weights and shapes alone is done once, here.
   *
   * @param {Graph} graph
   */
  #build({ nodes, initialisers }) {
    const fixed = new Set(initialisers.keys());
    for (const node of nodes) {
      const inputs = node.inputs.filter((name) => name !== "").map((name) => this.#slots.get(name));
      if (inputs.length === 0 || inputs.includes(undefined)) throw new ModelError(BROKEN);
      const { output, run } = prepare(node, /** @type {Slot[]} */ (inputs));
      this.#slots.set(node.outputs[0], output);
      if (node.operator === "Shape" || node.inputs.every((name) => fixed.has(name))) {
        fixed.add(node.outputs[0]);
        run();
      } else {
        this.#steps.push(run);
        this.activations.set(node.outputs[0], output);
      }
    }
  }
}
