/**
 * One number looked at closely: its digits one by one, each as it stands on the picture, with ten
 * bars and what else it may be. It knows numbers and a picture of them.
 *
 * @typedef {import("../numbers/pagereader.js").PageNumber} PageNumber
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 * @typedef {import("../numbers/pagereader.js").Digit} Digit
 *
 * @typedef {object} Parts
 * @property {HTMLDialogElement} dialog
 * @property {HTMLElement} title
 * @property {HTMLElement} note
 * @property {HTMLElement} texts  an empty `ul` for the texts that it may be
 * @property {HTMLElement} digits  an empty `ol`
 * @property {HTMLButtonElement} before
 * @property {HTMLButtonElement} after
 * @property {HTMLButtonElement} close
 *
 * @typedef {object} Seen  the picture that the digits are cut from
 * @property {HTMLImageElement} image
 * @property {number} scale  pixels of the image for one of the answer
 * @property {number} turned  degrees, counter-clockwise, until the digits are upright
 */

import { Bars } from "../answer/bars.js";
import { Choices } from "../answer/choices.js";
import { label, written } from "../numbers/naming.js";
import { percent } from "../percent.js";
import { say } from "../words.js";

/** Side of a crop, pixels of its canvas, and the paper left around the digit, share of its side. */
const [CROP, MARGIN] = [112, 0.15];

/** Paper around a digit that is not paled, share of the crop. */
const AROUND = 0.03;

/** The fewest likeliest digits whose probabilities reach this are worth a look; at most so many. */
const [ENOUGH, MOST] = [0.95, 3];

/** A dialog that shows a number; emits `close` when it has gone. */
export class Details {
  /** @type {Parts} */ #parts;
  /** @type {Choices} */ #texts;
  /** @type {PageAnswer | null} */ #answer = null;
  /** @type {HTMLImageElement | null} */ #image = null;
  #place = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#texts = new Choices(parts.texts);
    const { dialog, before, after, close } = parts;
    before.addEventListener("click", () => this.#step(-1));
    after.addEventListener("click", () => this.#step(1));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside what it holds
    });
    // the page's own keys rest meanwhile: Escape closes this and nothing else
    const rest = (/** @type {KeyboardEvent} */ event) => dialog.open && event.stopPropagation();
    window.addEventListener("keydown", rest, { capture: true });
  }

  /** @returns {number} the place of the number that is or was shown last */
  get place() {
    return this.#place;
  }

  /**
   * @param {PageAnswer} answer
   * @param {number} place of the number in it
   * @param {HTMLImageElement} image
   */
  open(answer, place, image) {
    [this.#answer, this.#image] = [answer, image];
    this.#show(place);
    if (!this.#parts.dialog.open) this.#parts.dialog.showModal();
    this.#parts.dialog.scrollTop = 0;
    this.#parts.title.focus();
  }

  /** Closes it where it is open. */
  close() {
    this.#parts.dialog.close();
  }

  /** @param {number} by */
  #step(by) {
    this.#show(this.#place + by);
    const { before, after, close } = this.#parts;
    const [pressed, other] = by < 0 ? [before, after] : [after, before];
    if (pressed.disabled) (other.disabled ? close : other).focus();
  }

  /** @param {number} place */
  #show(place) {
    const answer = this.#answer;
    if (answer === null || this.#image === null) return;
    this.#place = place;
    const number = answer.numbers[place];
    const { title, note, digits, before, after } = this.#parts;
    const share = percent(number.confidence);
    const marked = number.separators.length > 0;
    title.textContent = label(number);
    note.textContent = say(marked ? "details.note.marks" : "details.note", {
      place: say("details.place", { place: place + 1, count: answer.numbers.length }),
      sure: say(number.accepted ? "details.sure" : "details.unsure", { share }),
      text: written(number),
    });
    before.disabled = place === 0;
    after.disabled = place === answer.numbers.length - 1;
    const texts = number.candidates.map((it) => ({ digit: it.text, probability: it.probability }));
    this.#texts.show(texts.length > 1 ? texts : []);
    const of = number.digits.length;
    const scale = this.#image.naturalWidth / answer.width;
    const seen = { image: this.#image, scale, turned: answer.turned };
    digits.replaceChildren(...number.digits.map((digit, at) => card(digit, at + 1, of, seen)));
  }
}

/**
 * @param {Digit} digit
 * @param {number} at its place, from 1
 * @param {number} of how many
 * @param {Seen} seen
 * @returns {HTMLElement}
 */
function card(digit, at, of, seen) {
  const [item, head, name, share, bars, choices] = ["li", "p", "strong", "span", "ul", "ul"].map(
    (tag) => document.createElement(tag),
  );
  name.textContent = digit.digit === null ? "?" : String(digit.digit);
  share.textContent = percent(digit.confidence);
  head.append(name, " ", share);
  for (const [list, words] of /** @type {const} */ ([
    [bars, say("details.bars", { place: at })],
    [choices, say("details.choices", { place: at })],
  ])) {
    list.className = list === bars ? "bars" : "choices";
    list.setAttribute("role", "list");
    list.setAttribute("aria-label", words);
  }
  const leaders = likely(digit.probabilities);
  new Bars(bars).show(digit.probabilities, leaders);
  const candidates = leaders.map((it) => ({ digit: it, probability: digit.probabilities[it] }));
  new Choices(choices).show(candidates.length > 1 ? candidates : []);
  const pictured = say("details.crop", { place: at, count: of });
  if (digit.box !== null) item.append(crop(seen, digit.box, pictured));
  item.append(head, bars, choices);
  return item;
}

/**
 * @param {number[]} probabilities
 * @returns {number[]} the fewest digits worth a look, the likeliest first
 */
function likely(probabilities) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  let sum = 0;
  const count = 1 + order.findIndex((digit) => (sum += probabilities[digit]) >= ENOUGH);
  return order.slice(0, Math.min(count || MOST, MOST));
}

/**
 * A square part of the picture with a digit in its middle, upright.
 *
 * @param {Seen} seen
 * @param {import("../numbers/marks.js").Box} box
 * @param {string} words
 * @returns {HTMLCanvasElement}
 */
function crop({ image, scale, turned }, box, words) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = CROP;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  const side = Math.max(box.width, box.height) * scale * (1 + 2 * MARGIN);
  const left = (box.x + box.width / 2) * scale - side / 2;
  const top = (box.y + box.height / 2) * scale - side / 2;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.translate(CROP / 2, CROP / 2);
  context.rotate((-turned * Math.PI) / 180); // its corners come to lie on each other
  context.translate(-CROP / 2, -CROP / 2);
  context.drawImage(image, left, top, side, side, 0, 0, CROP, CROP);
  veil(context, (box.width * scale * CROP) / side, (box.height * scale * CROP) / side);
  return canvas;
}

/**
 * Pales what stands beside the digit, so that its neighbours are not taken for it.
 *
 * @param {CanvasRenderingContext2D} context of a crop
 * @param {number} width of the digit on it
 * @param {number} height
 */
function veil(context, width, height) {
  const pad = CROP * AROUND;
  const [wide, high] = [width + 2 * pad, height + 2 * pad];
  context.fillStyle = "rgb(255 255 255 / 65%)";
  context.beginPath();
  context.rect(0, 0, CROP, CROP);
  context.rect((CROP - wide) / 2, (CROP - high) / 2, wide, high);
  context.fill("evenodd");
}
