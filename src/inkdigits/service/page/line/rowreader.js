/**
 * From strokes to a number, without the server: one network sees the row, the other each digit in
 * it. The twin of `Reader` in `inkdigits/reader.py` for one row of which nothing is asked. It knows
 * the order of the steps; nothing of the page.
 *
 * @typedef {import("../engine/decide.js").Info} Info
 * @typedef {import("../engine/linenetwork.js").LineNetwork} LineNetwork
 * @typedef {import("../engine/network.js").Network} Network
 * @typedef {import("../normalise/grid.js").Grid} Grid
 * @typedef {import("../normalise/parting.js").Part} Part
 * @typedef {import("../normalise/strip.js").Strip} Strip
 * @typedef {import("../normalise/strokes.js").Stroke} Stroke
 * @typedef {import("./search.js").Candidate} Candidate
 * @typedef {import("./spelling.js").Place} Place
 *
 * @typedef {object} RowNumber
 * @property {string} text
 * @property {number} confidence  0 to 1
 * @property {boolean} accepted
 * @property {Candidate[]} candidates  texts, best first
 * @property {Digit[]} digits  left to right
 *
 * @typedef {object} Digit
 * @property {number} digit
 * @property {number} confidence  0 to 1
 * @property {number[]} probabilities  of the digits 0 to 9
 * @property {number[] | null} seen  784 numbers from 0 to 255, row by row
 *
 * @typedef {{place: Place, part: Part | null, image?: Float32Array}} Seen
 */

import { digitness, info, softmax } from "../engine/decide.js";
import { STRIDE } from "../engine/linenetwork.js";
import { ModelError } from "../engine/protobuf.js";
import { WORKING_SIDE, extract } from "../normalise/ink.js";
import { overlooked, part } from "../normalise/parting.js";
import { normalise } from "../normalise/preprocess.js";
import { only } from "../normalise/rows.js";
import { columnOf, normaliseRow, where } from "../normalise/strip.js";
import { renderRow } from "../normalise/strokes.js";
import { ofDigit, ofRow } from "../normalise/views.js";
import { agreed, agreedOnCut, expected, isNumber, least, stillThere } from "./opinion.js";
import { best } from "./search.js";
import { ALPHABET, aligned, mark, places, shares, slot, sum, sureness } from "./spelling.js";

/** Texts that are kept. */
const CANDIDATES = 3;
/** A row that is less sure is looked at again, from several sides. */
const SURE = 0.97;

const WORDS = {
  alphabet: (/** @type {string} */ found) =>
    `The model reads "${found}"; this page reads "${ALPHABET}": use the model shipped.`,
};

/**
 * @param {Stroke[]} strokes
 * @returns {Grid | null} the ink of the row that they are, `null` where there is none
 */
export function rowOf(strokes) {
  return only(extract(renderRow(strokes), WORKING_SIDE).pixels);
}

/** Reads rows with two networks. */
export class RowReader {
  /** @type {LineNetwork} */ #line;
  /** @type {Network} */ #digits;
  /** @type {Info} What the reader of rows says about itself. */ about;
  /** @type {Info} */ #digitsAbout;

  /**
   * @param {LineNetwork} line
   * @param {Network} digits
   * @throws {ModelError} the models are not what they should be
   */
  constructor(line, digits) {
    this.#line = line;
    this.#digits = digits;
    const alphabet = line.metadata.get("alphabet") ?? ALPHABET;
    if (alphabet !== ALPHABET) throw new ModelError(WORDS.alphabet(alphabet));
    this.about = info(line.metadata);
    this.#digitsAbout = info(digits.metadata);
  }

  /**
   * @param {Stroke[]} strokes
   * @returns {RowNumber | null} `null` where they are no number
   */
  read(strokes) {
    const row = rowOf(strokes);
    const shown = row === null ? null : normaliseRow(row);
    if (row === null || shown === null) return null;
    let seen = this.#seen(row, shown, [shown.pixels], (digit) => [digit]);
    if (sureness(seen.map(({ place }) => place)) < SURE) {
      seen = this.#seen(row, shown, ofRow(shown.pixels), ofDigit);
    }
    const found = seen.map(({ place }) => place);
    if (!isNumber(found)) return null;
    const candidates = best(found.map(slot), CANDIDATES);
    const { text, probability } = candidates[0];
    if (text === "") return null;
    const accepted = probability >= this.about.acceptThreshold && !isBroken(found, text);
    const digits = aligned(found, text).map((at, k) => told(seen[at], Number(text[k])));
    return { text, confidence: probability, accepted, candidates, digits };
  }

  /**
   * The places of a row, by the mean of several looks at it and at each digit.
   *
   * @param {Grid} row
   * @param {Strip} shown
   * @param {Grid[]} looks
   * @param {(digit: Float32Array) => Float32Array[]} viewed
   * @returns {Seen[]}
   */
  #seen(row, shown, looks, viewed) {
    const logits = looks.map((strip) => this.#line.run(strip));
    const found = places(shares(logits, this.about.temperature)).map(expected);
    return this.#secondOpinion(parted(row, shown, found), viewed);
  }

  /**
   * Asks the reader of single digits about the ink of each place.
   *
   * @param {Seen[]} seen
   * @param {(digit: Float32Array) => Float32Array[]} viewed
   * @returns {Seen[]}
   */
  #secondOpinion(seen, viewed) {
    const marks = seen.map(({ place }) => mark(place));
    return seen.map(({ place, part: own }, at) => {
      if (own === null) return { place, part: own };
      const image = normalise(own);
      const { told, digit } = this.#told(viewed(image));
      if (!own.alone) return { place: agreedOnCut(place, told, digit), part: own, image };
      const around = least(marks.filter((_, other) => other !== at));
      return { place: agreed(place, told, digit, around), part: own, image };
    });
  }

  /**
   * What the reader of single digits says of one, by the mean of several looks.
   *
   * @param {Float32Array[]} looks
   * @returns {{told: number[], digit: number}} which it is, and the probability that it is one
   */
  #told(looks) {
    const logits = looks.map((look) => this.#digits.run(look).logits);
    const each = logits.map((it) => softmax(it, this.#digitsAbout.temperature));
    const mean = (/** @type {number[]} */ them) => sum(them) / looks.length;
    return {
      told: each[0].map((_, digit) => mean(each.map((shares) => shares[digit]))),
      digit: mean(logits.map((it) => 1 / (1 + Math.exp(-digitness(it))))),
    };
  }
}

/**
 * The places with their ink; where a tall mark was overlooked, there is a place too.
 *
 * @param {Grid} row
 * @param {Strip} shown
 * @param {Place[]} found
 * @returns {Seen[]} left to right
 */
function parted(row, shown, found) {
  const middle = (/** @type {Place} */ { column }) => where(shown, column * STRIDE);
  const surely = found.filter(({ nothing }) => nothing < 0.5).map(middle);
  let all = found;
  for (const [start, end] of overlooked(row, surely)) {
    const inside = all.filter((place) => start <= middle(place) && middle(place) <= end);
    const column = columnOf(shown, (start + end) / 2) / STRIDE;
    all = [...all.filter((place) => !inside.includes(place)), stillThere(column, inside)];
  }
  all = [...all].sort((one, other) => one.column - other.column);
  const parts = part(row, all.map(middle));
  return all.map((place, at) => ({ place, part: parts[at] }));
}

/**
 * @param {Seen} seen what stands at a place
 * @param {number} digit that it is taken for
 * @returns {Digit}
 */
function told({ place: { digits }, image }, digit) {
  const whole = sum(digits);
  const probabilities = digits.map((share) => (whole > 0 ? share / whole : 0.1));
  const seen = image ? Array.from(image, (ink) => Math.round(ink * 255)) : null;
  return { digit, confidence: digits[digit], probabilities, seen };
}

/**
 * @param {Place[]} found
 * @param {string} text
 * @returns {boolean} whether something that is neither digit nor mark stands between its digits
 */
function isBroken(found, text) {
  const chosen = aligned(found, text);
  const [first, last] = [chosen[0], chosen[chosen.length - 1]];
  return found.some(
    (place, at) => at > first && at < last && !chosen.includes(at) && mark(place) === "?",
  );
}
