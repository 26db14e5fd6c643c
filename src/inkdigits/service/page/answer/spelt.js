/**
 * The digits of a number side by side, each as the model sees it, of which one is looked at more
 * closely. It knows digits; nothing of what is shown of the one.
 *
 * @typedef {object} Digit
 * @property {number} digit
 * @property {number} confidence  0 to 1
 * @property {number[]} probabilities  of the digits 0 to 9
 * @property {number[] | null} seen  784 numbers from 0 to 255, row by row
 *
 * @typedef {object} Look  the one that is looked at
 * @property {Digit} digit
 * @property {number} place  from 1
 * @property {number} count
 */

import { percent } from "../percent.js";
import { say } from "../words.js";
import { paint } from "./pixels.js";

/** Radio buttons with pictures; emits `look` with a {@link Look} as the event's detail. */
export class Spelt extends EventTarget {
  /** @type {HTMLElement} */ #root;
  /** @type {Digit[]} */ #digits = [];
  /** @type {HTMLCanvasElement[]} */ #pictures = [];
  #at = 0;

  /** @param {HTMLElement} root a `fieldset` that ends in an empty element for the digits */
  constructor(root) {
    super();
    this.#root = root;
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#paint());
  }

  /** @returns {boolean} whether a number is shown */
  get shown() {
    return this.#digits.length > 0;
  }

  /**
   * Shows a number; the place that was looked at stays, where it has one.
   *
   * @param {Digit[]} digits left to right
   * @param {boolean} doubtful whether the least sure one is set off
   */
  show(digits, doubtful) {
    const held = this.#root.contains(document.activeElement);
    this.#digits = digits;
    this.#at = this.#at < digits.length ? this.#at : 0;
    const least = Math.min(...digits.map(({ confidence }) => confidence));
    const options = digits.map((digit, at) => this.#option(digit, at));
    options.forEach(({ label }, at) => {
      label.classList.toggle("doubtful", doubtful && digits[at].confidence === least);
    });
    this.#pictures = options.map(({ picture }) => picture);
    this.#root.lastElementChild?.replaceChildren(...options.map(({ label }) => label));
    this.#root.hidden = digits.length === 0;
    this.#paint();
    if (held) options[this.#at]?.input.focus();
    this.#look();
  }

  /** There is no number. */
  clear() {
    this.#at = 0;
    if (this.shown) this.show([], false);
  }

  /**
   * @param {Digit} digit
   * @param {number} at
   */
  #option({ digit, confidence }, at) {
    const [label, text] = [document.createElement("label"), document.createElement("span")];
    const picture = document.createElement("canvas");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "spelt", value: String(at) });
    input.checked = at === this.#at;
    const place = { place: at + 1, count: this.#digits.length };
    const said = say("spelt.digit", { ...place, number: digit, share: percent(confidence) });
    input.setAttribute("aria-label", said);
    input.addEventListener("change", () => {
      this.#at = at;
      this.#look();
    });
    picture.width = picture.height = 28;
    picture.setAttribute("aria-hidden", "true");
    text.textContent = String(digit);
    text.setAttribute("aria-hidden", "true");
    label.append(input, picture, text);
    return { label, input, picture };
  }

  #paint() {
    this.#pictures.forEach((picture, at) => paint(picture, this.#digits[at].seen));
  }

  #look() {
    const digit = this.#digits[this.#at];
    if (digit === undefined) return;
    const detail = { digit, place: this.#at + 1, count: this.#digits.length };
    this.dispatchEvent(new CustomEvent("look", { detail }));
  }
}
