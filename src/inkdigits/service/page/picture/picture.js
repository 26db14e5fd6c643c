/**
 * The picture panel: pictures that a person shows, each with the numbers that the server read on
 * it. One is read at a time and one is looked at. It knows its own elements and `/api/v1/read`;
 * nothing of the drawing pad or the camera.
 *
 * @typedef {import("./saving.js").Buttons} Buttons
 *
 * @typedef {object} Parts
 * @property {HTMLElement} root  the panel; has `data-state`
 * @property {HTMLButtonElement} choose  opens the file picker, as the caller sees to
 * @property {HTMLSelectElement} group  its values are those of the option `group`
 * @property {HTMLButtonElement} clear
 * @property {HTMLElement} note  what was found, or what is wrong, or what to do
 * @property {HTMLButtonElement} cancel
 * @property {HTMLButtonElement} again
 * @property {HTMLElement} result  holds the scene and the list; hidden without a picture
 * @property {HTMLElement} scene  empty; the picture comes here
 * @property {HTMLElement} numbers  an empty `ol`
 * @property {HTMLElement} strip  an empty `ol` for several pictures
 * @property {Buttons} save
 * @property {import("./details.js").Parts} details
 * @property {HTMLElement} status  the live region
 */

import { Boxes } from "./boxes.js";
import { Details } from "./details.js";
import { NumberList } from "./numberlist.js";
import { Saving } from "./saving.js";
import { Shot } from "./shot.js";
import { Strip } from "./strip.js";
import { spokenSummary, summary } from "./summary.js";
import { say } from "../words.js";

/** Pictures that are kept at once: each takes memory. */
const MOST = 24;

/** The panel. */
export class Picture {
  /** @type {Parts} */ #parts;
  /** @type {URL} */ #url;
  /** @type {Boxes} */ #boxes;
  /** @type {NumberList} */ #list;
  /** @type {Strip} */ #strip;
  /** @type {Saving} */ #saving;
  /** @type {Details} */ #details;
  /** @type {Shot[]} */ #shots = [];
  /** @type {Shot | null} The one that is looked at. */ #current = null;
  /** @type {Shot | null} The one that is being read. */ #reading = null;

  #full = false;

  /**
   * @param {Parts} parts
   * @param {string | URL} url of the service that reads pictures
   */
  constructor(parts, url) {
    this.#parts = parts;
    this.#url = new URL(url, document.baseURI);
    this.#boxes = new Boxes(parts.scene);
    this.#list = new NumberList(parts.numbers);
    this.#strip = new Strip(parts.strip);
    this.#saving = new Saving(parts.save, parts.root, (words, seen = true) => {
      this.#speak(words);
      if (seen) parts.note.textContent = words;
    });
    this.#details = new Details(parts.details);
    const detail = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail;
    for (const source of [this.#boxes, this.#list]) {
      source.addEventListener("open", (event) => this.#open(detail(event)));
      source.addEventListener("point", (event) => this.#light(detail(event)));
    }
    this.#strip.addEventListener("pick", (event) => this.#look(detail(event)));
    parts.details.dialog.addEventListener("close", () => this.#light(null));
    parts.group.addEventListener("change", () => this.#readAnew(["read"]));
    parts.again.addEventListener("click", () => this.#readAnew(["trouble", "cancelled"]));
    parts.cancel.addEventListener("click", () => this.cancel());
    parts.clear.addEventListener("click", () => this.clear());
    this.#render();
  }

  /**
   * Shows pictures at once and has them read one after another.
   *
   * @param {File[]} files
   */
  show(files) {
    const shots = files.slice(0, MOST - this.#shots.length).map((file) => new Shot(file));
    this.#full = shots.length < files.length;
    this.#details.close();
    this.#shots.push(...shots);
    this.#render();
    if (shots.length > 0) this.#look(shots[0]);
    this.#come(shots[0]);
    this.#run();
  }

  /**
   * Comes into view, once there is a picture to see.
   *
   * @param {Shot | undefined} shot
   */
  async #come(shot) {
    await shot?.open();
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#parts.root.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
  }

  /** Gives up whatever is still to be read. */
  cancel() {
    for (const shot of this.#shots) shot.cancel();
    this.#render();
    this.#speak(say("picture.cancelled"));
  }

  /** Forgets all pictures. */
  clear() {
    this.#details.close();
    for (const shot of this.#shots) shot.close();
    this.#shots = [];
    this.#current = null;
    this.#full = false;
    this.#render();
    this.#speak(say("picture.cleared"));
    this.#parts.choose.focus();
  }

  /** Reads what waits, the picture that is looked at first. */
  async #run() {
    if (this.#reading !== null) return;
    for (;;) {
      const waiting = this.#shots.filter(({ state }) => state === "waiting");
      const next = waiting.find((shot) => shot === this.#current) ?? waiting[0];
      if (next === undefined) return;
      this.#reading = next;
      const done = next.read(this.#address());
      this.#render();
      this.#speak(say("picture.reading", { name: next.name }));
      await done;
      this.#reading = null;
      if (!this.#shots.includes(next)) continue; // cleared meanwhile
      this.#render();
      if (next.state === "read" || next.state === "trouble") this.#report(next);
    }
  }

  /** @returns {URL} with the options as they are chosen now */
  #address() {
    const url = new URL(this.#url);
    url.searchParams.set("group", this.#parts.group.value);
    return url;
  }

  /** @param {Shot["state"][]} states of the pictures that are to be read once more */
  #readAnew(states) {
    for (const shot of this.#shots) {
      const hopeless = shot.state === "trouble" && !shot.again;
      if (shot.state === "reading" || (states.includes(shot.state) && !hopeless)) shot.reset();
    }
    this.#render();
    this.#run();
  }

  /** @param {Shot} shot */
  #look(shot) {
    this.#current = shot;
    this.#render();
    shot.open().then(() => shot === this.#current && this.#render());
  }

  /** @param {number} place */
  #open(place) {
    const { answer, image } = this.#current ?? {};
    if (answer && image) this.#details.open(answer, place, image);
  }

  /** @param {number | null} place */
  #light(place) {
    this.#boxes.light(place);
    this.#list.light(place);
  }

  #render() {
    const { root, note, result, clear, cancel, again } = this.#parts;
    const shot = this.#current;
    const state = shot?.state ?? "empty";
    const unfinished = this.#shots.some((it) => ["waiting", "reading"].includes(it.state));
    const active = document.activeElement;
    root.dataset.state = state;
    result.hidden = shot === null;
    result.setAttribute("aria-busy", String(state === "waiting" || state === "reading"));
    clear.hidden = shot === null || unfinished;
    cancel.hidden = !unfinished;
    again.hidden = !(state === "cancelled" || (state === "trouble" && shot?.again));
    this.#strip.show(this.#shots, shot);
    this.#boxes.show(shot?.image ?? null, shot?.answer ?? null);
    this.#list.show(shot?.answer?.numbers ?? null);
    const read = this.#shots.filter((it) => it.state === "read");
    this.#saving.show(read, shot?.state === "read" ? shot : null);
    const words = shot === null ? say("picture.invite") : sentence(shot);
    note.textContent = this.#full ? `${words} ${say("picture.full", { count: MOST })}` : words;
    const lost = [cancel, again].find((button) => button === active && button.hidden);
    if (lost) (again.hidden ? (cancel.hidden ? clear : cancel) : again).focus();
  }

  /** @param {Shot} shot that has been read, or not */
  #report(shot) {
    const words = shot.answer === null ? sentence(shot) : spokenSummary(shot.answer);
    const several = this.#shots.length > 1;
    this.#speak(several ? say("picture.one", { name: shot.name, words }) : words);
  }

  /** @param {string} words for the ear */
  #speak(words) {
    this.#parts.status.textContent = words;
  }
}

/**
 * @param {Shot} shot
 * @returns {string} how it stands with it
 */
function sentence(shot) {
  if (shot.answer !== null) return summary(shot.answer);
  if (shot.state === "trouble") return shot.trouble;
  if (shot.state === "cancelled") return say("picture.cancelled");
  const key = shot.state === "reading" ? "picture.reading" : "picture.waiting";
  return say(key, { name: shot.name });
}
