/**
 * Eleven buttons to say what a digit is: ten digits, and that it is none. They know keys and
 * labels, nothing else.
 *
 * @typedef {import("./corrections.js").Label} Label
 */

import { button, group } from "../buttons.js";
import { say } from "../words.js";

/** A group of buttons; arrows go from one to the next, and a typed digit is one that is pressed. */
export class Labels {
  /** @type {HTMLButtonElement[]} */ #buttons;
  /** @type {(label: Label) => void} */ #chosen;

  /** @param {(label: Label) => void} chosen */
  constructor(chosen) {
    this.#chosen = chosen;
    this.#buttons = Array.from({ length: 10 }, (_, digit) => {
      const made = button(String(digit), () => chosen(digit));
      made.setAttribute("aria-label", say("feedback.digit", { digit }));
      return made;
    });
    this.#buttons.push(button(say("feedback.none"), () => chosen("not_a_digit")));
    /** What to put into the page. */
    this.root = group(say("feedback.labels"), this.#buttons);
  }

  /** Goes to the first button. */
  focus() {
    this.#buttons[0].focus();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key meant something here
   */
  key({ key }) {
    if (/^[0-9]$/.test(key)) {
      this.#chosen(Number(key));
      return true;
    }
    const count = this.#buttons.length;
    const at = this.#buttons.findIndex((it) => it === document.activeElement);
    const to = new Map([
      ["ArrowLeft", at - 1],
      ["ArrowRight", at + 1],
      ["Home", 0],
      ["End", count - 1],
    ]).get(key);
    if (at < 0 || to === undefined) return false;
    this.#buttons[(to + count) % count].focus();
    return true;
  }
}
