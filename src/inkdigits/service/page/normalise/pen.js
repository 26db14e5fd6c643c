/**
 * A thick line with round ends and soft edges, as OpenCV draws it (`LINE_AA`), pixel for pixel. In:
 * points in fixed numbers. It knows nothing of digits; a line must keep clear of the picture's
 * sides by its own width.
 *
 * A thick piece of line is a rectangle and each of its ends a polygon of 72 sides. A polygon's
 * sides are drawn as soft hair lines, three pixels across; then the rows between them are filled.
 */

import { round } from "./numbers.js";

/** One pixel in fixed numbers. */
export const ONE = 65_536;
const BITS = 16;

/** What a hair line leaves of a pixel, in 1/256, by its distance from the line in 1/32 pixel. */
const SOFT = Int32Array.from({ length: 64 }, (_, at) =>
  Math.floor(255 * Math.exp(-(((at - 15.5) / 24) ** 2))),
);
/** How strong a hair line is, in 1/256, by its slope in 1/32: an oblique one is longer. */
const SLOPE = Int32Array.from({ length: 32 }, (_, at) =>
  Math.floor(256 * Math.sqrt((1 + ((at + 0.5) / 32) ** 2) / 2)),
);
/** Sines of every fifth degree, to seven digits. */
const SINES = Float32Array.from({ length: 91 }, (_, at) =>
  Math.round(Math.sin((at * Math.PI) / 36) * 1e7) / 1e7,
);

/**
 * Paper that a black pen draws on.
 *
 * @typedef {object} Paper
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data  row by row, 0 black to 255 white
 */

/**
 * Draws the pieces of line between points.
 *
 * @param {Paper} paper
 * @param {Int32Array[]} points [x, y] each, where `ONE` is a pixel; one point is a dot
 * @param {number} thickness whole pixels, at least 29: OpenCV gives thinner ends fewer sides
 */
export function polyline(paper, points, thickness) {
  const radius = (thickness * ONE) / 2;
  const path = points.length > 1 ? points : [points[0], points[0]];
  for (let at = 1; at < path.length; at += 1) {
    bar(paper, path[at - 1], path[at], radius + (thickness % 2) * (ONE / 2));
    if (at === 1) disc(paper, path[0], radius);
    disc(paper, path[at], radius);
  }
}

/**
 * @param {Paper} paper
 * @param {Int32Array} from
 * @param {Int32Array} to
 * @param {number} radius half its width
 */
function bar(paper, from, to, radius) {
  const [across, down] = [(from[0] - to[0]) / ONE, (to[1] - from[1]) / ONE];
  const square = across * across + down * down;
  if (square === 0) return;
  const gain = radius / Math.sqrt(square);
  const [x, y] = [round(down * gain), round(across * gain)];
  const corners = [
    [from[0] + x, from[1] + y],
    [from[0] - x, from[1] - y],
    [to[0] - x, to[1] - y],
    [to[0] + x, to[1] + y],
  ];
  fill(paper, Int32Array.from(corners.flat()));
}

/**
 * @param {Paper} paper
 * @param {Int32Array} centre
 * @param {number} radius
 */
function disc(paper, centre, radius) {
  /** @type {number[]} */
  const corners = [];
  for (let at = 0; at <= 72; at += 1) {
    const x = round(centre[0] + radius * SINES[(at + 18) % 72]);
    const y = round(centre[1] + radius * SINES[at % 72]);
    const last = corners.length;
    if (last === 0 || x !== corners[last - 2] || y !== corners[last - 1]) corners.push(x, y);
  }
  fill(paper, Int32Array.from(corners));
}

/**
 * Fills a convex polygon.
 *
 * @param {Paper} paper
 * @param {Int32Array} corners x and y in turn
 */
function fill(paper, corners) {
  const count = corners.length / 2;
  let [topmost, lowest] = [0, 0];
  for (let at = 0, before = count - 1; at < count; before = at, at += 1) {
    if (corners[2 * at + 1] < corners[2 * topmost + 1]) topmost = at;
    if (corners[2 * at + 1] > corners[2 * lowest + 1]) lowest = at;
    hair(paper, corners.subarray(2 * before, 2 * before + 2), corners.subarray(2 * at, 2 * at + 2));
  }
  if (count < 3) return;
  const row = (/** @type {number} */ at) => (corners[2 * at + 1] + ONE / 2) >> BITS;
  const [top, bottom] = [row(topmost), Math.min(row(lowest), paper.height - 1)];
  /** Both ways around the polygon, down from its topmost corner. */
  const sides = [1, count - 1].map((way) => ({ way, at: topmost, until: top, x: -ONE, step: 0 }));
  let left = count; // sides of the polygon yet to be met
  for (let y = top; y <= bottom; y += 1) {
    if (y < bottom || y === top) {
      for (const side of sides) {
        if (y < side.until) continue;
        for (let here = side.at; left-- > 0; ) {
          const next = (here + side.way) % count;
          const rows = row(next) - y;
          if (rows > 0) {
            const run = corners[2 * next] - corners[2 * here];
            side.step = Math.trunc((2 * run + rows) / (2 * rows));
            [side.x, side.at, side.until] = [corners[2 * here], next, row(next)];
            break;
          }
          here = next;
        }
      }
    }
    if (left < 0) break;
    const [one, other] = [sides[0].x, sides[1].x];
    const first = Math.max((Math.min(one, other) + ONE - 1) >> BITS, 0);
    const last = Math.min(Math.max(one, other) >> BITS, paper.width - 1);
    if (y >= 0 && first <= last) {
      paper.data.fill(0, y * paper.width + first, y * paper.width + last + 1);
    }
    for (const side of sides) side.x += side.step;
  }
}

/**
 * A soft line three pixels across.
 *
 * @param {Paper} paper
 * @param {Int32Array} from
 * @param {Int32Array} to
 */
function hair(paper, from, to) {
  const flat = Math.abs(to[0] - from[0]) > Math.abs(to[1] - from[1]);
  const [along, across] = flat ? [0, 1] : [1, 0];
  const [first, last] = to[along] < from[along] ? [to, from] : [from, to];
  const run = last[along] - first[along];
  const step = Math.trunc(((last[across] - first[across]) * ONE) / (run | 1));
  const begin = first[along];
  const end = last[along] + ONE;
  let place = first[across] + Math.floor((-step * (begin & (ONE - 1))) / ONE) + ONE / 2;
  const bend = ((step >> (BITS - 5)) & 63) ^ (step < 0 ? 63 : 0);
  const strength = ends((begin >> 9) & 0x78, (end >> 9) & 0x78, bend & 32 ? 256 : SLOPE[bend]);
  const [forward, sideways] = flat ? [1, paper.width] : [paper.width, 1];
  let at = (begin >> BITS) * forward;
  const pixels = (end >> BITS) - (begin >> BITS);
  for (let done = 0; done <= pixels; done += 1) {
    const ink = strength[Math.min(done, 2) * 3 + Math.min(pixels - done, 2)];
    const aside = (place >> (BITS - 5)) & 31;
    const pixel = at + ((place >> BITS) - 1) * sideways;
    darken(paper.data, pixel, ink * SOFT[aside + 32]);
    darken(paper.data, pixel + sideways, ink * SOFT[aside]);
    darken(paper.data, pixel + 2 * sideways, ink * SOFT[63 - aside]);
    place += step;
    at += forward;
  }
}

/**
 * How strong a hair line is near its ends, whose pixels it covers in part.
 *
 * @param {number} begin where in its pixel the line begins, in 1/128
 * @param {number} end where it ends
 * @param {number} full how strong it is in the middle
 * @returns {number[]} by pixels from the begin, 2 at most, times 3, and pixels from the end
 */
function ends(begin, end, full) {
  const part = (/** @type {number} */ share) => ((share * full) >> 8) & 511;
  const both = part(((end - begin) & 0x78) | 4);
  const [head, tail] = [(0x78 - begin) | 4, end | 4];
  return [
    0,
    both,
    part(head),
    both,
    part((end - begin + 128) | 4),
    part(head + 128),
    part(tail),
    part(tail + 128),
    full,
  ];
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @param {number} ink in 1/65536
 */
function darken(data, at, ink) {
  const share = (ink >> 8) & 255;
  let grey = data[at];
  grey += (127 - grey * share) >> 8; // twice, as OpenCV does
  grey += (127 - grey * share) >> 8;
  data[at] = grey;
}
