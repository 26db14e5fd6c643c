/**
 * One step at a time: forwards and back, by buttons, arrow keys or the list of steps. It knows its
 * elements and a story; what a step shows is the step's own.
 *
 * @typedef {import("./story.js").Story} Story
 * @typedef {(stage: HTMLElement, story: Story, tell: (words: string) => void) => void} Show
 *
 * @typedef {Record<"root" | "source" | "list" | "step" | "title" | "idea" | "stage" | "words"
 *   | "place" | "status", HTMLElement> & Record<"back" | "next", HTMLButtonElement>} Parts
 */

import { button } from "../buttons.js";
import { say } from "../words.js";
import { decision } from "./steps/decision.js";
import { deeper } from "./steps/deeper.js";
import { drawn } from "./steps/drawn.js";
import { edges } from "./steps/edges.js";
import { boxed } from "./steps/framed.js";
import { scores } from "./steps/scores.js";

/** @type {["drawn" | "framed" | "edges" | "deeper" | "scores" | "decision", Show][]} */
const STEPS = [
  ["drawn", drawn],
  ["framed", boxed],
  ["edges", edges],
  ["deeper", deeper],
  ["scores", scores],
  ["decision", decision],
];

/** Steps with a story to show. */
export class Tour {
  /** @type {Parts} */ #parts;
  /** @type {HTMLButtonElement[]} */ #listed;
  /** @type {Story | null} */ #story = null;
  #at = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#listed = STEPS.map(([name], k) => button(say(`how.${name}`), () => this.#go(k)));
    parts.list.replaceChildren(
      ...this.#listed.map((one) => {
        const item = document.createElement("li");
        item.append(one);
        return item;
      }),
    );
    parts.back.addEventListener("click", () => this.#go(this.#at - 1));
    parts.next.addEventListener("click", () => this.#go(this.#at + 1));
    parts.root.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("hashchange", () => {
      const step = named();
      if (step !== null && step !== this.#at) this.#go(step);
    });
    this.#at = named() ?? 0;
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Keeps the step in the address. */
  mark() {
    const step = this.#at === 0 ? "" : `/${STEPS[this.#at][0]}`;
    history.replaceState(null, "", `#how${step}`);
  }

  /** A story is on its way. */
  wait() {
    this.#parts.step.setAttribute("aria-busy", "true");
  }

  /** @param {Story} story shown at the step where the tour is */
  tell(story) {
    this.#story = story;
    const source = story.example ? "how.example" : story.first ? "how.first" : "how.yours";
    this.#parts.source.textContent = say(source);
    this.#parts.step.setAttribute("aria-busy", "false");
    this.#show();
  }

  /** @param {string} words what went wrong */
  fail(words) {
    this.#story = null;
    this.#parts.step.setAttribute("aria-busy", "false");
    this.#show();
    this.#parts.words.textContent = words;
    this.#parts.status.textContent = words;
  }

  /** @param {number} step */
  #go(step) {
    if (step < 0 || step >= STEPS.length) return;
    this.#at = step;
    this.#show();
    this.mark();
    const { title, words, status } = this.#parts;
    title.focus();
    status.textContent = say("how.spoken", {
      step: step + 1,
      steps: STEPS.length,
      title: title.textContent ?? "",
      words: words.textContent ?? "",
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented) return; // the pad's
    if (event.target instanceof HTMLInputElement || event.altKey || event.ctrlKey) return;
    const change = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    this.#go(this.#at + change);
  }

  #show() {
    const { title, idea, stage, words, back, place, next, status } = this.#parts;
    const [name, show] = STEPS[this.#at];
    this.#listed.forEach((one, k) => {
      if (k === this.#at) one.setAttribute("aria-current", "step");
      else one.removeAttribute("aria-current");
      one.classList.toggle("done", k < this.#at);
    });
    back.disabled = this.#at === 0;
    next.disabled = this.#at === STEPS.length - 1;
    place.textContent = say("how.place", { step: this.#at + 1, steps: STEPS.length });
    title.textContent = say(`how.${name}`);
    const channels = this.#story?.stages[0].channels ?? 0;
    idea.textContent = this.#story === null ? "" : say(`how.${name}.idea`, { channels });
    stage.replaceChildren();
    stage.dataset.step = name;
    words.textContent = "";
    if (this.#story === null) return;
    let chosen = false; // by the person, within the step
    show(stage, this.#story, (text) => {
      words.textContent = text;
      if (chosen) status.textContent = text;
    });
    chosen = true;
  }
}

/** @returns {number | null} the step that the address names, such as `#how/edges` */
function named() {
  const step = STEPS.findIndex(([name]) => location.hash === `#how/${name}`);
  return step < 0 ? null : step;
}
