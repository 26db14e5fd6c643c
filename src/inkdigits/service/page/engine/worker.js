/**
 * The engine off the page's thread, so that the page stays smooth: messages in, readings out. Each
 * message has an `id`, which the reply repeats. client.js is the other end.
 *
 * @typedef {import("./decide.js").Decision} Decision
 * @typedef {import("./decide.js").Info} Info
 * @typedef {import("./explain.js").ClassMap} ClassMap
 * @typedef {import("./explain.js").Rival} Rival
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} operator  that made it; `Input` for the image
 * @property {number[]} shape  (1, channels, rows, columns), or (1, units)
 * @property {Float32Array} data
 *
 * @typedef {Decision & {logits: Float32Array, milliseconds: number, layers?: Layer[]}} Read
 *
 * @typedef {object} Explained
 * @property {ClassMap} map
 * @property {{shape: [number, number], size: number, step: number, data: Float32Array}} occlusion
 *   the digit's probability with each patch emptied
 * @property {Rival | null} rival
 *
 * @typedef {{kind: "load", url: string, sha256?: string}
 *   | {kind: "read", image: Float32Array, layers?: boolean}
 *   | {kind: "explain", image: Float32Array, digit?: number}} Request
 * @typedef {{id: number} & Request} Message
 * @typedef {{id: number, answer: Info | Read | Explained} | {id: number, trouble: string}} Reply
 */

import { decide, info } from "./decide.js";
import { classMap, fading, occlude, rival } from "./explain.js";
import { Network } from "./network.js";

const WORDS = {
  empty: "No model is loaded yet: load one first.",
};

/** Sides of an occluding patch, and from one to the next, pixels of 28. */
const GRID = { size: 4, step: 2 };

/** @type {{network: Network, about: Info} | null} */
let loaded = null;

self.addEventListener("message", async (event) => {
  const { id, ...request } = /** @type {MessageEvent<Message>} */ (event).data;
  /** @type {Reply} */
  let reply;
  try {
    reply = { id, answer: await answer(/** @type {Request} */ (request)) };
  } catch (error) {
    reply = { id, trouble: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(reply);
});

/**
 * @param {Request} request
 * @returns {Promise<Info | Read | Explained>}
 */
async function answer(request) {
  if (request.kind === "load") {
    const network = await Network.load(request.url, request.sha256);
    loaded = { network, about: info(network.metadata) };
    return loaded.about;
  }
  if (loaded === null) throw new Error(WORDS.empty);
  const { network, about } = loaded;
  if (request.kind === "read") return read(network, about, request.image, request.layers ?? false);
  return explain(network, about, request.image, request.digit);
}

/**
 * @param {Network} network
 * @param {Info} about
 * @param {Float32Array} image
 * @param {boolean} wanted whether the layers are
 * @returns {Read}
 */
function read(network, about, image, wanted) {
  const start = performance.now();
  const { logits, activations } = network.run(image);
  const milliseconds = performance.now() - start;
  const reading = { ...decide(logits, about), logits, milliseconds };
  if (!wanted) return reading;
  const operators = new Map(network.nodes.map((node) => [node.outputs[0], node.operator]));
  const layers = Array.from(activations, ([name, { shape, data }]) => ({
    name,
    operator: operators.get(name) ?? "Input",
    shape,
    data: Float32Array.from(data), // the message's own: the next reading changes the network's
  }));
  return { ...reading, layers };
}

/**
 * @param {Network} network
 * @param {Info} about
 * @param {Float32Array} image
 * @param {number} [digit] the answer's own by default
 * @returns {Explained}
 */
function explain(network, about, image, digit) {
  const found = occlude(network, image, GRID);
  const asked = digit ?? decide(found.logits, about).digit;
  const occlusion = { shape: found.shape, ...GRID, data: fading(found, about, asked) };
  return { map: classMap(network, image, asked), occlusion, rival: rival(found, about) };
}
