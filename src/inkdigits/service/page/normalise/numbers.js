/**
 * Numbers as Python and NumPy treat them: rounding, medians, small systems of equations. It knows
 * nothing of pictures.
 */

/**
 * The nearest whole number; of two that are as near, the even one.
 *
 * @param {number} value
 * @returns {number}
 */
export function round(value) {
  const up = Math.round(value); // of two, the larger
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
export function clip(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * The median; of an even count, the mean of the two in the middle, in the array's own precision.
 *
 * @template {Float32Array | Float64Array} A
 * @param {A} values at least one; they are sorted in place
 * @returns {number}
 */
export function median(values) {
  values.sort();
  const half = values.length >> 1;
  if (values.length % 2 === 1) return values[half];
  const mean = (values[half - 1] + values[half]) / 2;
  return values instanceof Float32Array ? Math.fround(mean) : mean;
}

/**
 * The value on that half of the weight does not exceed.
 *
 * @param {number[]} values at least one
 * @param {number[]} weights one a value
 * @returns {number}
 */
export function weightedMedian(values, weights) {
  const order = values.map((_, at) => at).sort((one, other) => values[one] - values[other]);
  const half = weights.reduce((a, b) => a + b) / 2;
  let heap = 0;
  const found = order.find((at) => (heap += weights[at]) >= half);
  return values[found ?? order[order.length - 1]];
}

/**
 * @param {ArrayLike<number>} rising
 * @param {number} value
 * @returns {number} how many of them are less
 */
export function before(rising, value) {
  let count = 0;
  while (count < rising.length && rising[count] < value) count += 1;
  return count;
}

/**
 * Solves a symmetric, positive definite system by elimination with pivots.
 *
 * @param {number[][]} matrix N rows of N; changed
 * @param {number[]} right N; changed
 * @returns {number[]} N
 */
export function solve(matrix, right) {
  const size = right.length;
  for (let step = 0; step < size; step += 1) {
    let pivot = step;
    for (let row = step + 1; row < size; row += 1) {
      if (Math.abs(matrix[row][step]) > Math.abs(matrix[pivot][step])) pivot = row;
    }
    [matrix[step], matrix[pivot]] = [matrix[pivot], matrix[step]];
    [right[step], right[pivot]] = [right[pivot], right[step]];
    for (let row = step + 1; row < size; row += 1) {
      const share = matrix[row][step] / matrix[step][step];
      for (let at = step; at < size; at += 1) matrix[row][at] -= share * matrix[step][at];
      right[row] -= share * right[step];
    }
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let at = row + 1; at < size; at += 1) right[row] -= matrix[row][at] * right[at];
    right[row] /= matrix[row][row];
  }
  return right;
}
