/**
 * The numbers of a picture as a list of buttons. It knows numbers; not what happens when one is
 * pressed.
 *
 * @typedef {import("../numbers/pagereader.js").PageNumber} PageNumber
 */

import { label, spoken, sureness } from "../numbers/naming.js";
import { announce, arrows, light } from "./pointing.js";
import { say } from "../words.js";

/** Emits `open` with the place of a number when it is pressed, `point` when it is pointed at. */
export class NumberList extends EventTarget {
  /** @type {HTMLElement} */ #list;
  /** @type {PageNumber[] | null} */ #numbers = null;

  /** @param {HTMLElement} list an empty `ol` */
  constructor(list) {
    super();
    this.#list = list;
    arrows(list);
  }

  /** @param {PageNumber[] | null} numbers in reading order; what is shown already stays */
  show(numbers) {
    if (numbers === this.#numbers) return;
    this.#numbers = numbers;
    const rows = (numbers ?? []).map((number, place) => this.#row(number, place));
    this.#list.replaceChildren(...rows);
  }

  /** @param {number | null} place of the number to set off from the others */
  light(place) {
    light(this.#list, place);
  }

  /**
   * @param {PageNumber} number
   * @param {number} place
   * @returns {HTMLElement}
   */
  #row(number, place) {
    const [item, button, name, share] = ["li", "button", "strong", "span"].map((tag) =>
      document.createElement(tag),
    );
    const sure = sureness(number);
    button.setAttribute("type", "button");
    button.setAttribute("aria-haspopup", "dialog");
    name.textContent = label(number);
    share.textContent = sure;
    button.setAttribute("aria-label", say("number.spoken", { name: spoken(number), sure }));
    item.classList.toggle("doubtful", !number.accepted);
    button.append(name, " ", share);
    item.append(button);
    announce(this, button, place);
    return item;
  }
}
