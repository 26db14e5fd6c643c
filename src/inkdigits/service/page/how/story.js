/**
 * A drawing and all that becomes of it, gathered once for all steps. It knows the normaliser and
 * the engine; nothing of how they are shown.
 *
 * @typedef {import("../draw/drawing.js").Line} Line
 * @typedef {import("../engine/worker.js").Layer} Layer
 * @typedef {import("../engine/anatomy.js").Field} Field
 *
 * @typedef {object} Story
 * @property {readonly Line[]} lines  as drawn
 * @property {boolean} example  whether it is ours, because nothing is drawn
 * @property {boolean} first  whether several digits are drawn, of which it is the first
 * @property {import("../normalise/index.js").Shown} shown
 * @property {Float32Array} image  784 numbers, 0 to 1
 * @property {import("../engine/worker.js").Dissected} inside
 * @property {Stage[]} stages  what each convolution hands on, the first layer's first
 *
 * @typedef {object} Stage
 * @property {number} channels
 * @property {number} rows  and columns
 * @property {Float32Array} data  channels one after another
 * @property {Field} field
 */

/** A 2, drawn by hand. @type {Line[]} */
const EXAMPLE = [
  {
    pen: 56,
    points: [
      [330, 330], [345, 270], [390, 222], [455, 196], [525, 198], [585, 228], [615, 285],
      [608, 350], [575, 420], [520, 495], [455, 570], [390, 645], [335, 715], [345, 745],
      [410, 742], [480, 735], [560, 738], [635, 750], [672, 748],
    ],
  },
];

/**
 * @param {readonly Line[]} lines
 * @param {import("../engine/client.js").Engine} engine
 * @returns {Promise<Story>} of our example where there is no ink
 * @throws {Error} with a sentence for a person
 */
export async function story(lines, engine) {
  const { parts, seen } = await import("../normalise/index.js");
  const drawn = lines.length > 0 ? seen(lines.map(({ points }) => points)) : null;
  const example = drawn === null || drawn.image === null;
  const used = example ? EXAMPLE : lines;
  let shown = example ? seen(EXAMPLE.map(({ points }) => points)) : drawn;
  let image = /** @type {Float32Array} */ (shown.image);
  let inside = await engine.dissect(image);
  const digits = [];
  for (const part of inside.read.accepted ? [] : parts(shown)) {
    const { accepted } = await engine.read(part.image);
    if (accepted) digits.push(part);
  }
  const first = digits.length > 1;
  if (first) {
    [shown, image] = [digits[0], digits[0].image];
    inside = await engine.dissect(image);
  }
  return { lines: used, example, first, shown, image, inside, stages: stages(inside.layers) };
}

/**
 * @param {Layer[]} layers
 * @returns {Stage[]}
 */
function stages(layers) {
  return layers.flatMap(({ operator, shape, data, field }) => {
    if (operator !== "Relu" || field === undefined || shape.length !== 4) return [];
    return [{ channels: shape[1], rows: shape[2], data, field }];
  });
}

/**
 * @param {Stage} stage
 * @param {number} many
 * @returns {{channel: number, values: Float32Array, peak: number, at: number}[]} the channels that
 *   answer most at any one place, the strongest first; `at` is that place
 */
export function strongest({ channels, rows, data }, many) {
  const size = rows * rows;
  const all = Array.from({ length: channels }, (_, channel) => {
    const values = data.subarray(channel * size, (channel + 1) * size);
    const peak = Math.max(...values);
    return { channel, values, peak, at: values.indexOf(peak) };
  });
  return all.sort((one, other) => other.peak - one.peak).slice(0, many);
}

/**
 * @param {Stage} stage
 * @param {number} at a place of its maps
 * @returns {import("../engine/explain.js").Patch} the pixels that it has looked at; parts of it may
 *   lie outside the image
 */
export function looked({ rows, field: { step, low, high } }, at) {
  const [x, y] = [(at % rows) * step + low, Math.floor(at / rows) * step + low];
  return { x, y, width: high - low + 1, height: high - low + 1 };
}
