/**
 * What was read on a picture, in a few words. It knows the server's answers.
 *
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 */

import { spoken } from "../numbers/naming.js";

const WORDS = {
  none: "No number was found.",
  help: "Try a sharper or brighter picture, taken from closer.",
  found: (/** @type {number} */ n) => (n === 1 ? "1 number" : `${n} numbers`),
  doubtful: (/** @type {number} */ n) =>
    n === 1 ? "1 is in doubt: its box is dashed." : `${n} are in doubt: their boxes are dashed.`,
  leftOut: (/** @type {number} */ n) =>
    n === 1
      ? "1 piece of writing was left out as no number."
      : `${n} pieces of writing were left out as no numbers.`,
  turned: (/** @type {number} */ degrees) =>
    degrees === 180 ? "It was read upside down." : `It was read turned by ${degrees}°.`,
  frames: "Only the first picture of this animation was read.",
};

/**
 * @param {PageAnswer} answer
 * @returns {string} for the eye, beside the picture and the list
 */
export function summary({ numbers, left_out: leftOut, turned, frames_ignored: frames }) {
  const doubtful = numbers.filter(({ accepted }) => !accepted).length;
  const words = [numbers.length === 0 ? WORDS.none : `${WORDS.found(numbers.length)}.`];
  if (doubtful > 0) words.push(WORDS.doubtful(doubtful));
  if (leftOut > 0) words.push(WORDS.leftOut(leftOut));
  if (turned !== 0) words.push(WORDS.turned(turned));
  if (frames > 0) words.push(WORDS.frames);
  if (numbers.length === 0) words.push(WORDS.help);
  return words.join(" ");
}

/**
 * @param {PageAnswer} answer
 * @returns {string} for the ear
 */
export function spokenSummary(answer) {
  const { numbers } = answer;
  if (numbers.length === 0) return summary(answer);
  return `${WORDS.found(numbers.length)}: ${numbers.map(spoken).join(", ")}`;
}
