/** A map over ink. It knows 784 numbers of each; nothing of what they mean. */

import { cells, colour, emptied, framed, outline } from "../canvas.js";

/** A side of the image, and of one of its pixels on the canvas. */
const [SIDE, CELL] = [28, 12];

/**
 * Ink as a shade with its edge, and over it a map: above 0 in the colour `--for`, below in
 * `--against`.
 *
 * @param {HTMLCanvasElement} canvas whose CSS has these colours, and the ink's as `color`
 * @param {ArrayLike<number>} ink 0 to 1
 * @param {ArrayLike<number>} map
 * @param {import("../engine/explain.js").Patch | null} patch to be framed
 */
export function over(canvas, ink, map, patch) {
  const context = emptied(canvas, SIDE, SIDE, CELL);
  const [text, paper] = [colour(canvas, "--text"), colour(canvas, "--paper")];
  cells(context, ink, SIDE, { above: text, below: text, most: 1, full: 0.22 });
  const [above, below] = [colour(canvas, "--for"), colour(canvas, "--against")];
  cells(context, map, SIDE, { above, below, full: 0.85 });
  context.strokeStyle = text;
  outline(context, ink, SIDE, 0.35, 0.12);
  if (patch !== null) framed(context, patch, text, paper, 0.3);
}
