/**
 * Why a network reads what it reads: `classMap` splits a logit among places (see classmap.js);
 * `occlude` reads the image again and again, each time with a small patch of it emptied, and
 * `fading`, `support` and `rival` say what came of it. It knows networks and decisions, nothing of
 * how they are shown.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./decide.js").Info} Info
 *
 * @typedef {object} Patch  in pixels of the image
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Grid  of patches, pixels of the image
 * @property {number} size  a side of a patch
 * @property {number} step  from one to the next
 *
 * @typedef {object} Trial  a reading of the image with a patch emptied
 * @property {Patch} patch
 * @property {boolean} inked  whether there was anything to empty
 * @property {Float32Array} logits
 *
 * @typedef {object} Occlusion
 * @property {Float32Array} logits  of the whole image
 * @property {[number, number]} shape  rows and columns of the grid of patches
 * @property {Trial[]} trials  row by row
 *
 * @typedef {object} Rival
 * @property {number} digit  the second best, or another that was asked for
 * @property {Patch} patch  the ink without which it fares best
 * @property {number} before  its probability
 * @property {number} after  its probability without that ink
 * @property {boolean} wins  whether it is then the best
 */

import { digitness, ranked, softmax } from "./decide.js";

export { classMap } from "./classmap.js";

/** A side of the image. */
const SIDE = 28;

/** @type {Grid} */
export const GRID = { size: 4, step: 2 };

/**
 * Readings of an image with one patch after another emptied. Patches without ink are not read.
 *
 * @param {Network} network
 * @param {ArrayLike<number>} image 784 numbers
 * @param {Grid} [grid]
 * @param {() => Promise<void>} [pause] waited for after each row of patches, so that a thread can
 *   do other things meanwhile; what it throws ends the trials
 * @returns {Promise<Occlusion>}
 */
export async function occlude(network, image, { size, step } = GRID, pause = async () => {}) {
  const { logits } = network.run(image);
  const changed = Float32Array.from(image);
  const count = Math.floor((SIDE - size) / step) + 1;
  /** @type {Trial[]} */
  const trials = [];
  for (let n = 0; n < count * count; n += 1) {
    const corner = { x: (n % count) * step, y: Math.floor(n / count) * step };
    changed.set(image);
    let inked = false;
    for (let row = 0; row < size; row += 1) {
      const start = (corner.y + row) * SIDE + corner.x;
      inked ||= changed.subarray(start, start + size).some((ink) => ink > 0);
      changed.fill(0, start, start + size);
    }
    const patch = { ...corner, width: size, height: size };
    trials.push({ patch, inked, logits: inked ? network.run(changed).logits : logits });
    if ((n + 1) % count === 0) await pause();
  }
  return { logits, shape: [count, count], trials };
}

/**
 * The probability of a digit with each patch emptied; where it falls most, the ink matters most.
 *
 * @param {Occlusion} occlusion
 * @param {Info} about
 * @param {number} digit
 * @returns {Float32Array} one number a patch, row by row
 */
export function fading({ trials }, about, digit) {
  return Float32Array.from(trials, ({ logits }) => softmax(logits, about.temperature)[digit]);
}

/**
 * How far the log-odds of a digit fall with each patch emptied. They tell patches apart where the
 * probability does not, because it is nearly 1 with any of them.
 *
 * @param {Occlusion} occlusion
 * @param {Info} about
 * @param {number} digit
 * @returns {Float32Array} one number a patch, row by row; above 0 where its ink speaks for it
 */
export function support({ logits, trials }, about, digit) {
  const odds = (/** @type {Float32Array} */ given) => {
    const scaled = Array.from(given, (value) => value / about.temperature);
    return scaled[digit] - digitness(scaled.filter((_, other) => other !== digit));
  };
  const whole = odds(logits);
  return Float32Array.from(trials, (trial) => whole - odds(trial.logits));
}

/**
 * The runner-up, and the ink whose removal helps it most against the answer.
 *
 * @param {Occlusion} occlusion
 * @param {Info} about
 * @param {number} [asked] another digit than the answer, instead of the runner-up
 * @returns {Rival | null} none where no ink could be removed
 */
export function rival({ logits, trials }, about, asked) {
  const whole = softmax(logits, about.temperature);
  const [best, next] = ranked(whole).map(({ digit }) => digit);
  const second = asked === undefined || asked === best ? next : asked;
  const lead = (/** @type {Trial} */ trial) => trial.logits[second] - trial.logits[best];
  const inked = trials.filter((trial) => trial.inked);
  if (inked.length === 0) return null;
  const found = inked.reduce((a, b) => (lead(b) > lead(a) ? b : a));
  const without = softmax(found.logits, about.temperature);
  return {
    digit: second,
    patch: found.patch,
    before: whole[second],
    after: without[second],
    wins: ranked(without)[0].digit === second,
  };
}
