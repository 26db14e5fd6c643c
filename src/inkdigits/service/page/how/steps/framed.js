/** Step 2: the digit found in the drawing, and put where the network expects it. */

import { cells, emptied, framed } from "../../canvas.js";
import { percent } from "../../percent.js";
import { number, say } from "../../words.js";
import { digit, look, picture } from "../views.js";

/** A side of the image. */
const SIDE = 28;

/** Read rightly, merely shrunk and framed: 3,600 pictures, `benchmarks/normalisation.py`. */
const MEASURED = { bare: 0.645, full: 0.9892 };

/** @type {import("../tour.js").Show} */
export function boxed(stage, { shown, image }, tell) {
  const colours = look(stage);
  const found = picture(say("how.framed.found"));
  const frame = picture(say("how.framed.frame"));
  stage.append(found.figure, frame.figure);
  crop(found.canvas, shown, colours);
  found.canvas.setAttribute("aria-label", say("how.framed.found.alt"));
  const { left, top, width, height, x, y } = extent(image);
  const context = digit(frame.canvas, image, colours);
  framed(context, { x: left, y: top, width, height }, colours.below, colours.paper, 0.2);
  context.strokeStyle = colours.text;
  context.lineWidth = 0.3;
  context.strokeRect(x - 1.2, y, 2.4, 0);
  context.strokeRect(x, y - 1.2, 0, 2.4);
  const alt = say("how.framed.frame.alt", { wide: width, high: height });
  frame.canvas.setAttribute("aria-label", alt);
  const [bare, full] = [percent(MEASURED.bare), percent(MEASURED.full)];
  tell(say("how.framed.words", { x: number(x, 1), y: number(y, 1), bare, full }));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("../../normalise/index.js").Shown} shown
 * @param {import("../views.js").Look} colours
 */
function crop(canvas, { picture: { width, height, data }, box }, colours) {
  const side = Math.max(width, height);
  const context = emptied(canvas, side, side, 2);
  context.translate((side - width) / 2, (side - height) / 2);
  const ink = data.map((grey) => 1 - grey);
  cells(context, ink, width, { above: colours.ink, below: colours.ink, most: 1 });
  if (box !== null) framed(context, box, colours.below, colours.paper, 1.5);
}

/**
 * @param {Float32Array} image
 * @returns {{left: number, top: number, width: number, height: number, x: number, y: number}} of
 *   the ink, and its centre of mass
 */
function extent(image) {
  let [left, top, right, bottom, mass, across, down] = [SIDE, SIDE, 0, 0, 0, 0, 0];
  image.forEach((value, at) => {
    if (value <= 0) return;
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    [mass, across, down] = [mass + value, across + value * (x + 0.5), down + value * (y + 0.5)];
  });
  return {
    left,
    top,
    width: right - left,
    height: bottom - top,
    x: across / mass,
    y: down / mass,
  };
}
