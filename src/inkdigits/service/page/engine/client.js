/**
 * The page's end of the engine: questions as promises, answered by worker.js. It knows nothing of
 * the page.
 *
 * @typedef {import("./decide.js").Info} Info
 * @typedef {import("./worker.js").Dissected} Dissected
 * @typedef {import("./worker.js").Explained} Explained
 * @typedef {import("./worker.js").Read} Read
 * @typedef {import("./worker.js").Reply} Reply
 * @typedef {import("./worker.js").Request} Request
 */

const WORDS = {
  broken: "The reader in this browser has stopped: reload the page.",
};

/** A model in a worker; begins to load at once. */
export class Engine {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #last = 0;
  #stopped = false;
  /** @type {Promise<Info>} What the model says about itself, once it can read. */ ready;

  /**
   * @param {string | URL} url of the ONNX file, relative to the document
   * @param {string} [sha256] that the file must have, in hex
   */
  constructor(url, sha256) {
    this.#worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", (event) => this.#take(event.data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.stop();
    });
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
    this.#stopped = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(WORDS.broken));
    this.#waiting.clear();
  }

  /**
   * @param {Request} request
   * @returns {Promise<any>}
   */
  #ask(request) {
    if (this.#stopped) return Promise.reject(new Error(WORDS.broken));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  /** @param {Reply} reply */
  #take(reply) {
    const asked = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("trouble" in reply) asked?.reject(new Error(reply.trouble));
    else asked?.resolve(reply.answer);
  }
}
