/**
 * What a network's convolutions look at: where on the image each of a layer's places looks, and the
 * first layer's kernels. It knows graphs; nothing of what they are shown for.
 *
 * What comes before the first convolution makes the image clean (it takes paper away, which depends
 * on everything); fields are told on that clean image. Sides are taken as equal.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./onnx.js").Node} Node
 *
 * @typedef {object} Field  place `n` of a row looks at pixels `step * n + low` to `step * n + high`
 * @property {number} step
 * @property {number} low
 * @property {number} high  inclusive; both may lie outside the image
 *
 * @typedef {object} Kernels
 * @property {string} name  of the value they make
 * @property {string} image  the name of the value they are moved over
 * @property {number[]} shape  channels out, channels in, rows, columns
 * @property {Float32Array} weights
 */

import { ModelError } from "./protobuf.js";

const WORDS = {
  none: "The model has no convolution to look into: use one of those shipped.",
};

/**
 * @param {Network} network
 * @returns {Map<string, Field>} by the name of the value, the clean image first
 */
export function fields(network) {
  /** @type {Map<string, Field>} */
  const found = new Map([[kernels(network).image, { step: 1, low: 0, high: 0 }]]);
  for (const node of network.nodes) {
    const before = node.inputs.flatMap((name) => found.get(name) ?? []);
    if (before.length === 0 || network.value(node.outputs[0])?.shape.length !== 4) continue;
    if (node.operator.startsWith("Global")) continue;
    const { step } = before[0];
    const low = Math.min(...before.map((it) => it.low));
    const high = Math.max(...before.map((it) => it.high));
    const { side, stride, pad } = reach(network, node);
    found.set(node.outputs[0], {
      step: step * stride,
      low: low - step * pad,
      high: high + step * (side - 1 - pad),
    });
  }
  return found;
}

/**
 * @param {Network} network
 * @returns {Kernels} of the first convolution
 * @throws {ModelError} there is none
 */
export function kernels(network) {
  const node = network.nodes.find(({ operator }) => operator === "Conv");
  const weights = node && network.value(node.inputs[1]);
  if (node === undefined || weights === undefined) throw new ModelError(WORDS.none);
  const { shape, data } = weights;
  return {
    name: node.outputs[0],
    image: node.inputs[0],
    shape: [...shape],
    weights: Float32Array.from(data),
  };
}

/**
 * @param {Network} network
 * @param {Node} node
 * @returns {{side: number, stride: number, pad: number}} 1, 1 and 0 where it moves no window
 */
function reach(network, { operator, inputs, attributes }) {
  const window = operator === "Conv" || operator.endsWith("Pool");
  if (!window) return { side: 1, stride: 1, pad: 0 };
  const first = (/** @type {string} */ name) =>
    /** @type {number[] | undefined} */ (attributes.get(name))?.[0];
  const kernel = first("kernel_shape") ?? network.value(inputs[1])?.shape[2] ?? 1;
  const side = (kernel - 1) * (first("dilations") ?? 1) + 1;
  return { side, stride: first("strides") ?? 1, pad: first("pads") ?? 0 };
}
