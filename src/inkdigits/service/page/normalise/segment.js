/**
 * Ink -> the glyph of one digit: its ink cropped, with its box in the picture; specks, ruled lines
 * and what looks in from outside are left out. The twin of `inkdigits/segment.py`. It does not know
 * which digit it is.
 *
 * @typedef {import("./grid.js").Grid} Grid
 * @typedef {import("./ink.js").Ink} Ink
 * @typedef {import("./morphology.js").Piece} Piece
 *
 * @typedef {object} Box  in pixels of the picture
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Glyph
 * @property {Grid} ink  0 to 1, cropped to the ink
 * @property {Box} box
 *
 * @typedef {object} Marks  connected pieces of ink; number 0 is no piece
 * @property {Grid} pixels  the ink without lines
 * @property {number} scale
 * @property {Int32Array} labels  which piece a pixel belongs to
 * @property {Piece[]} boxes
 * @property {boolean[]} keep  whether each belongs to the digit
 */

import { above, mask, window } from "./grid.js";
import { WORKING_SIDE, extract } from "./ink.js";
import { WEAK, withoutLines } from "./lines.js";
import { dilated, pieces } from "./morphology.js";
import { round } from "./numbers.js";

/** Ink that a mark must reach somewhere. */
export const STRONG = 0.55;
/**
 * Longer side of the copy that is looked at first, of a glyph that needs no closer look, and of a
 * glyph in the closer look.
 */
const GLANCE = 144;
const ENOUGH = 48;
const CLOSE = 96;
/** A mark is a speck when it has less than this part of the main mark's area ... */
const SPECK_AREA = 0.02;
/** ... or is shorter than this part of its longer side, ... */
const SPECK_SIDE = 0.06;
/** ... or stands beside it with less than these parts of its area and height. */
const POINT_AREA = 0.12;
const POINT_HEIGHT = 0.5;
/** A mark stands beside another when less than this part of its width lies above or below it. */
const BESIDE = 0.5;
/** Within this part of the picture's sides, ink counts less towards being the main mark. */
const RIM = 0.15;

/**
 * The one digit that a picture shows. A small copy is looked at first, which is enough for a digit
 * that fills much of the picture.
 *
 * @param {Grid} picture 0 black to 1 white
 * @returns {Glyph | null} `null` for a blank
 */
export function locate(picture) {
  const glyph = findGlyph(extract(picture, GLANCE));
  const size = glyph === null ? 0 : Math.max(glyph.ink.width, glyph.ink.height);
  if (size >= ENOUGH || Math.max(picture.width, picture.height) <= GLANCE) return glyph;
  const closer = size > 0 ? Math.floor((GLANCE * CLOSE) / size) : WORKING_SIDE;
  return findGlyph(extract(picture, Math.min(WORKING_SIDE, closer)));
}

/**
 * @param {Ink} ink
 * @returns {Glyph | null}
 */
function findGlyph(ink) {
  const marks = marksOf(ink);
  if (!marks.keep.includes(true)) return null;
  if (marks.keep.filter(Boolean).length === 1) return cut(marks, marks.keep);
  const main = mainMark(marks);
  const keep = marks.keep.map(
    (is, at) => is && !isSpeck(marks, at, main) && !isStranger(marks, at, main),
  );
  return cut(marks, keep);
}

/**
 * The glyphs that stand side by side; parts above one another stay together.
 *
 * @param {Ink} ink
 * @returns {Glyph[]} left to right
 */
export function apart(ink) {
  const marks = marksOf(ink);
  if (!marks.keep.includes(true)) return [];
  const main = largest(marks.keep.map((is, at) => (is ? marks.boxes[at].area : 0)));
  const order = marks.boxes
    .map((box, at) => ({ ...box, at }))
    .filter(({ at }) => marks.keep[at] && !isSpeck(marks, at, main))
    .sort((one, other) => one.left - other.left);
  /** @type {boolean[][]} */
  const groups = [];
  let end = 0;
  for (const { left, right, at } of order) {
    const inside = groups.length > 0 && end - left >= BESIDE * (right - left);
    if (!inside) groups.push(marks.keep.map(() => false));
    groups[groups.length - 1][at] = true;
    end = inside ? Math.max(end, right) : right;
  }
  return groups.map((group) => cut(marks, group));
}

/**
 * @param {Ink} ink
 * @returns {Marks}
 */
function marksOf({ pixels: all, scale }) {
  const pixels = withoutLines(all);
  const { labels, boxes } = pieces(above(pixels, WEAK));
  const keep = boxes.map(() => false);
  labels.forEach((label, at) => {
    if (label > 0 && pixels.data[at] > STRONG) keep[label] = true;
  });
  return { pixels, scale, labels, boxes, keep };
}

/**
 * The mark with the most ink, that near the picture's sides counting less.
 *
 * @param {Marks} marks
 * @returns {number}
 */
function mainMark({ pixels: { width, height }, labels, boxes, keep }) {
  const mass = new Float64Array(boxes.length);
  for (let y = 0, at = 0; y < height; y += 1) {
    const down = inwards(y, height);
    for (let x = 0; x < width; x += 1, at += 1) {
      if (labels[at] > 0) mass[labels[at]] += down * inwards(x, width);
    }
  }
  return largest(keep.map((is, at) => (is ? mass[at] : -1)));
}

/**
 * @param {number} place
 * @param {number} side
 * @returns {number} how far from both ends of a side, 0 to 1, reached at `RIM` of it
 */
function inwards(place, side) {
  return Math.min((Math.min(place, side - 1 - place) + 0.5) / (RIM * side), 1);
}

/**
 * @param {number[]} values
 * @returns {number} where the greatest of them is, the first of several
 */
function largest(values) {
  return values.indexOf(values.reduce((a, b) => Math.max(a, b)));
}

/**
 * @param {Marks} marks
 * @param {number} at
 * @param {number} main
 * @returns {boolean}
 */
function isSpeck({ boxes }, at, main) {
  const [it, other] = [boxes[at], boxes[main]];
  const side = (/** @type {Piece} */ of) => Math.max(of.right - of.left, of.bottom - of.top);
  const tiny = it.area < SPECK_AREA * other.area || side(it) < SPECK_SIDE * side(other);
  const low = it.bottom - it.top < POINT_HEIGHT * (other.bottom - other.top);
  return tiny || (low && isBeside(it, other) && it.area < POINT_AREA * other.area);
}

/**
 * @param {Marks} marks
 * @param {number} at
 * @param {number} main
 * @returns {boolean} whether a mark runs off the picture and stands beside the main one
 */
function isStranger({ boxes, pixels: { width, height } }, at, main) {
  const { left, top, right, bottom } = boxes[at];
  const off = left <= 1 || top <= 1 || right >= width - 1 || bottom >= height - 1;
  return at !== main && off && isBeside(boxes[at], boxes[main]);
}

/**
 * @param {Piece} it
 * @param {Piece} other
 * @returns {boolean}
 */
function isBeside(it, other) {
  const shared = Math.min(it.right, other.right) - Math.max(it.left, other.left);
  return shared < BESIDE * (it.right - it.left);
}

/**
 * @param {Marks} marks
 * @param {boolean[]} keep
 * @returns {Glyph}
 */
function cut({ pixels, scale, labels, boxes }, keep) {
  const kept = boxes.filter((_, at) => keep[at]);
  const least = (/** @type {"left" | "top"} */ side) => Math.min(...kept.map((it) => it[side]));
  const most = (/** @type {"right" | "bottom"} */ side) => Math.max(...kept.map((it) => it[side]));
  const [left, top, right, bottom] = [least("left"), least("top"), most("right"), most("bottom")];
  // one pixel around the marks keeps their soft edges and nothing else
  const [x, y] = [Math.max(left - 1, 0), Math.max(top - 1, 0)];
  const width = Math.min(right + 1, pixels.width) - x;
  const height = Math.min(bottom + 1, pixels.height) - y;
  const mine = mask(width, height);
  for (let at = 0; at < mine.data.length; at += 1) {
    const from = (y + Math.floor(at / width)) * pixels.width + x + (at % width);
    mine.data[at] = +keep[labels[from]];
  }
  const near = dilated(mine);
  const ink = window(pixels, x, y, width, height);
  ink.data.forEach((value, at) => {
    ink.data[at] = value * near.data[at];
  });
  const size = (/** @type {number} */ length) => Math.max(round(length * scale), 1);
  const box = {
    x: round(left * scale),
    y: round(top * scale),
    width: size(right - left),
    height: size(bottom - top),
  };
  return { ink, box };
}
