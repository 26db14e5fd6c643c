/**
 * A worker that is asked: questions as promises. A question has an `id`, which the worker's reply
 * repeats, with an answer or with a sentence for a person; answering.js is the worker's end. It
 * knows nothing of what is asked.
 *
 * @typedef {{id: number, trouble: string, code: "model" | "unreachable" | "broken"}} Trouble
 * @typedef {{id: number, answer: unknown} | Trouble} Reply
 */

import { LANGUAGE, say } from "../words.js";

/** The page's end. */
export class Remote {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #last = 0;
  #stopped = false;

  /** @param {URL} url of the worker's module */
  constructor(url) {
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.addEventListener("message", (event) => this.#take(event.data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.stop();
    });
  }

  /**
   * @param {object} request
   * @returns {Promise<any>}
   * @throws {Error} with a sentence for a person
   */
  ask(request) {
    if (this.#stopped) return Promise.reject(new Error(say("engine.broken")));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request });
    });
  }

  /** Ends the worker; whoever waits is told, and so is whoever asks again. */
  stop() {
    this.#stopped = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error(say("engine.broken")));
    this.#waiting.clear();
  }

  /** @param {Reply} reply */
  #take(reply) {
    const asked = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("trouble" in reply) asked?.reject(new Error(told(reply)));
    else asked?.resolve(reply.answer);
  }
}

/**
 * @param {Trouble} trouble
 * @returns {string} the worker speaks English, and knows the case better than any word for all cases
 */
function told({ trouble, code }) {
  return LANGUAGE === "en" ? trouble : say(`engine.${code}`);
}
