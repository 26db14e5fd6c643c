/**
 * One picture that a person shows: its file, what the browser shows of it, and what the server read
 * on it. It knows nothing of the page, but what a person is to be told.
 *
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 *
 * @typedef {"waiting" | "reading" | "read" | "trouble" | "cancelled"} State
 */

import { fits, isHeic, mayTurn, smaller } from "./fit.js";
import { readPage, Refused } from "../numbers/pagereader.js";
import { say } from "../words.js";

/** Milliseconds that the server has: a page on a small machine takes its time. */
const PATIENCE = 90_000;

/** Longer side of a last copy, for a server that takes less than is usual. */
const LAST = 1600;

/** Problems that a smaller copy, written anew, may mend. */
const MENDABLE = [
  "payload-too-large",
  "image-too-large",
  "unsupported-format",
  "unsupported-media-type",
  "request-timeout",
];

/** Whether an answer of this status may be another one the next time. */
const passing = (/** @type {number} */ status) => status >= 500 || status === 408 || status === 429;

/** A picture and what is read on it. */
export class Shot {
  /** @type {State} */ state = "waiting";
  /** @type {PageAnswer | null} */ answer = null;
  trouble = "";
  /** Whether another try could end differently. */
  again = false;
  /** @type {HTMLImageElement} Shows the picture; not yet decoded before `open`. */
  image = new Image();
  /** @type {AbortController | null} */ #controller = null;
  /** @type {File} */ #file;
  /** @type {string} */ #source;
  /** @type {Promise<boolean> | null} */ #opened = null;

  /** @param {File} file */
  constructor(file) {
    this.#file = file;
    this.#source = URL.createObjectURL(file);
    this.image.draggable = false;
    this.image.alt = say("picture.shown", { name: this.name });
    this.image.src = this.#source;
  }

  /** @returns {string} what it is called */
  get name() {
    return this.#file.name || say("picture.nameless");
  }

  /** @returns {Promise<boolean>} whether the picture can be shown, once it is decoded */
  open() {
    // what is cut short is not decoded, but the server can say what is wrong with it
    this.#opened ??= this.image
      .decode()
      .catch(() => {})
      .then(() => this.image.naturalWidth > 0);
    return this.#opened;
  }

  /**
   * Has the picture read; afterwards `state` is `read`, `trouble` or `cancelled`.
   *
   * @param {URL} url
   */
  async read(url) {
    const { signal } = (this.#controller = new AbortController());
    this.state = "reading";
    this.answer = null;
    const began = performance.now();
    try {
      if (!(await this.open())) throw new Refused(await this.#wrong(), 415, "");
      if (signal.aborted) return;
      const answer = await this.#ask(url, signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.state = "read";
    } catch (error) {
      if (signal.aborted) return;
      const late = performance.now() - began >= PATIENCE;
      if (error instanceof Refused) this.#fail(error.message, passing(error.status));
      else this.#fail(say(late ? "picture.slow" : "picture.unreachable"), true);
    }
  }

  /** Has it read once more, later. */
  reset() {
    this.cancel();
    this.state = "waiting";
    this.answer = null;
  }

  /** Gives up what is under way. */
  cancel() {
    this.#controller?.abort();
    if (this.state === "reading" || this.state === "waiting") this.state = "cancelled";
  }

  /** Lets go of the picture. */
  close() {
    this.cancel();
    URL.revokeObjectURL(this.#source);
  }

  /**
   * The file as it is, where the server takes it, or else a smaller copy.
   *
   * @param {URL} url
   * @param {AbortSignal} signal
   * @returns {Promise<PageAnswer>}
   */
  async #ask(url, signal) {
    const whole = fits(this.#file, this.image) && !(await mayTurn(this.#file));
    try {
      const sent = whole ? this.#file : await this.#copy();
      return await readPage(url, sent, signal, PATIENCE);
    } catch (error) {
      if (!(error instanceof Refused) || !MENDABLE.includes(error.code)) throw error;
      return readPage(url, await this.#copy(LAST), signal, PATIENCE);
    }
  }

  /**
   * @param {number} [longest]
   * @returns {Promise<Blob>}
   */
  async #copy(longest) {
    try {
      return await smaller(this.#file, this.image, longest);
    } catch {
      throw new Refused(say("picture.large"), 422, "");
    }
  }

  /** @returns {Promise<string>} why the browser cannot show it */
  async #wrong() {
    if (this.#file.size === 0) return say("picture.empty");
    return say((await isHeic(this.#file)) ? "picture.heic" : "picture.unknown");
  }

  /**
   * @param {string} words
   * @param {boolean} again
   */
  #fail(words, again) {
    this.state = "trouble";
    this.trouble = words;
    this.again = again;
  }
}
