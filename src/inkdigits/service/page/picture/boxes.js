/**
 * A picture, and its numbers as buttons that lie over it, in reading order. It knows numbers and
 * where they stand; not what happens when one is pressed.
 *
 * @typedef {import("../numbers/pagereader.js").PageNumber} PageNumber
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 */

import { label, spoken } from "../numbers/naming.js";
import { place } from "./placing.js";
import { announce, arrows, light } from "./pointing.js";
import { say } from "../words.js";

/** Emits `open` with the place of a number when it is pressed, `point` when it is pointed at. */
export class Boxes extends EventTarget {
  /** @type {HTMLElement} */ #scene;
  #layer = document.createElement("div");
  /** @type {PageAnswer | null} Whose boxes there are. */ #answer = null;

  /** @param {HTMLElement} scene an empty element for the picture; it gets the picture's shape */
  constructor(scene) {
    super();
    this.#scene = scene;
    this.#layer.className = "boxes";
    arrows(this.#layer);
    new ResizeObserver(() => this.#place()).observe(this.#layer);
  }

  /**
   * @param {HTMLImageElement | null} image that comes into the scene; none hides it
   * @param {PageAnswer | null} answer with its numbers; none takes all boxes away
   */
  show(image, answer) {
    const [width, height] = [image?.naturalWidth ?? 0, image?.naturalHeight ?? 0];
    this.#scene.hidden = width === 0;
    if (image === null) {
      this.#scene.replaceChildren();
    } else if (this.#scene.firstElementChild !== image) {
      this.#scene.replaceChildren(image, this.#layer);
    }
    if (width > 0) {
      this.#scene.style.setProperty("--aspect", String(width / height));
      this.#scene.style.setProperty("--natural", `${width}px`);
    }
    if (answer === this.#answer) return;
    this.#answer = answer;
    this.#layer.replaceChildren(
      ...(answer?.numbers ?? []).map((number, place) =>
        this.#button(number, place, answer?.width ?? 1, answer?.height ?? 1),
      ),
    );
    this.#place();
  }

  /** Puts the labels where they hide as little as may be, at the present size. */
  #place() {
    const buttons = /** @type {HTMLElement[]} */ ([...this.#layer.children]);
    const labels = buttons.map((button) => /** @type {HTMLElement} */ (button.children[0]));
    const places = place(
      buttons.map(({ offsetLeft: x, offsetTop: y, offsetWidth: width, offsetHeight: height }) => ({
        ...{ x, y, width, height },
      })),
      labels.map(({ offsetWidth: width, offsetHeight: height }) => ({ width, height })),
      { width: this.#layer.clientWidth, height: this.#layer.clientHeight },
    );
    buttons.forEach((button, at) => (button.dataset.side = places[at].side));
  }

  /** @param {number | null} place of the number to set off from the others */
  light(place) {
    light(this.#layer, place);
  }

  /**
   * @param {PageNumber} number
   * @param {number} place
   * @param {number} width of the picture
   * @param {number} height
   * @returns {HTMLButtonElement}
   */
  #button(number, place, width, height) {
    const { box, accepted } = number;
    const button = document.createElement("button");
    const name = document.createElement("span");
    button.type = "button";
    button.className = accepted ? "box" : "box doubtful";
    const across = { x: box.x / width, w: box.width / width };
    const down = { y: box.y / height, h: box.height / height };
    for (const [side, share] of Object.entries({ ...across, ...down })) {
      button.style.setProperty(`--${side}`, String(share));
    }
    button.setAttribute("aria-label", say("picture.open", { name: spoken(number) }));
    button.setAttribute("aria-haspopup", "dialog");
    name.textContent = label(number);
    button.append(name);
    announce(this, button, place);
    return button;
  }
}
