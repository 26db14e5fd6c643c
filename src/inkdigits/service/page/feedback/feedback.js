/**
 * Whether the answer was right, and what it should have been: a person says it, is thanked, and may
 * take it back. It knows readings, and what is said of them; nothing of the pad or the camera.
 *
 * @typedef {import("./corrections.js").Judged} Judged
 * @typedef {import("./corrections.js").Label} Label
 * @typedef {import("./corrections.js").Reading} Reading
 * @typedef {import("../draw/pad.js").Stroke} Stroke
 *
 * @typedef {object} Parts
 * @property {HTMLElement} root  an empty element; hidden while there is nothing to ask
 * @property {HTMLElement} [promise]  what the page says of what is stored; changes with feedback
 *
 * @typedef {"hidden" | "ask" | "choose" | "told"} State
 */

import { button, group } from "../buttons.js";
import { Corrections } from "./corrections.js";
import { Labels } from "./labels.js";
import { say } from "../words.js";

/** Milliseconds without an answer before it is said that something is being sent. */
const SLOW = 400;

/** Two buttons, eleven more where the answer was wrong, thanks, and a way back. */
export class Feedback {
  /** @type {Parts} */ #parts;
  /** @type {Corrections} */ #corrections;
  /** @type {HTMLElement} */ #ask;
  /** @type {HTMLButtonElement} */ #right;
  /** @type {HTMLButtonElement} */ #wrong;
  /** @type {Labels} */ #labels;
  /** @type {HTMLElement} */ #status;
  /** @type {HTMLButtonElement} */ #undo;
  /** @type {Judged | null} */ #judged = null;
  /** @type {State} */ #state = "hidden";
  #enabled = false;
  #waiting = false;
  #stored = "";
  /** Counts up whenever an answer under way no longer matters. */
  #turn = 0;

  /**
   * @param {Parts} parts
   * @param {string | URL} url of the service that takes corrections
   */
  constructor(parts, url) {
    this.#parts = parts;
    this.#corrections = new Corrections(url);
    this.#right = button(say("feedback.right"), () => this.#confirm());
    this.#wrong = button(say("feedback.wrong"), () => this.#toggle());
    this.#ask = group(say("feedback.ask"), [this.#right, this.#wrong]);
    this.#ask.className = "feedback-ask";
    this.#labels = new Labels((label) => this.#send(label));
    this.#labels.root.className = this.#labels.root.id = "feedback-labels";
    this.#wrong.setAttribute("aria-controls", this.#labels.root.id);
    this.#status = document.createElement("p");
    this.#status.className = "feedback-status";
    this.#status.setAttribute("role", "status");
    this.#undo = button(say("feedback.undo"), () => this.#takeBack());
    this.#undo.setAttribute("aria-label", say("feedback.undo.label"));
    const told = document.createElement("div");
    told.className = "feedback-told";
    told.append(this.#status, this.#undo);
    parts.root.append(this.#ask, this.#labels.root, told);
    parts.root.addEventListener("keydown", (event) => this.#key(event));
    this.#lay("hidden");
  }

  /** @returns {boolean} whether the server takes corrections */
  get enabled() {
    return this.#enabled;
  }

  /** @param {boolean} enabled as the server says in `feedback` of `/api/v1/about` */
  set enabled(enabled) {
    this.#enabled = enabled;
    if (enabled && this.#parts.promise) this.#parts.promise.textContent = say("promise.feedback");
    this.#restart();
  }

  /**
   * Offers to judge an answer. The same drawing read once more changes nothing that is shown.
   *
   * @param {Reading} reading
   * @param {Stroke[]} [strokes] that were read; none for a picture, of which `seen` is sent
   */
  show(reading, strokes = []) {
    if (reading.digit === null || (strokes.length === 0 && !reading.seen)) return this.clear();
    const before = JSON.stringify(this.#judged?.strokes);
    const same = strokes.length > 0 && before === JSON.stringify(strokes);
    this.#judged = { reading, strokes };
    const unsure = !reading.accepted && reading.reason === "unsure";
    this.#right.hidden = unsure; // right would be which of them?
    this.#wrong.textContent = say(unsure ? "feedback.which" : "feedback.wrong");
    if (!same) this.#restart();
  }

  /** There is no answer any more. What was just stored may still be taken back. */
  clear() {
    this.#judged = null;
    if (this.#stored === "") this.#restart();
  }

  #restart() {
    this.#turn += 1;
    this.#stored = "";
    this.#lay(this.#enabled && this.#judged !== null ? "ask" : "hidden");
  }

  /**
   * @param {State} state
   * @param {string} [words]
   */
  #lay(state, words = "") {
    this.#state = state;
    this.#parts.root.hidden = state === "hidden";
    this.#ask.hidden = state === "told";
    this.#labels.root.hidden = state !== "choose";
    this.#undo.hidden = this.#stored === "";
    this.#wrong.setAttribute("aria-expanded", String(state === "choose"));
    this.#wait(false);
    this.#status.textContent = words;
  }

  /** @param {boolean} waiting */
  #wait(waiting) {
    this.#waiting = waiting;
    this.#parts.root.setAttribute("aria-busy", String(waiting));
    // not `disabled`, which would take the focus from the button that was pressed
    for (const it of this.#parts.root.querySelectorAll("button")) {
      it.setAttribute("aria-disabled", String(waiting));
    }
  }

  #toggle() {
    if (this.#waiting) return;
    if (this.#state === "choose") return this.#lay("ask");
    this.#lay("choose");
    this.#labels.focus();
  }

  #confirm() {
    if (this.#judged === null) return;
    const { digit, accepted } = this.#judged.reading;
    this.#send(accepted && digit !== null ? digit : "not_a_digit");
  }

  /** @param {Label} label */
  async #send(label) {
    if (this.#judged === null || this.#waiting) return;
    const from = this.#state;
    const outcome = await this.#awaited(this.#corrections.send(label, this.#judged));
    if (outcome === null) return;
    this.#stored = outcome.id;
    if (outcome.kind === "done") this.#tell("told", thanks(label), this.#undo);
    else if (outcome.kind === "unreachable") this.#tell(from, say("feedback.unsent"));
    else this.#tell(from, because("feedback.refused", outcome.detail));
  }

  async #takeBack() {
    if (this.#stored === "" || this.#waiting) return;
    const outcome = await this.#awaited(this.#corrections.takeBack(this.#stored));
    if (outcome === null) return;
    if (outcome.kind === "unreachable") return this.#tell("told", say("feedback.unmoved"));
    if (outcome.kind === "refused") return this.#tell("told", because("feedback.stuck", outcome.detail));
    this.#stored = "";
    this.#tell(this.#judged === null ? "told" : "ask", say("feedback.undone"), this.#wrong);
  }

  /**
   * @template T
   * @param {Promise<T>} outcome
   * @returns {Promise<T | null>} `null` where nobody waits for it any more
   */
  async #awaited(outcome) {
    const turn = this.#turn;
    this.#wait(true);
    const slow = setTimeout(() => {
      if (turn === this.#turn) this.#status.textContent = say("feedback.sending");
    }, SLOW);
    const value = await outcome;
    clearTimeout(slow);
    return turn === this.#turn ? value : null;
  }

  /**
   * Shows a state, and moves the focus along where it was in here.
   *
   * @param {State} state
   * @param {string} words
   * @param {HTMLElement} [next]
   */
  #tell(state, words, next) {
    const held = this.#parts.root.contains(document.activeElement);
    this.#lay(state, words);
    if (held) next?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#state !== "choose" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.#lay("ask");
      this.#wrong.focus();
    } else if (!this.#labels.key(event)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // Escape clears the pad elsewhere
  }
}

/**
 * @param {Label} label
 * @returns {string}
 */
function thanks(label) {
  if (label === "not_a_digit") return say("feedback.thanks.none");
  return say("feedback.thanks", { digit: label });
}

/**
 * @param {"feedback.refused" | "feedback.stuck"} key
 * @param {string} why the server's reason, empty where it gave none
 * @returns {string}
 */
function because(key, why) {
  return say(key, { why }).trim();
}
