/**
 * The page's end of the reader of rows: questions as promises, answered by worker.js. It knows
 * nothing of the page.
 *
 * @typedef {import("../normalise/strokes.js").Stroke} Stroke
 * @typedef {import("./rowreader.js").RowNumber} RowNumber
 * @typedef {import("./worker.js").Request} Request
 */

import { Remote } from "../engine/remote.js";

/** Both models in a worker; they begin to load at once. */
export class RowEngine {
  /** @type {Remote} */ #remote;
  /** @type {Promise<null>} */ ready;

  /**
   * @param {string | URL} line the ONNX file of the reader of rows, relative to the document
   * @param {string | URL} digits that of the reader of single digits
   */
  constructor(line, digits) {
    this.#remote = new Remote(new URL("worker.js", import.meta.url));
    const [rows, single] = [line, digits].map((url) => new URL(url, document.baseURI).href);
    this.ready = this.#ask({ kind: "load", line: rows, digits: single });
    this.ready.catch(() => {}); // whoever waits for it is told
  }

  /**
   * @param {Stroke[]} strokes
   * @returns {Promise<RowNumber | null>} `null` where they are no number
   * @throws {Error} with a sentence for a person
   */
  async read(strokes) {
    await this.ready;
    return this.#ask({ kind: "read", strokes });
  }

  /** Ends the worker; whoever waits is told, and so is whoever asks again. */
  stop() {
    this.#remote.stop();
  }

  /**
   * @param {Request} request
   * @returns {Promise<any>}
   */
  #ask(request) {
    return this.#remote.ask(request);
  }
}
