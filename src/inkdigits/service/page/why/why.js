/**
 * Why it was read so: where the ink speaks for the digit, what would change the answer, and what
 * each layer made of it, all of the person's own drawing. It knows the engine and its own elements;
 * nothing of the pad or the server.
 *
 * @typedef {import("../engine/client.js").Engine} Engine
 * @typedef {import("../engine/worker.js").Explained} Explained
 * @typedef {import("../engine/worker.js").Layer} Layer
 *
 * @typedef {object} Parts
 * @property {HTMLDetailsElement} root  closed at first; hidden while there is nothing to explain
 * @property {HTMLElement} title  its summary
 * @property {HTMLCanvasElement} map
 * @property {HTMLElement} note  what the map shows
 * @property {HTMLElement} rival  what would change the answer
 * @property {HTMLElement} layers  an empty `ol`
 */

import { over, tiles } from "./heat.js";
import { percent } from "../percent.js";
import { say } from "../words.js";

/** Milliseconds without a new drawing before one is explained. */
const SETTLED = 350;

/** Small maps of a layer that are shown, and how many in a row. */
const [SHOWN, ACROSS] = [16, 8];

/** The layers that are shown, by their place among those with many channels, and their words. */
const STEPS = /** @type {const} */ (["strokes", "turns", "parts", "whole"]);

/** A panel that opens. */
export class Why {
  /** @type {Parts} */ #parts;
  /** @type {() => Engine} */ #engine;
  /** @type {{digit: number, seen: ArrayLike<number>} | null} */ #asked = null;
  #timer = 0;
  #turn = 0;

  /**
   * @param {Parts} parts
   * @param {() => Engine} engine made when it is first asked for
   */
  constructor(parts, engine) {
    this.#parts = parts;
    this.#engine = engine;
    parts.root.addEventListener("toggle", () => this.#soon(0));
    this.clear();
  }

  /**
   * @param {number} digit that was read
   * @param {ArrayLike<number>} seen 784 numbers from 0 to 255
   */
  show(digit, seen) {
    this.#asked = { digit, seen };
    this.#parts.root.hidden = false;
    this.#parts.title.textContent = say("why.title", { digit });
    this.#soon(SETTLED);
  }

  /** There is nothing to explain. */
  clear() {
    this.#asked = null;
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#parts.root.hidden = true;
  }

  /** @param {number} wait */
  #soon(wait) {
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (!this.#parts.root.open || this.#asked === null) return;
    this.#timer = setTimeout(() => this.#explain(), wait);
  }

  async #explain() {
    if (this.#asked === null) return;
    const { digit, seen } = this.#asked;
    const turn = (this.#turn += 1);
    const image = Float32Array.from(seen, (ink) => ink / 255);
    const { root, map, note, rival } = this.#parts;
    root.setAttribute("aria-busy", "true");
    try {
      const engine = this.#engine();
      const read = await engine.read(image, true);
      if (turn !== this.#turn) return;
      this.#layers(read.layers ?? []);
      const found = await engine.explain(image, digit);
      if (turn !== this.#turn) return;
      over(map, image, spread(found));
      map.setAttribute("aria-label", say("why.map", { digit }));
      note.textContent = say("why.note", { digit });
      rival.textContent = against(found);
    } catch (error) {
      if (turn !== this.#turn) return;
      note.textContent = error instanceof Error ? error.message : String(error);
    }
    root.setAttribute("aria-busy", "false");
  }

  /** @param {Layer[]} layers */
  #layers(layers) {
    const many = layers.filter(({ operator, shape }) => operator === "Relu" && shape[1] > 1);
    const shown = many.filter((_, k) => k === 0 || k === many.length - 1 || k % 2 === 0);
    const chosen = shown.filter(({ shape }) => shape.length === 4).slice(0, STEPS.length);
    const items = chosen.map(({ shape, data }, k) => {
      const [item, canvas, words] = ["li", "canvas", "p"].map((tag) => document.createElement(tag));
      words.textContent = say(`why.${STEPS[k]}`, { channels: shape[1] });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", say("why.layer", { place: k + 1, channels: shape[1] }));
      item.append(canvas, words);
      return { item, canvas, shape, data };
    });
    this.#parts.layers.replaceChildren(...items.map(({ item }) => item));
    for (const { canvas, shape, data } of items) {
      const [, , rows, columns] = shape;
      tiles(/** @type {HTMLCanvasElement} */ (canvas), data, [rows, columns], SHOWN, ACROSS);
    }
  }
}

/**
 * How far the digit's log-odds fall without the ink of each place, on 784 places: a mean of the
 * patches that cover it.
 *
 * @param {Explained} found
 * @returns {Float32Array}
 */
function spread({ occlusion: { shape, size, step, support } }) {
  const [sum, count] = [new Float32Array(784), new Float32Array(784)];
  support.forEach((value, k) => {
    const [top, left] = [Math.floor(k / shape[1]) * step, (k % shape[1]) * step];
    for (let y = top; y < Math.min(top + size, 28); y += 1) {
      for (let x = left; x < Math.min(left + size, 28); x += 1) {
        sum[y * 28 + x] += value;
        count[y * 28 + x] += 1;
      }
    }
  });
  return sum.map((value, k) => value / Math.max(count[k], 1));
}

/**
 * @param {Explained} found
 * @returns {string}
 */
function against({ rival }) {
  if (rival === null) return "";
  const { digit, before, after, wins, patch } = rival;
  const across = ["left", "middle", "right"][Math.min(2, Math.floor((patch.x + 2) / 9.4))];
  const down = ["top", "middle", "bottom"][Math.min(2, Math.floor((patch.y + 2) / 9.4))];
  const where = say(/** @type {any} */ (`why.${down}.${across}`));
  const values = { digit, before: percent(before), after: percent(after), where };
  return say(wins ? "why.wins" : "why.rival", values);
}
