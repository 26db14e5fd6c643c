/**
 * The answer in words, for the eye and for the ear. It knows readings and troubles, not where they
 * come from.
 *
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("./reader.js").Trouble} Trouble
 *
 * @typedef {object} Wording
 * @property {"empty" | "digit" | "unsure" | "not_a_digit" | "trouble"} state
 * @property {string} figure  the large sign
 * @property {string} headline
 * @property {string} note
 * @property {string} spoken
 */

import { percent } from "./percent.js";

/** Milliseconds without a new answer before it is spoken: half a digit is not worth hearing. */
const SETTLED = 500;

/** @type {Wording} */
const EMPTY = {
  state: "empty",
  figure: "–",
  headline: "Nothing drawn yet",
  note: "Use a mouse, a finger or a pen.",
  spoken: "The pad is empty.",
};

/** What to say of each kind of trouble, and what to do about it. */
const TROUBLES = {
  unreachable: [
    "The server cannot be reached.",
    "Your drawing is kept and will be read when the server is back.",
  ],
  busy: ["The server has trouble answering.", "Your drawing is kept and will be tried again."],
  refused: ["The server would not read this drawing.", "Clear the pad and try again."],
};

/** The large answer, the sentence beside it, and the live region that speaks it. */
export class Answer {
  /** @type {{root: HTMLElement, figure: HTMLElement, headline: HTMLElement, note: HTMLElement}} */
  #parts;
  /** @type {HTMLElement} */ #status;
  #timer = 0;

  /**
   * @param {{root: HTMLElement, figure: HTMLElement, headline: HTMLElement, note: HTMLElement}}
   *   parts what is seen
   * @param {HTMLElement} status the live region
   */
  constructor(parts, status) {
    this.#parts = parts;
    this.#status = status;
  }

  /** @param {Reading} reading */
  show(reading) {
    this.#say(wording(reading));
  }

  /** @param {boolean} waiting whether what is shown is about to be replaced */
  wait(waiting) {
    this.#parts.root.setAttribute("aria-busy", String(waiting));
  }

  /** Back to the start. */
  clear() {
    this.#say(EMPTY);
  }

  /** @param {Trouble} trouble */
  fail(trouble) {
    const [headline, help] = TROUBLES[trouble.kind];
    const note = trouble.detail === "" ? help : `${trouble.detail} ${help}`;
    this.#say({ state: "trouble", figure: "–", headline, note, spoken: `${headline} ${note}` });
  }

  /** @param {Wording} words */
  #say(words) {
    this.#parts.root.dataset.state = words.state;
    this.#parts.figure.textContent = words.figure;
    this.#parts.headline.textContent = words.headline;
    this.#parts.note.textContent = words.note;
    clearTimeout(this.#timer);
    if (this.#status.textContent === words.spoken) return; // once is enough
    this.#timer = setTimeout(() => {
      this.#status.textContent = words.spoken;
    }, SETTLED);
  }
}

/**
 * The two most probable digits, best first.
 *
 * @param {Reading} reading
 * @returns {number[]}
 */
export function bestTwo({ probabilities }) {
  const order = probabilities.map((_, digit) => digit);
  return order.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, 2);
}

/**
 * @param {Reading} reading
 * @returns {Wording}
 */
function wording(reading) {
  const { digit, confidence, accepted, reason, probabilities } = reading;
  if (digit === null || reason === "blank") return EMPTY;
  if (reason === "not_a_digit") {
    const headline = "This does not look like a digit.";
    const note = "Try one digit, large and on its own.";
    return { state: "not_a_digit", figure: "?", headline, note, spoken: headline };
  }
  const [first, second] = bestTwo(reading);
  if (!accepted) {
    const headline = `Not sure: ${first} or ${second}?`;
    const note = `${percent(probabilities[first])} against ${percent(probabilities[second])}`;
    return { state: "unsure", figure: `${first}?`, headline, note, spoken: headline };
  }
  const sure = percent(confidence);
  return {
    state: "digit",
    figure: String(digit),
    headline: sure,
    note: `sure that this is a ${digit}`,
    spoken: `${digit}, ${sure} sure`,
  };
}
