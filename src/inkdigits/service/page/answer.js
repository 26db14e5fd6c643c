/**
 * The answer in words, for the eye and for the ear. It knows readings and troubles, not where they
 * come from.
 *
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("./reader.js").Trouble} Trouble
 *
 * @typedef {object} Wording
 * @property {"empty" | "digit" | "unsure" | "refused" | "trouble"} state
 * @property {string} figure  the large sign
 * @property {string} headline
 * @property {string} note
 * @property {string} spoken
 * @property {import("./choices.js").Candidate[]} [choices]  none by default
 *
 * @typedef {object} Parts
 * @property {HTMLElement} root
 * @property {HTMLElement} figure
 * @property {HTMLElement} headline
 * @property {HTMLElement} note
 * @property {import("./choices.js").Choices} choices
 */

import { percent } from "./percent.js";

/** Milliseconds without a new answer before it is spoken: half a digit is not worth hearing. */
const SETTLED = 500;

/** @type {Wording} */
const EMPTY = {
  state: "empty",
  figure: "–",
  headline: "Draw a digit",
  note: "Use a mouse, a finger or a pen.",
  spoken: "The pad is empty.",
};

/** What to say of a drawing that is not read as a digit, and what to do about it. */
const REFUSALS = {
  not_a_digit: ["That does not look like a digit.", "Try one digit, large and on its own."],
  several_digits: ["I see several digits.", "Draw one at a time for now."],
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
  /** @type {Parts} */ #parts;
  /** @type {HTMLElement} */ #status;
  #timer = 0;

  /**
   * @param {Parts} parts what is seen
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
    this.#parts.choices.show(words.choices ?? []);
    clearTimeout(this.#timer);
    if (this.#status.textContent === words.spoken) return; // once is enough
    this.#timer = setTimeout(() => {
      this.#status.textContent = words.spoken;
    }, SETTLED);
  }
}

/**
 * @param {Reading} reading
 * @returns {Wording}
 */
function wording(reading) {
  const { digit, confidence, accepted, reason, candidates } = reading;
  if (digit === null || reason === "blank") return EMPTY;
  if (accepted) {
    const sure = percent(confidence);
    return {
      state: "digit",
      figure: String(digit),
      headline: sure,
      note: `sure that this is a ${digit}`,
      spoken: `${digit}, ${sure} sure`,
    };
  }
  if (reason === "unsure") {
    const digits = candidates.map((it) => it.digit);
    const headline = `Not sure: ${digits.slice(0, -1).join(", ")} or ${digits.at(-1)}?`;
    const shares = candidates.map((it) => `${it.digit} ${percent(it.probability)}`).join(", ");
    const spoken = `${headline} ${shares}`;
    return { state: "unsure", figure: `${digit}?`, headline, note: "", spoken, choices: candidates };
  }
  const [headline, note] = REFUSALS[reason === "several_digits" ? reason : "not_a_digit"];
  return { state: "refused", figure: "?", headline, note, spoken: `${headline} ${note}` };
}
