/**
 * What was read, to take away: as text, JSON, CSV, and as the picture with its boxes. Everything is
 * made here, in the browser. It knows answers and pictures; not the page.
 *
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 *
 * @typedef {object} Read  a picture that was read
 * @property {string} name  of its file
 * @property {PageAnswer} answer
 */

import { still } from "./fit.js";
import { mark } from "../numbers/marks.js";
import { written } from "../numbers/naming.js";
import { place } from "./placing.js";
import { say } from "../words.js";

/** How a CSV begins, in every language: programs read it. */
const COLUMNS = [
  ...["picture", "line", "number", "written", "accepted", "confidence"],
  ...["x", "y", "width", "height", "candidates"],
];

/** Longer side of a picture to take away, pixels. */
const SIDE = 4096;

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^\s*[=+\-@]/;

/**
 * A line a line, numbers parted by spaces; pictures parted by an empty line.
 *
 * @param {Read[]} all
 * @returns {string}
 */
export function asText(all) {
  return all.map(({ answer }) => `${answer.text}\n`).join("\n");
}

/**
 * The server's answers, each with the name of its picture.
 *
 * @param {Read[]} all
 * @returns {string}
 */
export function asJson(all) {
  const pictures = all.map(({ name, answer }) => ({ name, ...answer }));
  return `${JSON.stringify({ pictures }, null, 2)}\n`;
}

/**
 * One row a number. No text in it is a formula to a spreadsheet.
 *
 * @param {Read[]} all
 * @returns {string}
 */
export function asCsv(all) {
  const rows = all.flatMap(({ name, answer }) =>
    answer.numbers.map((number) => {
      const { x, y, width, height } = number.box;
      const candidates = number.candidates.map((it) => `${it.text} ${it.probability.toFixed(4)}`);
      return [
        ...[name, number.line + 1, number.text, written(number), number.accepted],
        ...[number.confidence.toFixed(4), x, y, width, height, candidates.join("; ")],
      ];
    }),
  );
  const lines = [COLUMNS, ...rows].map((row) => row.map(cell).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

/**
 * @param {string | number | boolean} value
 * @returns {string} for a CSV, in one line
 */
function cell(value) {
  const text = String(value).replace(/[\p{Cc}\u2028\u2029]/gu, " ");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A picture with boxes and texts, as a PNG.
 *
 * @param {HTMLImageElement} image
 * @param {PageAnswer} answer
 * @param {CSSStyleDeclaration} style whose `--sure`, `--unsure` and `--label` are taken
 * @returns {Promise<Blob | null>} null where it has become too large for the browser
 */
export function asPng(image, answer, style) {
  const canvas = still(image, SIDE);
  const scale = canvas.width / answer.width;
  const heights = answer.numbers.map(({ box }) => box.height).sort((a, b) => a - b);
  const usual = (heights[heights.length >> 1] ?? 0) * scale;
  const size = Math.max(12, Math.min(0.45 * usual, canvas.width / 16));
  mark(canvas, answer.numbers, scale, size, style, place);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/**
 * Has the browser keep something as a file.
 *
 * @param {Blob} blob
 * @param {Read[]} all the pictures that it is about
 * @param {string} ending of its name
 */
export function save(blob, all, ending) {
  const link = document.createElement("a");
  const stem = all.length === 1 ? all[0].name.replace(/\.[^.]*$/, "") : "";
  link.href = URL.createObjectURL(blob);
  link.download = `${stem || say("picture.file")}${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Puts a text on the clipboard, also where the address is not safe enough for the proper way.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    const before = document.activeElement;
    field.value = text;
    field.className = "aside";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}
