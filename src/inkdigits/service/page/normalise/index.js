/**
 * What the model is shown of a drawing, without the server: pen strokes -> 28 x 28 pixels. The twin
 * of `inkdigits/shown.py`, step by step. It knows nothing of models: whether a drawing that the
 * model refuses shows several digits is for the model to say of each of its `pieces`.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./segment.js").Box} Box
 * @typedef {import("./strokes.js").Stroke} Stroke
 *
 * @typedef {object} Shown
 * @property {Float32Array | null} image  784 numbers, row by row, 0 to 1, bright ink on black
 * @property {"blank" | null} reason  why there is no image
 * @property {Box | null} box  where the digit stands in `picture`
 * @property {Grid} picture  0 black to 1 white
 */

import { extract } from "./ink.js";
import { isNormalised, normalise } from "./preprocess.js";
import { apart, locate } from "./segment.js";
import { render } from "./strokes.js";

/** Longer side of the copy in which several digits are looked for, and pieces at most. */
const WIDE = 384;
const PIECES = 16;

/**
 * @param {Stroke[]} strokes points [x, y], y down, in any unit
 * @returns {Shown}
 * @throws {RangeError} malformed strokes
 */
export function seen(strokes) {
  return shown(render(strokes));
}

/**
 * Finds the digit of a picture and normalises it; one as MNIST has it stays as it is.
 *
 * @param {Grid} picture 0 black to 1 white
 * @returns {Shown}
 */
export function shown(picture) {
  if (isNormalised(picture)) return { image: picture.data, reason: null, box: null, picture };
  const glyph = locate(picture);
  if (glyph === null) return { image: null, reason: "blank", box: null, picture };
  return { image: normalise(glyph), reason: null, box: glyph.box, picture };
}

/**
 * The normalised pieces of ink that stand side by side. The drawing shows several digits where the
 * model refuses the whole but accepts at least two of these.
 *
 * @param {Shown} of
 * @returns {Float32Array[]} none where there is but one; the largest first
 */
export function pieces(of) {
  const size = (/** @type {import("./segment.js").Glyph} */ { ink }) => ink.data.length;
  return sideBySide(of)
    .sort((one, other) => size(other) - size(one))
    .slice(0, PIECES)
    .map(normalise);
}

/**
 * The same pieces, each as what is shown of the drawing.
 *
 * @param {Shown} of
 * @returns {(Shown & {image: Float32Array})[]} none where there is but one; left to right
 */
export function parts(of) {
  return sideBySide(of)
    .slice(0, PIECES)
    .map((glyph) => ({ ...of, image: normalise(glyph), box: glyph.box }));
}

/**
 * @param {Shown} of
 * @returns {import("./segment.js").Glyph[]}
 */
function sideBySide({ box, picture }) {
  const found = box === null ? [] : apart(extract(picture, WIDE));
  return found.length < 2 ? [] : found;
}
