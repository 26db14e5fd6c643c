/** The picture that the model was shown. It knows 784 numbers and nothing else. */

import { say } from "../words.js";

const SIDE = 28;

/** A canvas of 28 by 28 pixels in the colour of the ink. */
export class Seen {
  /** @type {HTMLCanvasElement} */ #canvas;
  /** @type {number[] | null} */ #pixels = null;

  /** @param {HTMLCanvasElement} canvas 28 by 28, with a CSS `color` for the ink */
  constructor(canvas) {
    this.#canvas = canvas;
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#paint());
  }

  /** @param {number[] | null | undefined} pixels 784 numbers from 0 to 255, row by row */
  show(pixels) {
    this.#pixels = pixels ?? null;
    const what = say(this.#pixels === null ? "seen.nothing" : "seen.drawing");
    this.#canvas.setAttribute("aria-label", what);
    this.#paint();
  }

  /** Empties the picture. */
  clear() {
    this.show(null);
  }

  #paint() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillStyle = getComputedStyle(this.#canvas).color;
    this.#pixels?.forEach((ink, at) => {
      context.globalAlpha = ink / 255;
      context.fillRect(at % SIDE, Math.floor(at / SIDE), 1, 1);
    });
  }
}
