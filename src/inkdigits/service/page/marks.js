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
 */
export function mark(canvas, found, scale, size, style = getComputedStyle(canvas)) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pad = size / 4;
  for (const number of found) {
    const { accepted, box } = number;
    const [x, y] = [box.x * scale - pad, box.y * scale - pad];
    const [width, height] = [box.width * scale + 2 * pad, box.height * scale + 2 * pad];
    const colour = style.getPropertyValue(accepted ? "--sure" : "--unsure");
    context.setLineDash(accepted ? [] : [size / 2, size / 3]);
    for (const [part, ink] of /** @type {[number, string][]} */ ([[3, "#fff"], [6, colour]])) {
      context.lineWidth = size / part;
      context.strokeStyle = ink;
      context.strokeRect(x, y, width, height);
    }
    const name = label(number);
    context.font = `600 ${size}px system-ui, sans-serif`;
    const wide = context.measureText(name).width + 2 * pad;
    const left = Math.max(0, Math.min(x, canvas.width - wide));
    const top = y > 1.6 * size ? y - 1.6 * size : Math.min(y + height, canvas.height - 1.4 * size);
    context.fillStyle = colour;
    context.fillRect(left, top, wide, 1.4 * size);
    context.fillStyle = style.getPropertyValue("--label");
    context.fillText(name, left + pad, top + 1.05 * size);
  }
}
