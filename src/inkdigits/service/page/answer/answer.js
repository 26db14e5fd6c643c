/**
 * The answer in words, for the eye and for the ear. It knows readings and troubles, not where they
 * come from.
 *
 * @typedef {import("../reading/reader.js").Reading} Reading
 * @typedef {import("../reading/reader.js").Trouble} Trouble
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

import { percent } from "../percent.js";
import { say } from "../words.js";

/** Milliseconds without a new answer before it is spoken: half a digit is not worth hearing. */
const SETTLED = 500;

/** @returns {Wording} */
const empty = () => ({
  state: "empty",
  figure: "–",
  headline: say("answer.empty"),
  note: say("answer.empty.note"),
  spoken: say("answer.empty.spoken"),
});

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
    const words = wording(reading);
    this.#say(reading.local && words.state !== "empty" ? here(words, reading.apart) : words);
  }

  /** @param {import("../reading/row.js").RowNumber} number that several digits are */
  number({ text, confidence, accepted, local, apart }) {
    const sure = percent(confidence);
    const unsure = say("answer.number.unsure", { text });
    /** @type {Wording} */
    const words = {
      state: accepted ? "digit" : "unsure",
      figure: accepted ? text : `${text}?`,
      headline: accepted ? sure : unsure,
      note: accepted ? say("answer.number", { text }) : sure,
      spoken: accepted ? say("answer.spoken", { digit: text, sure }) : `${unsure}, ${sure}`,
    };
    this.#say(local ? here(words, apart) : words);
  }

  /** @param {boolean} waiting whether what is shown is about to be replaced */
  wait(waiting) {
    this.#parts.root.setAttribute("aria-busy", String(waiting));
  }

  /** Back to the start. */
  clear() {
    this.#say(empty());
  }

  /** @param {Trouble} trouble */
  fail(trouble) {
    const headline = say(`trouble.${trouble.kind}`);
    const help = say(`trouble.${trouble.kind}.note`);
    const note = trouble.detail === "" ? help : `${trouble.detail} ${help}`;
    this.#say({ state: "trouble", figure: "–", headline, note, spoken: `${headline} ${note}` });
  }

  /** @param {Wording} words */
  #say(words) {
    this.#parts.root.dataset.state = words.state;
    this.#parts.figure.textContent = words.figure;
    this.#parts.figure.style.setProperty("--letters", String(words.figure.length));
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
 * Words that tell who has read: this browser, although there is a server, as a rule.
 *
 * @param {Wording} words
 * @param {boolean} [apart] whether that server is there, and does not read for this page
 * @returns {Wording}
 */
function here(words, apart = false) {
  if (document.documentElement.dataset.server === "none") return words;
  return { ...words, note: say(apart ? "answer.apart" : "answer.local", { note: words.note }) };
}

/**
 * @param {Reading} reading
 * @returns {Wording}
 */
function wording(reading) {
  const { digit, confidence, accepted, reason, candidates } = reading;
  if (digit === null || reason === "blank") return empty();
  if (accepted) {
    const sure = percent(confidence);
    return {
      state: "digit",
      figure: String(digit),
      headline: sure,
      note: say("answer.sure", { digit }),
      spoken: say("answer.spoken", { digit, sure }),
    };
  }
  if (reason === "unsure") {
    const digits = candidates.map((it) => it.digit);
    const names = { first: digits.slice(0, -1).join(", "), last: digits.at(-1) ?? "" };
    const headline = say("answer.unsure", names);
    const shares = candidates.map((it) => `${it.digit} ${percent(it.probability)}`).join(", ");
    const spoken = `${headline} ${shares}`;
    return { state: "unsure", figure: `${digit}?`, headline, note: "", spoken, choices: candidates };
  }
  const why = reason === "several_digits" ? reason : "not_a_digit";
  const [headline, note] = [say(`answer.${why}`), say(`answer.${why}.note`)];
  return { state: "refused", figure: "?", headline, note, spoken: `${headline} ${note}` };
}
