/**
 * Several digits side by side: a drawing in, the number that it is out. Who reads is given. It knows
 * nothing of the pad or of the page.
 *
 * @typedef {object} RowNumber
 * @property {string} text
 * @property {number} confidence  0 to 1
 * @property {boolean} accepted
 * @property {import("../answer/spelt.js").Digit[]} digits  left to right
 * @property {boolean} [local]  whether the page itself has read it
 * @property {boolean} [apart]  whether it did so though the server is there
 *
 * @typedef {object} Drawing
 * @property {import("../draw/pad.js").Stroke[]} strokes
 * @property {() => HTMLCanvasElement} picture  of it, dark on white
 *
 * @typedef {(drawing: Drawing, signal: AbortSignal) => Promise<RowNumber | null>} AskRow  whoever
 *   reads; throws where nobody is there; `null`: it is no number, or not one
 */

import { heed } from "./unwelcome.js";

/**
 * Whether a drawing that is no digit may well be a number: lines side by side, longer than high.
 * One of many digits looks like none at all to the reader of single digits.
 *
 * @param {import("../draw/pad.js").Stroke[]} strokes
 * @returns {boolean}
 */
export function isLong(strokes) {
  const points = strokes.flat();
  const [across, down] = [0, 1].map((axis) => {
    const places = points.map((point) => /** @type {number} */ (point[axis]));
    const reach = places.reduce(
      ([low, high], place) => [Math.min(low, place), Math.max(high, place)],
      [Infinity, -Infinity],
    );
    return reach[1] - reach[0];
  });
  return strokes.length > 1 && across > down;
}

/** Asks for one drawing at a time: a new question gives the old one up. */
export class Row {
  /** @type {AskRow} */ #ask;
  /** @type {AbortController | null} */ #flight = null;

  /** @param {AskRow} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * @param {Drawing} drawing
   * @returns {Promise<RowNumber | null>} of two digits or more; `null`: there is none, or not one,
   *   or the question was given up, or nobody answers
   */
  async read(drawing) {
    this.cancel();
    const flight = (this.#flight = new AbortController());
    try {
      const number = await this.#ask(drawing, flight.signal);
      return flight === this.#flight && number !== null && number.text.length > 1 ? number : null;
    } catch {
      return null;
    }
  }

  /** Gives the question up. */
  cancel() {
    this.#flight?.abort();
    this.#flight = null;
  }
}

/**
 * The server as a reader: a picture to it, the number on it back.
 *
 * @param {string | URL} address of the service that reads pictures
 * @returns {AskRow}
 */
export function rowServer(address) {
  const url = new URL(address, document.baseURI);
  url.searchParams.set("group", "row");
  url.searchParams.set("turn", "false");
  url.searchParams.set("seen", "true");
  return async ({ picture }, signal) => {
    const body = await new Promise((done) => picture().toBlob(done, "image/png"));
    const headers = { "Content-Type": "image/png", Accept: "application/json" };
    const response = await fetch(url, { method: "POST", headers, body, signal });
    heed(response);
    /** @type {RowNumber[]} */
    const numbers = response.ok ? (await response.json()).numbers : [];
    return numbers.length === 1 ? numbers[0] : null;
  };
}

/**
 * The page itself as a reader; it fetches what it reads with when it is first asked.
 *
 * @param {string} line the ONNX file of the reader of rows, relative to the document
 * @param {string} digits that of the reader of single digits
 * @returns {AskRow}
 */
export function rowHere(line, digits) {
  /** @type {import("../line/client.js").RowEngine | null} */
  let engine = null;
  return async ({ strokes }) => {
    const { RowEngine } = await import("../line/client.js"); // most visits need it never
    const asked = (engine ??= new RowEngine(line, digits));
    try {
      const number = await asked.read(strokes);
      return number === null ? null : { ...number, local: true };
    } catch (error) {
      asked.stop();
      if (engine === asked) engine = null; // the next time may have a better connection
      throw error;
    }
  };
}
