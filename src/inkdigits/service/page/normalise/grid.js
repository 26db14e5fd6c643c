/**
 * Numbers in rows and columns. It knows nothing of what they mean.
 *
 * @typedef {object} Grid
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} data  row by row
 *
 * @typedef {object} Mask
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data  row by row: 0, or 1 where something is
 */

/**
 * @param {number} width
 * @param {number} height
 * @param {number} [value] of every number
 * @returns {Grid}
 */
export function grid(width, height, value = 0) {
  const data = new Float32Array(width * height);
  if (value !== 0) data.fill(value);
  return { width, height, data };
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {Mask} empty
 */
export function mask(width, height) {
  return { width, height, data: new Uint8Array(width * height) };
}

/**
 * @param {Grid | Mask} of
 * @param {number} level
 * @returns {Mask} where `of` lies above `level`
 */
export function above(of, level) {
  const found = mask(of.width, of.height);
  for (let at = 0; at < found.data.length; at += 1) found.data[at] = +(of.data[at] > level);
  return found;
}

/**
 * @param {Grid} of
 * @returns {Grid} rows and columns exchanged
 */
export function transposed(of) {
  const turned = grid(of.height, of.width);
  for (let y = 0; y < of.height; y += 1) {
    for (let x = 0; x < of.width; x += 1) {
      turned.data[x * of.height + y] = of.data[y * of.width + x];
    }
  }
  return turned;
}

/**
 * A part of a grid; what lies outside the grid is 0.
 *
 * @param {Grid} of
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @returns {Grid}
 */
export function window(of, left, top, width, height) {
  const part = grid(width, height);
  const [first, last] = [Math.max(left, 0), Math.min(left + width, of.width)];
  for (let y = Math.max(top, 0); y < Math.min(top + height, of.height); y += 1) {
    const row = of.data.subarray(y * of.width + first, y * of.width + Math.max(last, first));
    part.data.set(row, (y - top) * width + first - left);
  }
  return part;
}

/**
 * The least and the greatest place of rows and columns that hold something.
 *
 * @param {Mask} of not empty
 * @returns {{left: number, top: number, right: number, bottom: number}} right and bottom exclusive
 */
export function extent(of) {
  let [left, top, right, bottom] = [of.width, of.height, 0, 0];
  for (let y = 0; y < of.height; y += 1) {
    for (let x = 0; x < of.width; x += 1) {
      if (of.data[y * of.width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  return { left, top, right, bottom };
}

/**
 * @param {Float32Array} values
 * @returns {number} the greatest, 0 at least
 */
export function greatest(values) {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
