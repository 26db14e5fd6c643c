/**
 * A probability in words. It never says 100 % because no reading is certain.
 */

import { number, say } from "./words.js";

/**
 * @param {number} share 0 to 1
 * @returns {string} such as `93.4 %`
 */
export function percent(share) {
  if (share < 0.0005) return say("percent", { share: "0" });
  return say("percent", { share: number(Math.min(share * 100, 99.9), 1) });
}
