/**
 * What two readers think of a place, put together, and whether a row of places is a number. The twin
 * of those parts of `inkdigits/reader.py`. It knows probabilities, nothing of pictures.
 *
 * @typedef {import("./spelling.js").Place} Place
 */

import { mark, sum } from "./spelling.js";

/** A row is a number when at least this share of what stands in it is digits, points aside. */
const MOSTLY = 0.75;
/** And when they are digits at all, whichever, with this probability on (geometric) average. */
const SURELY = 0.8;
/** How much rarer something else is than where the reader of rows was taught. */
const ELSE = 0.01;
/** A tall mark in which it saw nothing is a digit with this probability, and nothing with that. */
const STILL = 0.8;
const NOTHING = 0.1;
/**
 * The least that either reader is believed to grant: a digit by the row's, by the single digit's,
 * and that it is, or is not, one.
 */
const LEAST_LINE = 1e-3;
const LEAST_SHARE = 1e-5;
const LEAST_DIGIT = 1e-4;
/** The least that it is one where so many digits, and little else, stand around. */
const LEAST_AMONG = 0.5;
const CROWD = 2;

/**
 * A place by both opinions: their product, as of experts who judge independently (Hinton 2002).
 *
 * @param {Place} place by the reader of rows
 * @param {number[]} shares ten, by the reader of single digits, if it is one
 * @param {number} digitness its logsumexp: the log-odds that it is one
 * @param {number} least the least that is believed of this
 * @returns {Place}
 */
export function agreed(place, shares, digitness, least) {
  const told = 1 / (1 + Math.exp(-digitness));
  const chance = Math.min(Math.max(told, least), 1 - LEAST_DIGIT);
  const digits = place.digits.map((share, digit) => {
    // which digit it is, it can tell as far as it takes it for one
    const own = told * shares[digit] + (1 - told) / 10;
    return Math.max(share, LEAST_LINE) * Math.max(own, LEAST_SHARE) * chance;
  });
  const other = (/** @type {number} */ share) => Math.max(share, LEAST_LINE / 5) * (1 - chance);
  return shared(place.column, digits, other(place.nothing), place.marks.map(other));
}

/**
 * The place where digits are expected, and something else is rarer than in training.
 *
 * @param {Place} place
 * @returns {Place}
 */
export function expected({ column, digits, nothing, marks }) {
  const rarer = marks.map((share, at) => (at === marks.length - 1 ? share * ELSE : share));
  return shared(column, digits, nothing, rarer);
}

/**
 * The place of a tall mark, in which the reader of rows saw nothing, or faintly something.
 *
 * @param {number} column
 * @param {Place[]} faint
 * @returns {Place}
 */
export function stillThere(column, faint) {
  const digits = Array.from({ length: 10 }, (_, digit) =>
    faint.reduce((total, place) => total + place.digits[digit], 0.01),
  );
  const total = sum(digits);
  const own = digits.map((share) => (STILL * share) / total);
  return { column, digits: own, nothing: NOTHING, marks: [0, 0, 0, 1 - NOTHING - STILL] };
}

/**
 * @param {number} column
 * @param {number[]} digits
 * @param {number} nothing
 * @param {number[]} marks
 * @returns {Place} with shares that sum to 1
 */
function shared(column, digits, nothing, marks) {
  const total = sum(digits) + nothing + sum(marks);
  const part = (/** @type {number} */ share) => share / total;
  return { column, digits: digits.map(part), nothing: part(nothing), marks: marks.map(part) };
}

/**
 * @param {(string | null)[]} others what else is in the row
 * @returns {number} the least that is believed of a mark there being a digit
 */
export function least(others) {
  const digits = others.filter(isDigit).length;
  const strange = others.filter((it) => it === "?").length;
  return digits >= CROWD && digits >= MOSTLY * (digits + strange) ? LEAST_AMONG : LEAST_DIGIT;
}

/**
 * @param {Place[]} places
 * @returns {boolean} whether they are digits: mostly, and those that seem to be, surely
 */
export function isNumber(places) {
  const marks = places.map(mark);
  const digits = places.filter((_, at) => isDigit(marks[at])).map((place) => sum(place.digits));
  const strange = marks.filter((it) => it === "?").length;
  if (digits.length === 0 || digits.length < MOSTLY * (digits.length + strange)) return false;
  return Math.exp(sum(digits.map(Math.log)) / digits.length) >= SURELY;
}

/**
 * @param {string | null} it
 * @returns {boolean}
 */
function isDigit(it) {
  return it !== null && /[0-9]/.test(it);
}
