/**
 * The engine off the page's thread, so that the page stays smooth: requests in, readings out.
 * client.js is the other end.
 *
 * @typedef {import("./decide.js").Decision} Decision
 * @typedef {import("./decide.js").Info} Info
 * @typedef {import("./classmap.js").ClassMap} ClassMap
 * @typedef {import("./explain.js").Rival} Rival
 * @typedef {import("./anatomy.js").Field} Field
 * @typedef {import("./anatomy.js").Kernels} Kernels
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} operator  that made it; `Input` for the image
 * @property {number[]} shape  (1, channels, rows, columns), or (1, units)
 * @property {Float32Array} data
 * @property {Field} [field]  where its places look; none before the first convolution
 *
 * @typedef {Decision & {logits: Float32Array, milliseconds: number, layers?: Layer[]}} Read
 *
 * @typedef {object} Occluded  one number a patch, row by row; a patch's sides and steps in pixels
 * @property {[number, number]} shape
 * @property {number} size
 * @property {number} step
 * @property {Float32Array} fading  the digit's probability without the patch
 * @property {Float32Array} support  how far its log-odds fall without the patch
 *
 * @typedef {object} Explained
 * @property {ClassMap} map
 * @property {Occluded} occlusion
 * @property {Rival | null} rival
 *
 * @typedef {object} Dissected  a reading with all that the model has to do with it
 * @property {Info} about
 * @property {Read} read
 * @property {Layer[]} layers  with their fields
 * @property {Kernels} kernels  of the first convolution
 * @property {ClassMap} map  of the digit that was read
 *
 * @typedef {{kind: "load", url: string, sha256?: string}
 *   | {kind: "read", image: Float32Array, layers?: boolean}
 *   | {kind: "dissect", image: Float32Array}
 *   | {kind: "explain", image: Float32Array, digit?: number}} Request
 */

import { fields, kernels } from "./anatomy.js";
import { decide, info } from "./decide.js";
import { GRID, classMap, fading, occlude, rival, support } from "./explain.js";
import { Network } from "./network.js";
import { answering } from "./answering.js";

const WORDS = {
  empty: "No model is loaded yet: load one first.",
  newer: "A newer drawing is explained instead.",
};

/** @type {{network: Network, about: Info} | null} */
let loaded = null;

/** The latest image to explain; what is under way for another is given up. */
let explained = 0;

answering(answer);

/**
 * @param {Request} request
 * @returns {Promise<Info | Read | Explained | Dissected>}
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
  if (request.kind === "dissect") return dissect(network, about, request.image);
  return explain(network, about, request.image, request.digit);
}

/**
 * @param {Network} network
 * @param {Info} about
 * @param {Float32Array} image
 * @returns {Dissected}
 */
function dissect(network, about, image) {
  const { layers = [], ...reading } = read(network, about, image, true);
  const looks = fields(network);
  return {
    about,
    read: reading,
    layers: layers.map((layer) => ({ ...layer, field: looks.get(layer.name) })),
    kernels: kernels(network),
    map: classMap(network, image, reading.digit),
  };
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
 * Readings that are asked for meanwhile come between.
 *
 * @param {Network} network
 * @param {Info} about
 * @param {Float32Array} image
 * @param {number} [digit] the answer's own by default
 * @returns {Promise<Explained>}
 */
async function explain(network, about, image, digit) {
  explained += 1;
  const mine = explained;
  const found = await occlude(network, image, GRID, async () => {
    await new Promise((done) => setTimeout(done));
    if (mine !== explained) throw new Error(WORDS.newer);
  });
  const asked = digit ?? decide(found.logits, about).digit;
  return {
    map: classMap(network, image, asked),
    occlusion: {
      shape: found.shape,
      ...GRID,
      fading: fading(found, about, asked),
      support: support(found, about, asked),
    },
    rival: rival(found, about, asked),
  };
}
