/** A score in words, with a real minus sign. */

import { number } from "./words.js";

/**
 * @param {number} value
 * @param {boolean} [plus] whether one above 0 has a sign too
 * @returns {string} such as `4.25` or `−0.10`
 */
export function signed(value, plus = false) {
  const sign = value < -0.005 ? "\u2212" : plus && value > 0.005 ? "+" : "";
  return `${sign}${number(Math.abs(value), 2)}`;
}
