/** Ten probability bars. They know numbers from 0 to 1 and nothing else. */

import { percent } from "../percent.js";
import { say } from "../words.js";

/** The probabilities of the digits 0 to 9 as a list of meters. */
export class Bars {
  /** @type {HTMLElement} */ #list;
  /** @type {{row: HTMLElement, meter: HTMLElement, value: HTMLElement}[]} */ #rows;

  /** @param {HTMLElement} list an empty `ul` */
  constructor(list) {
    this.#list = list;
    this.#rows = Array.from({ length: 10 }, (_, digit) => {
      const [row, name, meter, value] = ["li", "span", "span", "span"].map((tag) =>
        document.createElement(tag),
      );
      row.dataset.digit = String(digit);
      name.className = "name";
      name.textContent = String(digit);
      meter.className = "meter";
      meter.setAttribute("role", "meter");
      meter.setAttribute("aria-label", say("bars.digit", { digit }));
      meter.setAttribute("aria-valuemin", "0");
      meter.setAttribute("aria-valuemax", "100");
      value.className = "value";
      for (const part of [name, value]) part.setAttribute("aria-hidden", "true");
      row.append(name, meter, value);
      list.append(row);
      return { row, meter, value };
    });
    this.clear();
  }

  /**
   * @param {number[]} probabilities ten, summing to 1
   * @param {number[]} [leaders] the digits to set off from the others
   */
  show(probabilities, leaders = []) {
    this.#list.dataset.state = "read";
    this.#rows.forEach(({ row, meter, value }, digit) => {
      const share = probabilities[digit];
      row.classList.toggle("leads", leaders.includes(digit));
      meter.style.setProperty("--share", String(share));
      meter.setAttribute("aria-valuenow", (share * 100).toFixed(2));
      meter.setAttribute("aria-valuetext", percent(share));
      value.textContent = percent(share);
    });
  }

  /** Empties all bars. */
  clear() {
    this.show(new Array(10).fill(0));
    this.#list.dataset.state = "empty";
    for (const { value } of this.#rows) value.textContent = "";
  }
}
