/**
 * A digit's logit split among the places of the last convolution's features. It knows networks,
 * nothing of how a map is shown.
 *
 * The class map is that of Zhou et al., "Learning Deep Features for Discriminative
 * Localization", CVPR 2016. Its sum and `rest` make the logit, exactly. Where only one dense layer
 * follows the mean over all places (`linear`), `rest` is that layer's bias and the same for all
 * images; where there are hidden layers behind it, the map holds for those of their units that are
 * on for this image. What is exact is the features' own grid: a place there has seen more of the
 * image than the part that it lies on, so `picture` shows roughly where.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./onnx.js").Node} Node
 *
 * @typedef {object} ClassMap
 * @property {number} digit
 * @property {[number, number]} shape  rows and columns of the features
 * @property {Float32Array} map  what each place adds to the logit
 * @property {number} rest  what is added wherever the ink is
 * @property {boolean} linear  whether nothing but one dense layer follows the features
 * @property {Float32Array} channels  what each channel of the features adds, with the same sum
 * @property {Float32Array} picture  the map on the image's 784 places, with the same sum
 */

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
  const [map, added] = [new Float32Array(size), new Float32Array(channels)];
  for (let place = 0; place < size; place += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const part = state.weights[channel] * features.data[channel * size + place];
      sum += part;
      added[channel] += part / size;
    }
    map[place] = sum / size;
  }
  const picture = enlarge(map, rows, columns);
  const shape = /** @type {[number, number]} */ ([rows, columns]);
  return { digit, shape, map, rest: state.rest, linear, channels: added, picture };
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
