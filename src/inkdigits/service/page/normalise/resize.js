/**
 * Pictures made smaller or larger, as OpenCV does it: sums in the same order and precision. It
 * knows nothing of what they show.
 *
 * @typedef {import("./grid.js").Grid} Grid
 */

import { grid } from "./grid.js";
import { clip } from "./numbers.js";

const float = Math.fround;

/**
 * Half the size: each pixel is the mean of four, rounded.
 *
 * @param {{width: number, height: number, data: Uint8Array}} of even sides
 * @returns {Uint8Array}
 */
export function halved({ width, height, data }) {
  const small = new Uint8Array((width * height) / 4);
  let to = 0;
  for (let y = 0; y < height; y += 2) {
    for (let at = y * width; at < (y + 1) * width; at += 2) {
      const below = at + width;
      small[to++] = (data[at] + data[at + 1] + data[below] + data[below + 1] + 2) >> 2;
    }
  }
  return small;
}

/**
 * A smaller picture whose pixels are the means of the areas under them (`INTER_AREA`).
 *
 * @param {Grid} of
 * @param {number} width at most that of `of`
 * @param {number} height at most that of `of`
 * @returns {Grid}
 */
export function shrunk(of, width, height) {
  if (width === of.width && height === of.height) return of;
  const [scaleX, scaleY] = [1 / (width / of.width), 1 / (height / of.height)];
  if (whole(scaleX) && whole(scaleY)) {
    return blocks(of, width, height, Math.trunc(scaleX), Math.trunc(scaleY));
  }
  const across = shares(of.width, width, scaleX);
  const down = shares(of.height, height, scaleY);
  const small = grid(width, height);
  const row = new Float32Array(width);
  for (let y = 0; y < down.to.length; y += 1) {
    row.fill(0);
    const start = down.from[y] * of.width;
    for (let x = 0; x < across.to.length; x += 1) {
      row[across.to[x]] += float(of.data[start + across.from[x]] * across.share[x]);
    }
    const to = down.to[y] * width;
    const share = down.share[y];
    for (let x = 0; x < width; x += 1) small.data[to + x] += float(row[x] * share);
  }
  return small;
}

/**
 * @param {number} scale
 * @returns {boolean}
 */
function whole(scale) {
  return Math.abs(scale - Math.trunc(scale)) < Number.EPSILON;
}

/**
 * Which pixels lie under each pixel of a smaller row, and their shares of it.
 *
 * @param {number} from the row's length
 * @param {number} to the smaller one's
 * @param {number} scale
 * @returns {{to: Int32Array, from: Int32Array, share: Float32Array}}
 */
function shares(from, to, scale) {
  const room = from + 2 * to;
  const table = {
    to: new Int32Array(room),
    from: new Int32Array(room),
    share: new Float32Array(room),
  };
  let count = 0;
  const add = (/** @type {number} */ at, /** @type {number} */ pixel, /** @type {number} */ by) => {
    table.to[count] = at;
    table.from[count] = pixel;
    table.share[count++] = by;
  };
  for (let at = 0; at < to; at += 1) {
    const [start, end] = [at * scale, at * scale + scale];
    const length = Math.min(scale, from - start);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) add(at, first - 1, (first - start) / length);
    for (let pixel = first; pixel < last; pixel += 1) add(at, pixel, 1 / length);
    if (end - last > 1e-3) add(at, last, Math.min(end - last, 1, length) / length);
  }
  return {
    to: table.to.subarray(0, count),
    from: table.from.subarray(0, count),
    share: table.share.subarray(0, count),
  };
}

/**
 * @param {Grid} of
 * @param {number} width
 * @param {number} height
 * @param {number} wide pixels of `of` in one of the result
 * @param {number} tall
 * @returns {Grid}
 */
function blocks(of, width, height, wide, tall) {
  const small = grid(width, height);
  const [area, share] = [wide * tall, float(1 / (wide * tall))];
  const offsets = Array.from(
    { length: area },
    (_, at) => Math.floor(at / wide) * of.width + (at % wide),
  );
  for (let to = 0; to < small.data.length; to += 1) {
    const start = Math.floor(to / width) * tall * of.width + (to % width) * wide;
    const pixel = (/** @type {number} */ at) => of.data[start + offsets[at]];
    if (area === 4 && wide === 2) {
      small.data[to] = float(pixel(0) + pixel(1)) + float(pixel(2) + pixel(3));
      small.data[to] *= share;
      continue;
    }
    let [sum, at] = [0, 0];
    for (; at <= area - 4; at += 4) {
      const two = float(pixel(at) + pixel(at + 1));
      sum = float(sum + float(float(two + pixel(at + 2)) + pixel(at + 3)));
    }
    for (; at < area; at += 1) sum = float(sum + pixel(at));
    small.data[to] = sum * share;
  }
  return small;
}

/**
 * A picture of another size by cubic curves through its pixels (`INTER_CUBIC`, to 2e-7).
 *
 * @param {Grid} of
 * @param {number} width
 * @param {number} height
 * @returns {Grid}
 */
export function interpolated(of, width, height) {
  if (width === of.width && height === of.height) return of;
  const [across, down] = [curves(of.width, width), curves(of.height, height)];
  const wide = grid(width, of.height);
  for (let y = 0; y < of.height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      wide.data[y * width + x] = weighed(of.data, y * of.width, 1, across, x);
    }
  }
  const large = grid(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      large.data[y * width + x] = weighed(wide.data, x, width, down, y);
    }
  }
  return large;
}

/**
 * @typedef {object} Curves
 * @property {Int32Array} places  four for each pixel of the result
 * @property {Float64Array} weights  of those
 */

/**
 * @param {number} from
 * @param {number} to
 * @returns {Curves}
 */
function curves(from, to) {
  const places = new Int32Array(4 * to);
  const weights = new Float64Array(4 * to);
  for (let at = 0; at < to; at += 1) {
    const middle = (at + 0.5) * (from / to) - 0.5;
    const start = Math.floor(middle);
    for (let k = 0; k < 4; k += 1) places[4 * at + k] = clip(start + k - 1, 0, from - 1);
    weights.set(cubic(middle - start), 4 * at);
  }
  return { places, weights };
}

/**
 * The weights of the four pixels around a place (Keys 1981, with the slope -0.75).
 *
 * @param {number} x 0 to 1, how far from the second to the third
 * @returns {number[]}
 */
export function cubic(x) {
  const far = (/** @type {number} */ t) => -0.75 * (1 - t) * (1 - t) * t;
  const near = (/** @type {number} */ t) => (1.25 * t - 2.25) * t * t + 1;
  return [far(x), near(x), near(1 - x), far(1 - x)];
}

/**
 * @param {Float32Array} data
 * @param {number} start
 * @param {number} stride
 * @param {Curves} by
 * @param {number} at
 * @returns {number}
 */
function weighed(data, start, stride, { places, weights }, at) {
  let sum = 0;
  for (let k = 4 * at; k < 4 * at + 4; k += 1) {
    sum += data[start + places[k] * stride] * weights[k];
  }
  return sum;
}
