/**
 * Why a network reads what it reads, two ways: `classMap` splits a logit among the places of the
 * last convolution's features; `occlude` reads the image again and again, each time with a small
 * patch of it emptied. It knows networks and decisions, nothing of how they are shown.
 *
 * The class map is that of Zhou et al., "Learning Deep Features for Discriminative
 * Localization", CVPR 2016. Its sum and `rest` make the logit, exactly. Where only one dense layer
 * follows the mean over all places (`linear`), `rest` is that layer's bias and the same for all
 * images; where there are hidden layers behind it, the map holds for those of their units that are
 * on for this image. What is exact is the features' own grid: a place there has seen more of the
 * image than the part that it lies on, so `picture` shows roughly where.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./decide.js").Info} Info
 * @typedef {import("./onnx.js").Node} Node
 *
 * @typedef {object} ClassMap
 * @property {number} digit
 * @property {[number, number]} shape  rows and columns of the features
 * @property {Float32Array} map  what each place adds to the logit
 * @property {number} rest  what is added wherever the ink is
 * @property {boolean} linear  whether nothing but one dense layer follows the features
 * @property {Float32Array} picture  the map on the image's 784 places, with the same sum
 *
 * @typedef {object} Patch  in pixels of the image
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Trial  a reading of the image with a patch emptied
 * @property {Patch} patch
 * @property {boolean} inked  whether there was anything to empty
 * @property {Float32Array} logits
 *
 * @typedef {object} Occlusion
 * @property {Float32Array} logits  of the whole image
 * @property {[number, number]} shape  rows and columns of the grid of patches
 * @property {Trial[]} trials  row by row
 *
 * @typedef {object} Rival
 * @property {number} digit  the second best
 * @property {Patch} patch  the ink without which it fares best
 * @property {number} before  its probability
 * @property {number} after  its probability without that ink
 * @property {boolean} wins  whether it is then the best
 */

import { ranked, softmax } from "./decide.js";
import { ModelError } from "./protobuf.js";

const WORDS = {
  layers: "The model's last layers cannot be split into places: use one of those shipped.",
};

/** A side of the image. */
const SIDE = 28;

/**
 * How much each place of the last features adds to a digit's logit.
 *
 * @param {Network} network
 * @param {ArrayLike<number>} image 784 numbers
 * @param {number} digit
 * @returns {ClassMap}
 * @throws {ModelError} something else than dense layers follows the mean over all places
 */
export function classMap(network, image, digit) {
  network.run(image);
  const last = network.nodes.map((node) => node.operator).lastIndexOf("GlobalAveragePool");
  const features = last < 0 ? undefined : network.value(network.nodes[last].inputs[0]);
  if (features === undefined) throw new ModelError(WORDS.layers);
  /** @type {State} */
  const state = { weights: new Float64Array(10), rest: 0 };
  state.weights[digit] = 1;
  let linear = true;
  let wanted = network.nodes.at(-1)?.outputs[0];
  for (const node of network.nodes.slice(last + 1).reverse()) {
    if (node.outputs[0] !== wanted) throw new ModelError(WORDS.layers);
    backward(network, node, state);
    linear &&= node.operator !== "Relu";
    wanted = node.inputs[0];
  }
  if (wanted !== network.nodes[last].outputs[0]) throw new ModelError(WORDS.layers);
  const [, channels, rows, columns] = features.shape;
  const size = rows * columns;
  const map = new Float32Array(size);
  for (let place = 0; place < size; place += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += state.weights[channel] * features.data[channel * size + place];
    }
    map[place] = sum / size;
  }
  const picture = enlarge(map, rows, columns);
  return { digit, shape: [rows, columns], map, rest: state.rest, linear, picture };
}

/**
 * The logit as a weighted sum of one layer's values, and a rest.
 *
 * @typedef {object} State
 * @property {Float64Array} weights
 * @property {number} rest
 */

/**
 * From the values behind a node to those before it.
 *
 * @param {Network} network
 * @param {Node} node
 * @param {State} state changed
 */
function backward(network, node, state) {
  const [before, fixed] = node.inputs.map((name) => network.value(name));
  const numbers = fixed?.data ?? [];
  const { weights } = state;
  const at = (/** @type {number} */ n) => numbers[numbers.length === 1 ? 0 : n];
  if (before === undefined) throw new ModelError(WORDS.layers);
  if (node.operator === "Relu") {
    state.weights = weights.map((weight, n) => (before.data[n] > 0 ? weight : 0));
  } else if (node.operator === "Add") {
    weights.forEach((weight, n) => (state.rest += weight * at(n)));
  } else if (node.operator === "Mul") {
    state.weights = weights.map((weight, n) => weight * at(n));
  } else if (node.operator === "MatMul") {
    state.weights = Float64Array.from({ length: before.data.length }, (_, row) =>
      weights.reduce((sum, weight, n) => sum + weight * numbers[row * weights.length + n], 0),
    );
  } else if (!["Squeeze", "Reshape", "Identity"].includes(node.operator)) {
    throw new ModelError(WORDS.layers);
  }
}

/**
 * A map on the image's places, between its own by straight lines, the sum kept where 28 is a
 * multiple of its sides.
 *
 * @param {Float32Array} map
 * @param {number} rows
 * @param {number} columns
 * @returns {Float32Array}
 */
function enlarge(map, rows, columns) {
  const picture = new Float32Array(SIDE * SIDE);
  const share = (rows * columns) / (SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    const [top, bottom, down] = between(y, rows);
    for (let x = 0; x < SIDE; x += 1) {
      const [left, right, across] = between(x, columns);
      const upper = map[top * columns + left] * (1 - across) + map[top * columns + right] * across;
      const lower =
        map[bottom * columns + left] * (1 - across) + map[bottom * columns + right] * across;
      picture[y * SIDE + x] = (upper * (1 - down) + lower * down) * share;
    }
  }
  return picture;
}

/**
 * @param {number} pixel
 * @param {number} sides
 * @returns {[number, number, number]} the two places that a pixel lies between, and how far
 */
function between(pixel, sides) {
  const place = Math.min(Math.max(((pixel + 0.5) * sides) / SIDE - 0.5, 0), sides - 1);
  const first = Math.floor(place);
  return [first, Math.min(first + 1, sides - 1), place - first];
}

/**
 * Readings of an image with one patch after another emptied. Patches without ink are not read.
 *
 * @param {Network} network
 * @param {ArrayLike<number>} image 784 numbers
 * @param {{size?: number, step?: number}} [grid] sides of a patch, and from one to the next, pixels
 * @returns {Occlusion}
 */
export function occlude(network, image, { size = 4, step = 2 } = {}) {
  const { logits } = network.run(image);
  const changed = Float32Array.from(image);
  const count = Math.floor((SIDE - size) / step) + 1;
  const trials = Array.from({ length: count * count }, (_, n) => {
    const patch = {
      x: (n % count) * step,
      y: Math.floor(n / count) * step,
      width: size,
      height: size,
    };
    changed.set(image);
    let inked = false;
    for (let row = 0; row < size; row += 1) {
      const start = (patch.y + row) * SIDE + patch.x;
      inked ||= changed.subarray(start, start + size).some((ink) => ink > 0);
      changed.fill(0, start, start + size);
    }
    return { patch, inked, logits: inked ? network.run(changed).logits : logits };
  });
  return { logits, shape: [count, count], trials };
}

/**
 * The probability of a digit with each patch emptied; where it falls most, the ink matters most.
 *
 * @param {Occlusion} occlusion
 * @param {Info} about
 * @param {number} digit
 * @returns {Float32Array} one number a patch, row by row
 */
export function fading({ trials }, about, digit) {
  return Float32Array.from(trials, ({ logits }) => softmax(logits, about.temperature)[digit]);
}

/**
 * The runner-up, and the ink whose removal helps it most against the answer.
 *
 * @param {Occlusion} occlusion
 * @param {Info} about
 * @returns {Rival | null} none where no ink could be removed
 */
export function rival({ logits, trials }, about) {
  const whole = softmax(logits, about.temperature);
  const [best, second] = ranked(whole).map(({ digit }) => digit);
  const lead = (/** @type {Trial} */ trial) => trial.logits[second] - trial.logits[best];
  const inked = trials.filter((trial) => trial.inked);
  if (inked.length === 0) return null;
  const found = inked.reduce((a, b) => (lead(b) > lead(a) ? b : a));
  const without = softmax(found.logits, about.temperature);
  return {
    digit: second,
    patch: found.patch,
    before: whole[second],
    after: without[second],
    wins: ranked(without)[0].digit === second,
  };
}
