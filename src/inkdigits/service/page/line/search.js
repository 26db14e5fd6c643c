/**
 * The likeliest texts of a row. The twin of `inkdigits/rules/search.py` where nothing is asked of a
 * text, so that any is accepted. It knows nothing of pictures.
 *
 * @typedef {object} Candidate
 * @property {string} text
 * @property {number} probability
 *
 * @typedef {object} Way  a text as far as it is read
 * @property {number} place  the next one
 * @property {string} text
 * @property {number} share  as a part of the likeliest of all
 */

/** Texts less likely than this, as a part of the likeliest of all, are not given. */
const FLOOR = 1e-4;
const NOTHING = 10;

/**
 * By a best-first search (Hart et al., 1968): the estimate of what is still to come is the best that
 * there is, so that texts come out in their order. A text counts as its likeliest way.
 *
 * @param {number[][]} slots 11 probabilities a place: of the digits, and that none is there
 * @param {number} count texts at most
 * @returns {Candidate[]} best first
 */
export function best(slots, count) {
  const tops = slots.map((row) => Math.max(...row));
  const shares = slots.map((row, at) => row.map((share) => share / tops[at]));
  const whole = tops.reduce((a, b) => a * b, 1);
  /** @type {Candidate[]} */
  const found = [];
  const seen = new Set();
  const visits = slots.map(() => 0).concat(0);
  /** @type {Way[]} */
  let ways = [{ place: 0, text: "", share: 1 }];
  while (ways.length > 0 && found.length < count) {
    const way = ways.reduce((one, other) => (isBefore(other, one) ? other : one));
    ways = ways.filter((other) => other !== way);
    const { place, text, share } = way;
    const key = `${place} ${text}`;
    if (seen.has(key) || visits[place] >= count) continue;
    seen.add(key);
    visits[place] += 1;
    if (place === slots.length) {
      found.push({ text, probability: share * whole });
      continue;
    }
    shares[place].forEach((part, kind) => {
      const longer = { place: place + 1, text: kind === NOTHING ? text : `${text}${kind}` };
      if (part >= (kind === NOTHING ? 0 : FLOOR) && share * part >= FLOOR) {
        ways.push({ ...longer, share: share * part });
      }
    });
  }
  return found;
}

/**
 * @param {Way} one
 * @param {Way} other
 * @returns {boolean} whether it is looked at first
 */
function isBefore(one, other) {
  if (one.share !== other.share) return one.share > other.share;
  if (one.place !== other.place) return one.place > other.place;
  return one.text < other.text;
}
