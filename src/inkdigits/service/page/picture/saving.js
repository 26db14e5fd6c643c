/**
 * The buttons by which what was read is taken away. They know shots that have been read.
 *
 * @typedef {import("./shot.js").Shot} Shot
 * @typedef {import("./download.js").Read} Read
 *
 * @typedef {object} Buttons
 * @property {HTMLElement} tools  holds them; hidden while nothing is read
 * @property {HTMLButtonElement} copy
 * @property {HTMLButtonElement} json
 * @property {HTMLButtonElement} csv
 * @property {HTMLButtonElement} png  of the picture that is looked at
 */

import { asCsv, asJson, asPng, asText, copy, save } from "./download.js";
import { say } from "../words.js";

/** Milliseconds for which a button says that it has done its work. */
const WHILE = 2_000;

/** Text, JSON and CSV of all pictures that were read, and the one that is looked at as a PNG. */
export class Saving {
  /** @type {Buttons} */ #buttons;
  /** @type {Read[]} */ #all = [];
  /** @type {Shot | null} */ #one = null;
  /** @type {(words: string, seen?: boolean) => void} */ #tell;
  #timer = 0;

  /**
   * @param {Buttons} buttons
   * @param {HTMLElement} root whose `--sure`, `--unsure` and `--label` the boxes have
   * @param {(words: string, seen?: boolean) => void} tell says what has happened; not `seen`: for
   *   the ear alone
   */
  constructor(buttons, root, tell) {
    this.#buttons = buttons;
    this.#tell = tell;
    buttons.copy.addEventListener("click", () => this.#copy());
    buttons.json.addEventListener("click", () => this.#save(asJson, "application/json", ".json"));
    buttons.csv.addEventListener("click", () => this.#save(asCsv, "text/csv", ".csv"));
    buttons.png.addEventListener("click", async () => {
      const shot = this.#one;
      if (shot === null || shot.answer === null) return;
      const blob = await asPng(shot.image, shot.answer, getComputedStyle(root));
      if (blob === null) return tell(say("picture.unpainted"));
      save(blob, [{ name: shot.name, answer: shot.answer }], "-numbers.png");
    });
  }

  /**
   * @param {Shot[]} read the pictures that have been read
   * @param {Shot | null} one that is looked at, where it has been read
   */
  show(read, one) {
    this.#all = read.flatMap(({ name, answer }) => (answer === null ? [] : [{ name, answer }]));
    this.#one = one;
    const { tools, copy: text, json, csv, png } = this.#buttons;
    const none = !this.#all.some(({ answer }) => answer.numbers.length > 0);
    tools.hidden = this.#all.length === 0;
    for (const button of [text, json, csv]) button.disabled = none;
    png.disabled = one === null || one.answer?.numbers.length === 0;
  }

  async #copy() {
    const button = this.#buttons.copy;
    if (!(await copy(asText(this.#all)))) return this.#tell(say("picture.uncopied"));
    this.#tell(say("picture.copied"), false);
    button.textContent = say("picture.copied");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (button.textContent = say("picture.copy")), WHILE);
  }

  /**
   * @param {(all: Read[]) => string} make
   * @param {string} type
   * @param {string} ending
   */
  #save(make, type, ending) {
    const text = make(this.#all);
    save(new Blob([text], { type: `${type};charset=utf-8` }), this.#all, ending);
  }
}
