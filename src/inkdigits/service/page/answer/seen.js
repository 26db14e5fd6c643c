/** The picture that the model was shown. It knows 784 numbers and nothing else. */

import { say } from "../words.js";
import { paint } from "./pixels.js";

/** A canvas of 28 by 28 pixels in the colour of the ink. */
export class Seen {
  /** @type {HTMLCanvasElement} */ #canvas;
  /** @type {number[] | null} */ #pixels = null;

  /** @param {HTMLCanvasElement} canvas 28 by 28, with a CSS `color` for the ink */
  constructor(canvas) {
    this.#canvas = canvas;
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => paint(canvas, this.#pixels));
  }

  /**
   * @param {number[] | null | undefined} pixels 784 numbers from 0 to 255, row by row
   * @param {{place: number, count: number}} [digit] which one of a number it is, from 1; by default
   *   it is the whole drawing
   */
  show(pixels, digit) {
    this.#pixels = pixels ?? null;
    const drawing = digit === undefined ? say("seen.drawing") : say("seen.digit", digit);
    this.#canvas.setAttribute("aria-label", pixels ? drawing : say("seen.nothing"));
    paint(this.#canvas, this.#pixels);
  }

  /** Empties the picture. */
  clear() {
    this.show(null);
  }
}
