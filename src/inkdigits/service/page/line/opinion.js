/**
 * What two readers think of a place, put together, and whether a row of places is a number. The twin
 * of `inkdigits/opinion.py`. It knows probabilities, nothing of pictures.
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
 * What the single digit's reader says of which digit it is counts by this power: of a whole digit
 * more than the row's, of one that was cut, less.
 */
const WHOLE = 1.3;
const CUT = 0.4;
/** The least that it is believed to grant a digit that was cut. */
const LEAST_CUT = 1e-3;

/**
 * A place by both opinions: their product, as of experts who judge independently (Hinton 2002).
 *
 * @param {Place} place by the reader of rows
 * @param {number[]} shares ten, by the reader of single digits, if it is one
 * @param {number} told the probability that it is one
 * @param {number} least the least that is believed of this
 * @returns {Place}
 */
export function agreed(place, shares, told, least) {
  const chance = Math.min(Math.max(told, least), 1 - LEAST_DIGIT);
  const line = place.digits.map((share) => Math.max(share, LEAST_LINE));
  const own = heard(shares, told, LEAST_SHARE);
  const both = line.map((share, digit) => share * own[digit]);
  const weighed = line.map((share, digit) => share * own[digit] ** WHOLE);
  // the power is for telling digits from each other, not from what is none
  const digits = scaled(weighed, sum(both) * chance);
  const other = (/** @type {number} */ share) => Math.max(share, LEAST_LINE / 5) * (1 - chance);
  return shared(place.column, digits, other(place.nothing), place.marks.map(other));
}

/**
 * A place whose ink was cut from a neighbour's, by both opinions. The cut may be wrong, so the
 * reader of single digits is heard on which digit it is, never on whether it is one.
 *
 * @param {Place} place by the reader of rows
 * @param {number[]} shares ten, by the reader of single digits, if it is one
 * @param {number} told the probability that it is one
 * @returns {Place}
 */
export function agreedOnCut(place, shares, told) {
  const total = sum(place.digits);
  const own = heard(shares, told, LEAST_CUT);
  const line = place.digits.map((share) => Math.max(share, LEAST_LINE * total));
  return { ...place, digits: scaled(line.map((it, digit) => it * own[digit] ** CUT), total) };
}

/**
 * @param {number[]} shares
 * @param {number} told
 * @param {number} least
 * @returns {number[]} which digit it is, as far as it is taken for one
 */
function heard(shares, told, least) {
  return shares.map((share) => Math.max(told * share + (1 - told) / 10, least));
}

/**
 * @param {number[]} shares
 * @param {number} total
 * @returns {number[]} in the same proportions, with this sum
 */
function scaled(shares, total) {
  const whole = sum(shares);
  return shares.map((share) => (share * total) / whole);
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
