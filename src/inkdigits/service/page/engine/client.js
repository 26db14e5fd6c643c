/**
 * The page's end of the engine: questions as promises, answered by worker.js. It knows nothing of
 * the page.
 *
 * @typedef {import("./decide.js").Info} Info
 * @typedef {import("./worker.js").Dissected} Dissected
 * @typedef {import("./worker.js").Explained} Explained
 * @typedef {import("./worker.js").Read} Read
 * @typedef {import("./worker.js").Request} Request
 */

import { Remote } from "./remote.js";

/** A model in a worker; begins to load at once. */
export class Engine {
  /** @type {Remote} */ #remote;
  /** @type {Promise<Info>} What the model says about itself, once it can read. */ ready;

  /**
   * @param {string | URL} url of the ONNX file, relative to the document
   * @param {string} [sha256] that the file must have, in hex
   */
  constructor(url, sha256) {
    this.#remote = new Remote(new URL("worker.js", import.meta.url));
    this.ready = this.#ask({ kind: "load", url: new URL(url, document.baseURI).href, sha256 });
    this.ready.catch(() => {}); // whoever waits for it is told
  }

  /**
   * @param {Float32Array} image 784 numbers in [0, 1], row by row, ink high
   * @param {boolean} [layers] whether to tell all that lies between the image and the logits
   * @returns {Promise<Read>}
   * @throws {Error} with a sentence for a person
   */
  async read(image, layers = false) {
    await this.ready;
    return this.#ask({ kind: "read", image, layers });
  }

  /**
   * Takes up to a second or two; readings come between, and a newer call ends an older one.
   *
   * @param {Float32Array} image
   * @param {number} [digit] to explain; the answer by default
   * @returns {Promise<Explained>}
   * @throws {Error} with a sentence for a person
   */
  async explain(image, digit) {
    await this.ready;
    return this.#ask({ kind: "explain", image, digit });
  }

  /**
   * @param {Float32Array} image
   * @returns {Promise<Dissected>}
   * @throws {Error} with a sentence for a person
   */
  async dissect(image) {
    await this.ready;
    return this.#ask({ kind: "dissect", image });
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
