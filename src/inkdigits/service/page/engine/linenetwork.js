/**
 * A reader of rows in an ONNX file, run here: a strip of 32 rows in, 15 logits for every two of its
 * columns out. The twin of `LineModel` in `inkdigits/line.py`. It knows the shape of a reader of
 * rows; nothing of what the logits mean.
 *
 * @typedef {import("../normalise/grid.js").Grid} Grid
 * @typedef {import("./onnx.js").Graph} Graph
 */

import { fetched } from "./file.js";
import { parse } from "./onnx.js";
import { BROKEN, Program, asked } from "./program.js";
import { ModelError } from "./protobuf.js";

const WORDS = {
  shape: "The model is no reader of rows: use the one shipped.",
  strip: (/** @type {number} */ height) =>
    `A strip is ${HEIGHT} rows of numbers; this one has ${height}.`,
};

/** Rows of a strip. */
const HEIGHT = 32;
/** Logits of a column, and columns of the strip for one column of them. */
export const CLASSES = 15;
export const STRIDE = 2;
/** A strip's columns are filled up to a multiple of this, as in Python: the last ones see it. */
const ALIGNED = 8;

/** A graph, and its memory for strips of the width that was read last. */
export class LineNetwork {
  /** @type {Graph} */ #graph;
  /** @type {Program | null} */ #program = null;

  /**
   * @param {Uint8Array} bytes of an ONNX file
   * @throws {ModelError} it cannot be run, or is no reader of rows
   */
  constructor(bytes) {
    this.#graph = parse(bytes);
    if (String(asked(this.#graph).shape) !== `0,${HEIGHT},0,1`) throw new ModelError(WORDS.shape);
    const probe = this.run({ width: 1, height: HEIGHT, data: new Float32Array(HEIGHT).fill(0.5) });
    if (!probe[0].every(Number.isFinite)) throw new ModelError(BROKEN);
  }

  /**
   * @param {string | URL} url of an ONNX file
   * @returns {Promise<LineNetwork>}
   * @throws {ModelError} it cannot be fetched or run
   */
  static async load(url) {
    return new LineNetwork(await fetched(url));
  }

  /** @returns {Map<string, string>} what the model says about itself */
  get metadata() {
    return this.#graph.metadata;
  }

  /**
   * @param {Grid} strip 32 rows in [0, 1], ink high
   * @returns {Float32Array[]} 15 logits for every two columns, the last of which may be half
   */
  run({ width, height, data }) {
    const wide = Math.ceil(width / ALIGNED) * ALIGNED;
    if (height !== HEIGHT) throw new RangeError(WORDS.strip(height));
    if (this.#program?.input.shape[2] !== wide) {
      this.#program = new Program(this.#graph, [1, HEIGHT, wide, 1]);
    }
    const { input, output } = this.#program;
    if (String(output.shape) !== `1,${wide / STRIDE},${CLASSES}`) throw new ModelError(WORDS.shape);
    for (let y = 0; y < HEIGHT; y += 1) {
      input.data.fill(0, y * wide, (y + 1) * wide);
      input.data.set(data.subarray(y * width, (y + 1) * width), y * wide);
    }
    this.#program.run();
    return Array.from({ length: Math.ceil(width / STRIDE) }, (_, at) =>
      Float32Array.from(output.data.subarray(at * CLASSES, (at + 1) * CLASSES)),
    );
  }
}
