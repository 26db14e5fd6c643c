/**
 * What was read, drawn over the picture that it was read on. It knows boxes and texts.
 *
 * @typedef {object} Box
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Found  a number of the server's answer, as far as this page needs it
 * @property {string} text
 * @property {number} confidence  0 to 1
 * @property {boolean} accepted
 * @property {Box} box  in pixels of the frame
 */

import { label } from "./naming.js";

/**
 * Boxes and texts; what is not accepted is dashed and has a question mark.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Found[]} found
 * @param {number} scale pixels of the canvas for one of the frame
 * @param {number} size of the letters, pixels of the canvas
 * @param {CSSStyleDeclaration} [style] whose `--sure`, `--unsure` and `--label` are taken
 * @param {typeof import("../picture/placing.js").place | typeof over} [where] the texts stand
 */
export function mark(canvas, found, scale, size, style = getComputedStyle(canvas), where = over) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pad = size / 4;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const boxes = found.map(({ box }) => ({
    x: box.x * scale - pad,
    y: box.y * scale - pad,
    width: box.width * scale + 2 * pad,
    height: box.height * scale + 2 * pad,
  }));
  const labels = found.map((number) => ({
    width: context.measureText(label(number)).width + 2 * pad,
    height: 1.4 * size,
  }));
  const places = where(boxes, labels, canvas);
  found.forEach((number, at) => {
    const { x, y, width, height } = boxes[at];
    const colour = style.getPropertyValue(number.accepted ? "--sure" : "--unsure");
    context.setLineDash(number.accepted ? [] : [size / 2, size / 3]);
    for (const [part, ink] of /** @type {[number, string][]} */ ([[3, "#fff"], [6, colour]])) {
      context.lineWidth = size / part;
      context.strokeStyle = ink;
      context.strokeRect(x, y, width, height);
    }
    context.fillStyle = colour;
    context.fillRect(places[at].x, places[at].y, labels[at].width, labels[at].height);
    context.fillStyle = style.getPropertyValue("--label");
    context.fillText(label(number), places[at].x + pad, places[at].y + 1.05 * size);
  });
}

/**
 * Each text above its box, or below it where there is no room: it does not leap to another side
 * when a box moves a little.
 *
 * @param {Box[]} boxes
 * @param {import("../picture/placing.js").Size[]} labels
 * @param {import("../picture/placing.js").Size} scene
 * @returns {{x: number, y: number}[]}
 */
function over(boxes, labels, scene) {
  return boxes.map(({ x, y, height }, at) => {
    const { width: wide, height: high } = labels[at];
    return {
      x: Math.max(0, Math.min(x, scene.width - wide)),
      y: y > 1.15 * high ? y - 1.15 * high : Math.min(y + height, scene.height - high),
    };
  });
}
