/**
 * The pictures that were shown, small, one beside the other. It knows shots, and which of them is
 * looked at; not how they are read.
 *
 * @typedef {import("./shot.js").Shot} Shot
 */

import { say } from "../words.js";

/** A list of buttons; out of sight while there is nothing to choose. Emits `pick` with a shot. */
export class Strip extends EventTarget {
  /** @type {HTMLElement} */ #list;

  /** @param {HTMLElement} list an empty `ol` */
  constructor(list) {
    super();
    this.#list = list;
    list.hidden = true;
  }

  /**
   * @param {Shot[]} shots
   * @param {Shot | null} current
   */
  show(shots, current) {
    const focused = [...this.#list.children].findIndex((it) => it.contains(document.activeElement));
    this.#list.hidden = shots.length < 2;
    this.#list.replaceChildren(...shots.map((shot) => this.#item(shot, shot === current)));
    this.#list.children[focused]?.querySelector("button")?.focus();
  }

  /**
   * @param {Shot} shot
   * @param {boolean} current
   * @returns {HTMLElement}
   */
  #item(shot, current) {
    const [item, button, name, state] = ["li", "button", "strong", "span"].map((tag) =>
      document.createElement(tag),
    );
    const image = document.createElement("img");
    image.src = shot.image.src;
    image.alt = "";
    image.addEventListener("error", () => image.replaceWith(document.createElement("i")));
    image.draggable = false;
    button.setAttribute("type", "button");
    if (current) button.setAttribute("aria-current", "true");
    name.textContent = shot.name;
    state.textContent = words(shot);
    button.append(image, name, " ", state);
    button.addEventListener("click", () => {
      this.dispatchEvent(new CustomEvent("pick", { detail: shot }));
    });
    item.append(button);
    return item;
  }
}

/**
 * @param {Shot} shot
 * @returns {string}
 */
function words({ state, answer }) {
  if (state !== "read") return say(`picture.state.${state}`);
  const count = answer?.numbers.length ?? 0;
  return count === 0 ? say("picture.state.none") : say("picture.count", { count });
}
