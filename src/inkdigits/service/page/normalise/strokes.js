/**
 * Pen strokes -> a picture: dark ink on white, at one size and one pen width whatever the device.
 * The twin of `inkdigits/strokes.py`. It knows nothing of digits.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {ArrayLike<ArrayLike<number>>} Stroke  points [x, y], y down, in any unit
 */

import { grid } from "./grid.js";
import { round } from "./numbers.js";
import { ONE, polyline } from "./pen.js";
import { halved } from "./resize.js";

/** Longer side of the drawn writing, its pen and what is left around it, pixels. */
const BOX = 160;
const PEN = 18;
const MARGIN = 20;
/** A drawn row of digits is so high, or so long where it is too long for that, with such a pen. */
const ROW = 144;
const ROW_LONGEST = 960;
const ROW_PEN = 16;
const MAX_POINTS = 20_000;
/** Drawn at twice the size, then averaged. */
const OVER = 2;
/** Points lie on sixteenths of a pixel. */
const FINE = 16;

const WORDS = {
  malformed: "A stroke is a list of [x, y] points.",
  infinite: "Stroke coordinates must be finite numbers.",
  many: `A drawing has at most ${MAX_POINTS.toLocaleString("en-GB")} points.`,
};

/**
 * Draws strokes scaled to a common box.
 *
 * @param {Stroke[]} strokes a stroke of one point is a dot
 * @returns {Grid} 0 ink, 1 paper
 * @throws {RangeError} malformed or not finite points, or too many of them
 */
export function render(strokes) {
  return rendered(strokes, [BOX, BOX], PEN);
}

/**
 * Draws strokes of digits side by side, scaled to a common height.
 *
 * @param {Stroke[]} strokes
 * @returns {Grid} 0 ink, 1 paper
 * @throws {RangeError} as `render`
 */
export function renderRow(strokes) {
  return rendered(strokes, [ROW_LONGEST, ROW], ROW_PEN);
}

/**
 * @param {Stroke[]} strokes
 * @param {[number, number]} room the writing's width and height at most, pixels
 * @param {number} pen
 * @returns {Grid}
 */
function rendered(strokes, room, pen) {
  const lines = strokes.map(points).filter((line) => line.length > 0);
  if (lines.length === 0) return grid(BOX, BOX, 1);
  if (lines.reduce((sum, line) => sum + line.length, 0) > MAX_POINTS) {
    throw new RangeError(WORDS.many);
  }
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const line of lines) {
    for (const point of line) {
      for (const axis of [0, 1]) {
        low[axis] = Math.min(low[axis], point[axis]);
        high[axis] = Math.max(high[axis], point[axis]);
      }
    }
  }
  const wide = [high[0] - low[0], high[1] - low[1]];
  let scale = Math.min(room[0] / wide[0], room[1] / wide[1]);
  if (!Number.isFinite(scale)) scale = 0;
  const [width, height] = wide.map((side) => Math.ceil(side * scale) + 2 * MARGIN);
  const place = (/** @type {number} */ value, /** @type {number} */ axis) =>
    (value - low[axis]) * scale + MARGIN;
  return draw(lines.map((line) => line.map((point) => point.map(place))), width, height, pen);
}

/**
 * Draws lines with a round pen.
 *
 * @param {number[][][]} lines points in pixels of the result, the pen's width away from its sides
 * @param {number} width of the result
 * @param {number} height of the result
 * @param {number} pen diameter, pixels
 * @returns {Grid} 0 ink, 1 paper
 */
function draw(lines, width, height, pen) {
  const data = new Uint8Array(width * height * OVER * OVER).fill(255);
  const paper = { width: width * OVER, height: height * OVER, data };
  const thickness = Math.max(1, round(pen * OVER - 1.5)); // soft edges add a pixel and a half
  const fixed = (/** @type {number} */ value) => round((value * OVER - 0.5) * FINE) * (ONE / FINE);
  for (const line of lines) {
    polyline(paper, line.map((point) => Int32Array.from(point, fixed)), thickness);
  }
  const small = grid(width, height);
  halved(paper).forEach((grey, at) => {
    small.data[at] = grey / 255;
  });
  return small;
}

/**
 * @param {Stroke} stroke
 * @returns {number[][]} x and y of each point
 */
function points(stroke) {
  return Array.from(stroke, (point) => {
    if (point.length < 2 || typeof point[0] !== "number" || typeof point[1] !== "number") {
      throw new RangeError(WORDS.malformed);
    }
    if (!(Math.abs(point[0]) <= 1e9 && Math.abs(point[1]) <= 1e9)) {
      throw new RangeError(WORDS.infinite);
    }
    return [point[0], point[1]];
  });
}
