/**
 * What logits mean: calibrated probabilities, and whether to act on them; the same as decode.py and
 * results.py say on the server. It knows nothing of how logits are made.
 *
 * @typedef {import("../answer/choices.js").Candidate} Candidate
 *
 * @typedef {object} Info  what a model says about itself
 * @property {string} name
 * @property {string} version
 * @property {number} temperature  what to divide logits by, above 0
 * @property {number} acceptThreshold  the least confidence to act on, 0 to 1
 * @property {number | null} energyThreshold  the least digitness of a digit
 * @property {[number, number][]} coverage  levels, rising, and the thresholds of prediction sets
 *
 * @typedef {object} Decision
 * @property {number} digit
 * @property {number} confidence  0.1 to 1
 * @property {number[]} probabilities  of the digits 0 to 9, summing to 1
 * @property {boolean} accepted
 * @property {"unsure" | "not_a_digit" | null} reason
 * @property {number} digitness  logsumexp of the logits: high for digits
 * @property {Candidate[]} candidates  the digit where accepted; two or three of an unsure reading
 */

import { ModelError } from "./protobuf.js";

const WORDS = {
  classes: "The model does not read the digits 0 to 9 from images in [0, 1].",
  thresholds: "The model has a temperature or threshold that is not a number or is out of range.",
  coverage: "The model has coverage thresholds that are not readable or out of range.",
};

/** An unsure reading's candidates reach this probability; two at least, and three at most. */
const [ENOUGH, FEWEST, MOST] = [0.95, 2, 3];

/**
 * @param {Map<string, string>} metadata of an ONNX file
 * @returns {Info}
 * @throws {ModelError} it is not what a digit reader says
 */
export function info(metadata) {
  const ours = (metadata.get("classes") ?? "0123456789") === "0123456789";
  if (!ours || (metadata.get("input_range") ?? "0..1") !== "0..1") {
    throw new ModelError(WORDS.classes);
  }
  const temperature = number(metadata.get("temperature") ?? "1");
  const acceptThreshold = number(metadata.get("accept_threshold") ?? "0.5");
  const energy = metadata.get("energy_threshold") ?? "";
  const energyThreshold = energy === "" ? null : number(energy);
  const sound = temperature > 0 && acceptThreshold >= 0 && acceptThreshold <= 1;
  if (!sound) throw new ModelError(WORDS.thresholds);
  const coverage = levels(metadata.get("coverage_thresholds") || "{}");
  const [name, version] = [metadata.get("name") || "model", metadata.get("version") || "0"];
  return { name, version, temperature, acceptThreshold, energyThreshold, coverage };
}

/**
 * @param {string} text
 * @returns {number}
 */
function number(text) {
  const found = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(found)) throw new ModelError(WORDS.thresholds);
  return found;
}

/**
 * The thresholds of prediction sets, from JSON such as `{"0.9": 0.98, "0.95": 0.7}`.
 *
 * @param {string} text
 * @returns {[number, number][]}
 */
function levels(text) {
  /** @type {[number, number][]} */
  let pairs;
  try {
    const said = Object.entries(JSON.parse(text));
    pairs = said.map(([level, share]) => [Number(level), Number(share)]);
  } catch {
    throw new ModelError(WORDS.coverage);
  }
  pairs.sort(([a], [b]) => a - b);
  const sound = pairs.every(([level, share], n) => {
    const falls = n === 0 || (level > pairs[n - 1][0] && share <= pairs[n - 1][1]);
    return level > 0 && level < 1 && share >= 0 && share <= 1 && falls;
  });
  if (!sound) throw new ModelError(WORDS.coverage);
  return pairs;
}

/**
 * @param {ArrayLike<number>} logits
 * @param {number} [temperature] above 0
 * @returns {number[]} probabilities, summing to 1
 */
export function softmax(logits, temperature = 1) {
  const scaled = Array.from(logits, (value) => value / temperature);
  const top = Math.max(...scaled);
  const powers = scaled.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * How much like a digit: logsumexp of the logits, as decode.energy_score says.
 *
 * @param {ArrayLike<number>} logits
 * @returns {number}
 */
export function digitness(logits) {
  const values = Array.from(logits);
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/**
 * @param {ArrayLike<number>} logits ten
 * @param {Info} about the model that they are from
 * @returns {Decision}
 */
export function decide(logits, about) {
  const probabilities = softmax(logits, about.temperature);
  const likeness = digitness(logits);
  const [best] = ranked(probabilities);
  /** @type {Decision["reason"]} */
  let reason = null;
  if (about.energyThreshold !== null && likeness < about.energyThreshold) reason = "not_a_digit";
  else if (best.probability < about.acceptThreshold) reason = "unsure";
  return {
    digit: best.digit,
    confidence: best.probability,
    probabilities,
    accepted: reason === null,
    reason,
    digitness: likeness,
    candidates: candidates(probabilities, reason),
  };
}

/**
 * @param {number[]} probabilities
 * @returns {Candidate[]} best first, the smaller digit first where two are equal
 */
export function ranked(probabilities) {
  const all = probabilities.map((probability, digit) => ({ digit, probability }));
  return all.sort((a, b) => b.probability - a.probability || a.digit - b.digit);
}

/**
 * @param {number[]} probabilities
 * @param {Decision["reason"]} reason
 * @returns {Candidate[]}
 */
function candidates(probabilities, reason) {
  const best = ranked(probabilities);
  if (reason === null) return best.slice(0, 1);
  if (reason === "not_a_digit") return [];
  const few = best.slice(0, FEWEST);
  const share = few.reduce((sum, { probability }) => sum + probability, 0);
  return share >= ENOUGH ? few : best.slice(0, MOST);
}

/**
 * The digits with at least a probability, ascending; always with the most probable one.
 *
 * @param {number[]} probabilities
 * @param {number} threshold one of `Info.coverage`
 * @returns {number[]}
 */
export function predictionSet(probabilities, threshold) {
  const least = Math.min(threshold, Math.max(...probabilities));
  return ranked(probabilities)
    .filter(({ probability }) => probability >= least)
    .map(({ digit }) => digit)
    .sort((a, b) => a - b);
}
