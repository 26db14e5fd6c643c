/** The pictures that steps are made of. They know colours and grids; nothing of networks. */

import { cells, colour, emptied, framed } from "../canvas.js";

/** A side of the image. */
const SIDE = 28;

/**
 * @typedef {object} Look  colours of the page
 * @property {string} text
 * @property {string} paper
 * @property {string} ink
 * @property {string} above
 * @property {string} below
 */

/**
 * @param {HTMLElement} element
 * @returns {Look}
 */
export function look(element) {
  const [text, paper, ink, above, below] = ["--text", "--paper", "--ink", "--for", "--against"].map(
    (name) => colour(element, name),
  );
  return { text, paper, ink, above, below };
}

/**
 * A picture with its caption.
 *
 * @param {string} caption
 * @param {string} [kind] a class of its own
 * @returns {{figure: HTMLElement, canvas: HTMLCanvasElement}}
 */
export function picture(caption, kind = "") {
  const [figure, words] = [document.createElement("figure"), document.createElement("figcaption")];
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  figure.className = `how-figure ${kind}`;
  words.textContent = caption;
  figure.append(canvas, words);
  return { figure, canvas };
}

/**
 * @param {string} name of an element
 * @param {string} [kind] its class
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function made(name, kind = "", text = "") {
  const element = document.createElement(name);
  if (kind !== "") element.className = kind;
  element.textContent = text;
  return element;
}

/**
 * The digit in 28 x 28, perhaps with a frame around what is looked at.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} image
 * @param {Look} colours
 * @param {import("../engine/explain.js").Patch | null} [frame] cut off at the image's sides
 * @returns {CanvasRenderingContext2D}
 */
export function digit(canvas, image, colours, frame = null) {
  const context = emptied(canvas, SIDE, SIDE, 12);
  cells(context, image, SIDE, { above: colours.ink, below: colours.ink, most: 1 });
  if (frame !== null) {
    const [x, y] = [Math.max(frame.x, 0.25), Math.max(frame.y, 0.25)];
    const width = Math.min(frame.x + frame.width, SIDE - 0.25) - x;
    const height = Math.min(frame.y + frame.height, SIDE - 0.25) - y;
    framed(context, { x, y, width, height }, colours.below, colours.paper, 0.5);
  }
  return context;
}

/**
 * Answers at each place, the strongest framed where that is asked for.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values `rows` times `rows`
 * @param {number} rows
 * @param {Look} colours
 * @param {number | null} [at] a place to frame
 */
export function answers(canvas, values, rows, colours, at = null) {
  const context = emptied(canvas, rows, rows, Math.round(168 / rows));
  context.fillStyle = colours.ink;
  context.globalAlpha = 0.05;
  context.fillRect(0, 0, rows, rows);
  cells(context, values, rows, { above: colours.ink, below: colours.below });
  if (at === null) return;
  const box = { x: at % rows, y: Math.floor(at / rows), width: 1, height: 1 };
  framed(context, box, colours.below, colours.paper, 0.2);
}

/**
 * Bars to both sides of 0, a list.
 *
 * @param {string} name of the list
 * @param {{name: string, value: number, shown: string, kind?: string}[]} rows
 * @param {number} [full] a value that fills the whole length; by default the greatest does
 * @returns {HTMLElement}
 */
export function bars(name, rows, full = 0) {
  const list = made("ul", "how-bars");
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", name);
  const least = Math.min(...rows.map(({ value }) => value), 0);
  const top = Math.max(...rows.map(({ value }) => value), full);
  const span = Math.max(top - least, 1e-9);
  const zero = -least / span;
  for (const { name: words, value, shown, kind = "" } of rows) {
    const [row, bar] = [made("li", kind), made("span", "how-bar")];
    const length = (Math.abs(value) / span) * 100;
    bar.style.setProperty("--from", `${value < 0 ? zero * 100 - length : zero * 100}%`);
    bar.style.setProperty("--length", `${length}%`);
    if (value < 0) bar.classList.add("below");
    bar.setAttribute("aria-hidden", "true");
    row.append(made("span", "how-name", words), " ", bar, " ", made("strong", "", shown));
    list.append(row);
  }
  return list;
}
