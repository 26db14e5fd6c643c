/**
 * Shapes grown and shrunk, and told apart. It knows nothing of digits.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./grid.js").Mask} Mask
 *
 * @typedef {object} Reach  how far a window reaches from its pixel, each way; both are 0 or more
 * @property {number} [left]
 * @property {number} [right]
 * @property {number} [up]
 * @property {number} [down]
 */

import { mask } from "./grid.js";

/** @type {Required<Reach>} */
const NEXT = { left: 1, right: 1, up: 1, down: 1 };

/**
 * Whatever has something in its window.
 *
 * @param {Mask} of
 * @param {Reach} [reach] the eight neighbours, where it is left out
 * @returns {Mask}
 */
export function dilated(of, { left = 0, right = 0, up = 0, down = 0 } = NEXT) {
  const { width, height } = of;
  const [wide, grown] = [mask(width, height), mask(width, height)];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (of.data[y * width + x] === 0) continue;
      const [first, last] = [Math.max(x - right, 0), Math.min(x + left, width - 1)];
      wide.data.fill(1, y * width + first, y * width + last + 1);
    }
  }
  for (let y = 0; y < height; y += 1) {
    for (let from = Math.max(y - up, 0); from <= Math.min(y + down, height - 1); from += 1) {
      for (let x = 0; x < width; x += 1) {
        grown.data[y * width + x] |= wide.data[from * width + x];
      }
    }
  }
  return grown;
}

/**
 * What is left of each row where only runs of some length stay, by an erosion and a dilation whose
 * window has its middle at `length >> 1`; an even window moves runs by one, as OpenCV's does.
 *
 * @param {Mask} of
 * @param {number} length
 * @returns {Mask}
 */
export function longRuns(of, length) {
  const { width, height } = of;
  const [before, after] = [length >> 1, length - 1 - (length >> 1)];
  const empty = mask(width, height);
  for (let at = 0; at < of.data.length; at += 1) empty.data[at] = 1 - of.data[at];
  const eroded = dilated(empty, { left: before, right: after });
  for (let at = 0; at < of.data.length; at += 1) eroded.data[at] = 1 - eroded.data[at];
  return dilated(eroded, { left: before, right: after });
}

/**
 * @param {Grid} of
 * @returns {Float32Array} the greatest of each pixel and its eight neighbours
 */
export function highest({ width, height, data }) {
  const wide = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += 1) {
    const x = at % width;
    let most = data[at];
    if (x > 0 && data[at - 1] > most) most = data[at - 1];
    if (x < width - 1 && data[at + 1] > most) most = data[at + 1];
    wide[at] = most;
  }
  const top = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += 1) {
    let most = wide[at];
    if (at >= width && wide[at - width] > most) most = wide[at - width];
    if (at < width * (height - 1) && wide[at + width] > most) most = wide[at + width];
    top[at] = most;
  }
  return top;
}

/**
 * Connected pieces; number 0 is no piece.
 *
 * @typedef {object} Pieces
 * @property {number} count  pieces and one
 * @property {Int32Array} labels  which piece each pixel belongs to, 0 for none
 * @property {Piece[]} boxes  of each piece; that of number 0 is empty
 *
 * @typedef {object} Piece
 * @property {number} left
 * @property {number} top
 * @property {number} right  exclusive
 * @property {number} bottom  exclusive
 * @property {number} area  pixels
 */

/**
 * Tells pieces apart that touch nowhere, not even by a corner. Their order is that of OpenCV: by
 * the first block of 2 x 2 pixels that holds one of theirs.
 *
 * @param {Mask} of
 * @returns {Pieces}
 */
export function pieces(of) {
  const { width, height, data } = of;
  const labels = new Int32Array(data.length);
  /** @type {Piece[]} */
  const boxes = [{ left: 0, top: 0, right: 0, bottom: 0, area: 0 }];
  const waiting = new Int32Array(data.length);
  for (let top = 0; top < height; top += 2) {
    for (let left = 0; left < width; left += 2) {
      for (const at of [0, 1, width, width + 1]) {
        const seed = top * width + left + at;
        if (left + (at % width) >= width || seed >= data.length) continue;
        if (data[seed] === 0 || labels[seed] !== 0) continue;
        boxes.push(flood(of, labels, waiting, seed, boxes.length));
      }
    }
  }
  return { count: boxes.length, labels, boxes };
}

/**
 * @param {Mask} of
 * @param {Int32Array} labels changed
 * @param {Int32Array} waiting room for as many pixels
 * @param {number} seed
 * @param {number} label
 * @returns {Piece}
 */
function flood({ width, height, data }, labels, waiting, seed, label) {
  const piece = { left: width, top: height, right: 0, bottom: 0, area: 0 };
  let count = 1;
  waiting[0] = seed;
  labels[seed] = label;
  while (count > 0) {
    const at = waiting[--count];
    const [x, y] = [at % width, Math.floor(at / width)];
    piece.area += 1;
    piece.left = Math.min(piece.left, x);
    piece.right = Math.max(piece.right, x + 1);
    piece.top = Math.min(piece.top, y);
    piece.bottom = Math.max(piece.bottom, y + 1);
    for (let near = Math.max(y - 1, 0); near <= Math.min(y + 1, height - 1); near += 1) {
      for (let by = Math.max(x - 1, 0); by <= Math.min(x + 1, width - 1); by += 1) {
        const next = near * width + by;
        if (data[next] === 0 || labels[next] !== 0) continue;
        labels[next] = label;
        waiting[count++] = next;
      }
    }
  }
  return piece;
}
