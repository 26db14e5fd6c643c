/**
 * Strokes in, readings out, the latest one wins. Who reads is given; it knows nothing of the page.
 *
 * @typedef {import("../draw/pad.js").Stroke} Stroke
 *
 * @typedef {object} Reading  the server's answer, as far as this page needs it
 * @property {number | null} digit
 * @property {number} confidence  0 to 1
 * @property {boolean} accepted
 * @property {"unsure" | "not_a_digit" | "several_digits" | "blank" | null} reason  why not accepted
 * @property {import("../answer/choices.js").Candidate[]} candidates  of an unsure reading, best first
 * @property {number[]} probabilities  of the digits 0 to 9
 * @property {number[] | null} [seen]  784 numbers from 0 to 255, row by row
 * @property {{name: string, version: string}} [model]
 * @property {boolean} [local]  whether the page itself has read it
 * @property {boolean} [apart]  whether it did so though the server is there
 *
 * @typedef {object} Trouble
 * @property {"unreachable" | "busy" | "refused"} kind
 * @property {string} detail  what the server said, empty where it said nothing
 *
 * @typedef {(strokes: Stroke[], signal: AbortSignal) => Promise<Reading | Trouble>} Ask  whoever
 *   reads; throws where nobody is there
 */

/** Milliseconds between two requests while the pen moves. */
const PAUSE = 60;

/** Requests under way at once; see `#makeRoom`. */
const FLIGHTS = 3;

/** Milliseconds until a silent server counts as unreachable. */
const PATIENCE = 10_000;

/** Milliseconds until the first retry; each further one waits twice as long, up to the second. */
const RETRY = [2_000, 30_000];

/**
 * Asks what was drawn; emits `reading` with a {@link Reading} and `trouble` with a
 * {@link Trouble} as the event's detail.
 */
export class Reader extends EventTarget {
  /** @type {Ask} */ #ask;
  /** @type {Stroke[]} */ #strokes = [];
  /** @type {Map<number, AbortController>} Requests under way by number, oldest first. */
  #flights = new Map();
  #sent = 0;
  #last = -Infinity;
  #pause = 0;
  #retry = 0;
  #wait = RETRY[0];

  /** @param {Ask} ask */
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  /** @returns {boolean} whether an answer to the latest drawing is still to come */
  get waiting() {
    return this.#pause !== 0 || this.#flights.size > 0;
  }

  /**
   * Has a drawing read at once; of several in quick succession, one each `PAUSE`, and the last.
   *
   * @param {Stroke[]} strokes at least one
   */
  read(strokes) {
    this.#strokes = strokes;
    clearTimeout(this.#retry);
    if (this.#pause !== 0) return;
    const wait = Math.max(0, this.#last + PAUSE - performance.now());
    this.#pause = setTimeout(() => this.#send(), wait);
  }

  /** Forgets the drawing: no answer comes after this call. */
  cancel() {
    clearTimeout(this.#pause);
    clearTimeout(this.#retry);
    this.#pause = 0;
    this.#wait = RETRY[0];
    this.#drop(Infinity);
  }

  async #send() {
    this.#pause = 0;
    this.#last = performance.now();
    this.#makeRoom();
    const number = (this.#sent += 1);
    const controller = new AbortController();
    const patience = setTimeout(() => controller.abort(), PATIENCE);
    this.#flights.set(number, controller);
    /** @type {Reading | Trouble} */
    let outcome;
    try {
      outcome = await this.#ask(this.#strokes, controller.signal);
    } catch {
      outcome = { kind: "unreachable", detail: "" };
    }
    clearTimeout(patience);
    if (!this.#flights.delete(number)) return; // given up, or overtaken by a later answer
    if (!("kind" in outcome)) {
      this.#drop(number);
      this.#wait = RETRY[0];
      this.dispatchEvent(new CustomEvent("reading", { detail: outcome }));
    } else if (number === this.#sent) {
      if (outcome.kind !== "refused" && this.#pause === 0) this.#retryLater();
      this.dispatchEvent(new CustomEvent("trouble", { detail: outcome }));
    }
  }

  #retryLater() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.read(this.#strokes), this.#wait);
    this.#wait = Math.min(this.#wait * 2, RETRY[1]);
  }

  /**
   * Gives up the newest request when too many are under way. The oldest stay because they answer
   * first: on a slow line the page still follows the pen.
   */
  #makeRoom() {
    if (this.#flights.size < FLIGHTS) return;
    const newest = Math.max(...this.#flights.keys());
    this.#flights.get(newest)?.abort();
    this.#flights.delete(newest);
  }

  /** @param {number} number all requests older than this one are given up */
  #drop(number) {
    for (const [older, controller] of this.#flights) {
      if (older >= number) continue;
      this.#flights.delete(older);
      controller.abort();
    }
  }
}
