/** What a number is called, for the eye and for the ear. It knows texts and doubts. */

/** @typedef {{text: string, accepted: boolean}} Named */

import { percent } from "../percent.js";
import { say } from "../words.js";

/**
 * @param {Named} number
 * @returns {string} such as `2471`, or `107?` where it is in doubt
 */
export function label({ text, accepted }) {
  return accepted ? text : `${text}?`;
}

/**
 * @param {Named} number
 * @returns {string} such as `2471`, or `perhaps 107`
 */
export function spoken({ text, accepted }) {
  return accepted ? text : say("number.perhaps", { text });
}

/**
 * @param {{confidence: number, accepted: boolean}} number
 * @returns {string} such as `93.4 %`, or `not sure, 61.2 %`
 */
export function sureness({ confidence, accepted }) {
  const share = percent(confidence);
  return accepted ? share : say("number.unsure", { share });
}

/**
 * A number with the points, commas and dashes that were seen between its digits, such as `24.71`.
 *
 * @param {{text: string, separators: {mark: string, after: number}[]}} number
 * @returns {string}
 */
export function written({ text, separators }) {
  let [whole, from] = ["", 0];
  for (const { mark, after } of separators) {
    whole += text.slice(from, after) + mark;
    from = after;
  }
  return whole + text.slice(from);
}
