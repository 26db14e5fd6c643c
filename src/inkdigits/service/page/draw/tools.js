/**
 * The tools of the pad: buttons and keys. They know the pad; nothing of what is read.
 *
 * @typedef {object} Parts
 * @property {HTMLButtonElement} undo
 * @property {HTMLButtonElement} redo
 * @property {HTMLButtonElement} erase  a toggle
 * @property {HTMLButtonElement} clear
 * @property {Iterable<HTMLInputElement>} pens  radio buttons, each with the name of a pen
 * @property {HTMLElement} status  a live region, for the pen of the keyboard
 */

import { PENS } from "./pad.js";
import { say } from "../words.js";

/** Buttons and keys of one pad. */
export class Tools {
  /** @type {Parts} */ #parts;
  /** @type {import("./pad.js").Pad} */ #pad;

  /**
   * @param {Parts} parts
   * @param {import("./pad.js").Pad} pad
   */
  constructor(parts, pad) {
    this.#parts = parts;
    this.#pad = pad;
    parts.undo.addEventListener("click", () => pad.undo());
    parts.redo.addEventListener("click", () => pad.redo());
    parts.clear.addEventListener("click", () => pad.clear());
    parts.erase.addEventListener("click", () => this.#erase(!pad.erasing));
    for (const pen of parts.pens) pen.addEventListener("change", () => this.#choose(pen.value));
    pad.addEventListener("change", () => this.#refresh());
    pad.addEventListener("pen", (event) => {
      const { where, down } = /** @type {CustomEvent} */ (event).detail;
      parts.status.textContent = say("pad.pen", { state: say(down ? "pad.down" : "pad.up"), where });
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    for (const pen of parts.pens) if (pen.checked) this.#choose(pen.value); // a reload keeps it
    this.#refresh();
  }

  #refresh() {
    const { undo, redo, clear } = this.#parts;
    undo.disabled = !this.#pad.undoable;
    redo.disabled = !this.#pad.redoable;
    clear.disabled = this.#pad.empty;
  }

  /** @param {boolean} on */
  #erase(on) {
    this.#pad.erasing = on;
    this.#parts.erase.setAttribute("aria-pressed", String(on));
  }

  /** @param {string} name */
  #choose(name) {
    this.#pad.pen = PENS[/** @type {keyof typeof PENS} */ (name)];
    this.#erase(false);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const place = event.target instanceof Element ? event.target : document.body;
    if (place.matches("input:not([type=radio]), textarea, select")) return;
    if (this.#parts.undo.closest("[hidden]") !== null) return; // another way is shown
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && !event.altKey && (key === "y" || (key === "z" && event.shiftKey))) {
      event.preventDefault();
      this.#pad.redo();
    } else if (command && !event.altKey && key === "z") {
      event.preventDefault();
      this.#pad.undo();
    } else if (!command && (event.key === "Escape" || event.key === "Delete")) {
      event.preventDefault();
      this.#pad.clear();
    } else if (!command && !event.altKey && key === "e") {
      this.#erase(!this.#pad.erasing);
    }
  }
}
