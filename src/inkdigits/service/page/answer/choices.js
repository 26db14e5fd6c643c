/** The few digits or texts that a reading hesitates between, with their shares; nothing else. */

import { percent } from "../percent.js";

/**
 * @typedef {object} Candidate
 * @property {number} digit
 * @property {number} probability  0 to 1
 */

/** A short list, each digit with a bar and its share; gone where there is nothing to choose. */
export class Choices {
  /** @type {HTMLElement} */ #list;

  /** @param {HTMLElement} list an empty `ul` */
  constructor(list) {
    this.#list = list;
    this.show([]);
  }

  /** @param {{digit: number | string, probability: number}[]} candidates best first */
  show(candidates) {
    this.#list.hidden = candidates.length === 0;
    this.#list.replaceChildren(...candidates.map(row));
  }
}

/**
 * @param {{digit: number | string, probability: number}} candidate a digit or a text
 * @returns {HTMLElement}
 */
function row({ digit, probability }) {
  const [item, name, bar, value] = ["li", "strong", "span", "span"].map((tag) =>
    document.createElement(tag),
  );
  name.textContent = String(digit);
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true");
  bar.style.setProperty("--share", String(probability));
  value.textContent = percent(probability);
  item.append(name, " ", bar, " ", value);
  return item;
}
