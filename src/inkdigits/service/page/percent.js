/**
 * A probability in words. It never says 100 % because no reading is certain.
 *
 * @param {number} share 0 to 1
 * @returns {string} such as `93.4 %`
 */
export function percent(share) {
  if (share < 0.0005) return "0\u202f%";
  return `${Math.min(share * 100, 99.9).toFixed(1)}\u202f%`;
}
