/**
 * The product of two tables of numbers, four rows by two columns at a time, so that a number that
 * was fetched is used more than once. Doubles, because a browser's plain numbers are doubles: no
 * conversions, and sums that lose nothing. It knows no pictures.
 */

/** @type {WeakMap<Float32Array, Float64Array>} */
const tables = new WeakMap();

/**
 * What was made of weights is made once, however many sizes of picture they are made ready for.
 *
 * @param {Float32Array} weights
 * @param {() => Float64Array} make
 * @returns {Float64Array}
 */
export function remembered(weights, make) {
  const found = tables.get(weights) ?? make();
  tables.set(weights, found);
  return found;
}

/**
 * The left table as `multiply` reads it: panels of four rows, zeros where rows are missing.
 *
 * @param {ArrayLike<number>} table rows by depth
 * @param {number} rows
 * @param {number} depth
 * @returns {Float64Array}
 */
export function packed(table, rows, depth) {
  const found = new Float64Array(Math.ceil(rows / 4) * 4 * depth);
  for (let row = 0; row < rows; row += 1) {
    const panel = Math.floor(row / 4) * 4 * depth + (row % 4);
    for (let n = 0; n < depth; n += 1) found[panel + n * 4] = table[row * depth + n];
  }
  return found;
}

/**
 * answer = left x right.
 *
 * @param {Float64Array} left panels of four rows: panel, depth, row in panel
 * @param {Float64Array} right panels of four columns: panel, depth, column in panel
 * @param {Float64Array} answer rows by columns, both filled up to fours
 * @param {number} depth
 * @param {number} rows
 * @param {number} columns
 * @param {number} leftAt where the left table begins
 * @param {number} rightAt
 * @param {number} answerAt
 */
export function multiply(
  left, right, answer, depth, rows, columns, leftAt, rightAt, answerAt,
) {
  const wide = Math.ceil(columns / 4) * 4;
  const panel = 4 * depth;
  for (let column = 0; column < columns; column += 4) {
    const source = rightAt + (column / 4) * panel;
    for (let row = 0; row < rows; row += 4) {
      const from = leftAt + (row / 4) * panel;
      const to = answerAt + row * wide + column;
      pair(left, right, answer, panel, from, source, to, wide);
      pair(left, right, answer, panel, from, source + 2, to + 2, wide);
    }
  }
}

/**
 * Four rows by two columns: eight sums are held while the depth is walked.
 *
 * @param {Float64Array} left
 * @param {Float64Array} right
 * @param {Float64Array} answer
 * @param {number} panel
 * @param {number} from
 * @param {number} source
 * @param {number} to
 * @param {number} wide
 */
function pair(left, right, answer, panel, from, source, to, wide) {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let n = 0; n < panel; n += 4) {
    const x = right[source + n];
    const y = right[source + n + 1];
    const w0 = left[from + n];
    const w1 = left[from + n + 1];
    const w2 = left[from + n + 2];
    const w3 = left[from + n + 3];
    a0 += w0 * x;
    b0 += w0 * y;
    a1 += w1 * x;
    b1 += w1 * y;
    a2 += w2 * x;
    b2 += w2 * y;
    a3 += w3 * x;
    b3 += w3 * y;
  }
  answer[to] = a0;
  answer[to + 1] = b0;
  answer[to + wide] = a1;
  answer[to + wide + 1] = b1;
  answer[to + 2 * wide] = a2;
  answer[to + 2 * wide + 1] = b2;
  answer[to + 3 * wide] = a3;
  answer[to + 3 * wide + 1] = b3;
}
