/**
 * Why it was read so: two maps of where the ink speaks for a digit, and what would change the
 * answer. It knows the engine and its own elements; nothing of the pad or the server.
 *
 * @typedef {import("../engine/client.js").Engine} Engine
 * @typedef {import("../engine/worker.js").Explained} Explained
 *
 * @typedef {object} Parts
 * @property {HTMLDetailsElement} root  closed at first; hidden while there is nothing to explain
 * @property {HTMLElement} title  its summary
 * @property {HTMLElement} digits  where the digits to explain go
 * @property {HTMLElement} kinds  holds a radio button for each kind of map
 * @property {HTMLCanvasElement} map
 * @property {HTMLElement} note  what the map shows, and what it cannot say
 * @property {HTMLElement} sum  what the class map comes to
 * @property {HTMLElement} rival  what would change the answer
 *
 * @typedef {object} Question
 * @property {number} digit  that was read
 * @property {number[]} likely  the likeliest digits, that one first
 * @property {ArrayLike<number>} seen  784 numbers from 0 to 255
 * @property {boolean} refused  whether it was not taken for a digit
 */

import { radios } from "../buttons.js";
import { percent } from "../percent.js";
import { signed } from "../signed.js";
import { say } from "../words.js";
import { over } from "./heat.js";

/** Milliseconds without a new drawing before one is explained. */
const SETTLED = 350;

/** Digits to choose among. */
const CHOICE = 3;

/** A panel that opens. */
export class Why {
  /** @type {Parts} */ #parts;
  /** @type {() => Engine} */ #engine;
  /** @type {Question | null} */ #asked = null;
  /** @type {{image: Float32Array, found: Explained} | null} */ #found = null;
  #digit = 0;
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
    parts.kinds.addEventListener("change", () => this.#paint());
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#paint());
    this.clear();
  }

  /**
   * @param {number} digit that was read
   * @param {number[]} probabilities of the digits 0 to 9
   * @param {ArrayLike<number>} seen 784 numbers from 0 to 255
   * @param {boolean} [refused] whether it was not taken for a digit, so that nothing was answered
   */
  show(digit, probabilities, seen, refused = false) {
    const others = probabilities.map((_, other) => other).filter((other) => other !== digit);
    others.sort((a, b) => probabilities[b] - probabilities[a]);
    const likely = [digit, ...others.slice(0, CHOICE - 1)];
    const before = this.#asked;
    const same = String(likely) === String(before?.likely) && refused === before?.refused;
    this.#asked = { digit, likely, seen, refused };
    this.#parts.root.hidden = false;
    this.#parts.title.textContent = say(refused ? "why.like" : "why.title", { digit });
    if (!same) this.#choices();
    this.#soon(SETTLED);
  }

  /** There is nothing to explain. */
  clear() {
    this.#asked = null;
    this.#found = null;
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#parts.root.hidden = true;
  }

  /** The digits that may be explained, as radio buttons. */
  #choices() {
    const { digit, likely, refused } = /** @type {Question} */ (this.#asked);
    this.#digit = digit;
    const options = likely.map((it) => {
      const ask = refused ? "why.like" : it === digit ? "why.ask" : "why.not";
      return { value: String(it), words: say(ask, { digit: it }) };
    });
    const made = radios("why-digit", options, String(digit), (value) => {
      this.#digit = Number(value);
      this.#soon(0);
    });
    this.#parts.digits.replaceChildren(...made);
  }

  /** @param {number} wait */
  #soon(wait) {
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (!this.#parts.root.open || this.#asked === null) return;
    this.#parts.root.setAttribute("aria-busy", "true");
    this.#timer = setTimeout(() => this.#explain(), wait);
  }

  async #explain() {
    if (this.#asked === null) return;
    const turn = (this.#turn += 1);
    const image = Float32Array.from(this.#asked.seen, (ink) => ink / 255);
    try {
      const found = await this.#engine().explain(image, this.#digit);
      if (turn !== this.#turn) return;
      this.#found = { image, found };
      this.#paint();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#parts.note.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#parts.root.setAttribute("aria-busy", "false");
  }

  #paint() {
    if (this.#found === null || this.#asked === null) return;
    const { image, found } = this.#found;
    const { kinds, map, note, sum, rival } = this.#parts;
    const digit = found.map.digit;
    const chosen = /** @type {HTMLInputElement} */ (kinds.querySelector(":checked"));
    const kind = chosen.value === "class" ? "class" : "without";
    const values = kind === "class" ? found.map.picture : spread(found);
    over(map, image, values, found.rival?.patch ?? null);
    map.setAttribute("aria-label", say(`why.map.${kind}`, { digit }));
    note.textContent = say(`why.note.${kind}`, { digit });
    const places = found.map.map.reduce((a, b) => a + b, 0);
    const [total, rest] = [signed(places + found.map.rest), signed(found.map.rest)];
    sum.textContent = say("why.sum", { digit, places: signed(places), rest, total });
    sum.hidden = kind !== "class";
    rival.hidden = this.#asked.refused; // there is no mind to change
    rival.textContent = against(found, this.#asked.digit);
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
 * @param {number} answer
 * @returns {string}
 */
function against({ rival }, answer) {
  if (rival === null) return "";
  const { digit, before, after, wins, patch } = rival;
  const across = ["left", "middle", "right"][Math.min(2, Math.floor((patch.x + 2) / 9.4))];
  const down = ["top", "middle", "bottom"][Math.min(2, Math.floor((patch.y + 2) / 9.4))];
  const where = say(/** @type {any} */ (`why.${down}.${across}`));
  const values = { answer, digit, before: percent(before), after: percent(after), where };
  return say(wins ? "why.wins" : "why.rival", values);
}
