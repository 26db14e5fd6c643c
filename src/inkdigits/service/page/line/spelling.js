/**
 * What columns say -> what stands at each place of a row. The twin of `inkdigits/spelling.py`. It
 * knows nothing of pictures.
 *
 * @typedef {object} Place  where something stands in a row; all its shares sum to 1
 * @property {number} column  the middle of what is seen, in columns of logits
 * @property {number[]} digits  probabilities of the digits 0 to 9
 * @property {number} nothing  the probability that nothing stands there
 * @property {number[]} marks  those of a point, a comma, a dash and something else
 */

import { softmax } from "../engine/decide.js";

/** What a column may show besides nothing, in the order of its logits from 1 on. */
export const ALPHABET = "0123456789.,-?";
const NOTHING = 0;
/** A column shows something from this probability on. */
const SOMETHING = 0.02;
/** What stands at a place is worth a place from this probability on. */
const WORTH = 0.01;

/**
 * The probabilities of columns that were looked at several times: the mean of what was seen.
 *
 * @param {ArrayLike<number>[][]} looks each the logits of all columns
 * @param {number} temperature
 * @returns {number[][]} 15 a column
 */
export function shares(looks, temperature) {
  const seen = looks.map((columns) => columns.map((logits) => softmax(logits, temperature)));
  return seen[0].map((first, at) =>
    first.map((_, kind) => sum(seen.map((columns) => columns[at][kind])) / seen.length),
  );
}

/**
 * Tells the places of a row apart. Columns are cut into stretches, each with one run of the same
 * best class or with a lesser doubt; of each the probability that it spells nothing, or exactly one
 * character, is summed over all alignments (the forward variable of Graves et al., ICML 2006).
 *
 * @param {number[][]} columns 15 probabilities each
 * @returns {Place[]} left to right
 */
export function places(columns) {
  /** @type {Place[]} */
  const found = [];
  for (const [first, last] of stretches(columns)) {
    const part = columns.slice(first, last);
    const spelled = single(part);
    const total = sum(spelled);
    if (total <= 0 || spelled[NOTHING] > (1 - WORTH) * total) continue;
    const seen = part.map((column) => 1 - column[NOTHING]);
    const middle = sum(seen.map((share, at) => share * (at + 0.5))) / sum(seen);
    const own = spelled.map((share) => share / total);
    found.push({
      column: first + middle,
      digits: own.slice(1, 11),
      nothing: own[NOTHING],
      marks: own.slice(11),
    });
  }
  return found;
}

/**
 * @param {number[][]} columns
 * @returns {[number, number][]} ranges, each with one run at most of a best class
 */
function stretches(columns) {
  const best = columns.map(largest);
  const something = columns.map((column) => column[NOTHING] < 1 - SOMETHING);
  /** @type {[number, number][]} */
  const ranges = [];
  for (let first = 0, last = 0; first < columns.length; first = last + 1) {
    last = first;
    while (last < columns.length && something[last]) last += 1;
    if (last === first) continue;
    /** @type {number[]} */
    const runs = [];
    for (let at = first; at < last; at += 1) {
      if (best[at] !== NOTHING && (at === first || best[at] !== best[at - 1])) runs.push(at);
    }
    const between = runs.slice(1).map((next, at) => cut(columns, best, runs[at], next));
    const edges = [first, ...between, last];
    edges.slice(1).forEach((edge, at) => ranges.push([edges[at], edge]));
  }
  return ranges;
}

/**
 * Where to cut between two runs: at the column between them that most likely shows nothing.
 *
 * @param {number[][]} columns
 * @param {number[]} best
 * @param {number} run
 * @param {number} following
 * @returns {number}
 */
function cut(columns, best, run, following) {
  let end = run + 1;
  while (end < following && best[end] === best[run]) end += 1;
  if (end === following) return following;
  return end + largest(columns.slice(end, following).map((column) => column[NOTHING]));
}

/**
 * @param {number[][]} columns
 * @returns {number[]} the probability that they spell nothing (0), or just that class
 */
function single(columns) {
  let before = 1; // nothing up to a column
  let running = columns[0].map(() => 0); // the class at this column
  let ended = columns[0].map(() => 0); // the class before, nothing since
  for (const column of columns) {
    const blank = column[NOTHING];
    const now = running.map((share, kind) => (share + before) * column[kind]);
    ended = ended.map((share, kind) => (share + running[kind]) * blank);
    running = now;
    before *= blank;
  }
  return running.map((share, kind) => (kind === NOTHING ? before : share + ended[kind]));
}

/**
 * @param {Place} place
 * @returns {number[]} 11 probabilities: of the digits, and that no digit stands there
 */
export function slot({ digits, nothing, marks }) {
  return [...digits, nothing + sum(marks)];
}

/**
 * @param {Place} place
 * @returns {string | null} the character of what most likely stands there, `null` for nothing
 */
export function mark({ digits, nothing, marks }) {
  const best = largest([nothing, ...digits, ...marks]);
  return best === NOTHING ? null : ALPHABET[best - 1];
}

/**
 * @param {Place[]} found
 * @returns {number} the probability of the likeliest digits of a row
 */
export function sureness(found) {
  return found.reduce((share, place) => share * Math.max(...slot(place)), 1);
}

/**
 * The places of a text's digits: the likeliest, rising.
 *
 * @param {Place[]} found all places of the row, as many as there are digits at least
 * @param {string} digits
 * @returns {number[]}
 */
export function aligned(found, digits) {
  const slots = found.map((place) => slot(place).map(Math.log));
  const best = [[0, ...Array.from(digits, () => -Infinity)]];
  const taken = (/** @type {number} */ k, /** @type {number} */ n) =>
    best[k][n - 1] + slots[k][Number(digits[n - 1])];
  for (let k = 0; k < found.length; k += 1) {
    const without = best[k].map((share) => share + slots[k][10]);
    best.push(without.map((share, n) => (n === 0 ? share : Math.max(share, taken(k, n)))));
  }
  const chosen = [];
  for (let k = found.length, n = digits.length; k > 0 && n > 0; k -= 1) {
    if (best[k][n] !== taken(k - 1, n)) continue;
    chosen.unshift(k - 1);
    n -= 1;
  }
  return chosen;
}

/**
 * @param {number[]} values
 * @returns {number} where the greatest is, the first of several
 */
function largest(values) {
  return values.indexOf(Math.max(...values));
}

/**
 * @param {number[]} values
 * @returns {number}
 */
export function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}
