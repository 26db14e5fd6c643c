/**
 * Two readers as one: the server, and the page itself where nobody answers there, or not soon. It
 * knows nothing of what is read.
 */

import { Unwelcome } from "./unwelcome.js";

/** Milliseconds until the page begins to read, too: on a bad line a request may hang for long. */
const SOON = 1_500;

/** Milliseconds for which a server that was too slow is not asked again. */
const SLOW = 15_000;

/**
 * The server, and where nobody answers there, or not soon, the page itself; `apart` then says that
 * the server was there, and would not. One that wants a key is then left alone. What the page
 * cannot read either is the server's, however late.
 *
 * @template Drawing, Answer
 * @param {(drawing: Drawing, signal: AbortSignal) => Promise<Answer>} server
 * @param {(drawing: Drawing, signal: AbortSignal) => Promise<Answer>} page
 * @returns {(drawing: Drawing, signal: AbortSignal) => Promise<Answer>}
 */
export function either(server, page) {
  /** @type {Unwelcome | null} */
  let locked = null;
  let slowUntil = -Infinity;

  return async (drawing, signal) => {
    if (performance.now() < slowUntil) {
      const answer = await page(drawing, signal).catch(() => null);
      if (answer !== null) return answer;
    }
    const flight = new AbortController();
    const end = () => flight.abort();
    signal.addEventListener("abort", end);
    let timer = 0;
    try {
      if (locked !== null) throw locked;
      const there = server(drawing, flight.signal);
      const late = new Promise((done) => (timer = setTimeout(done, SOON))).then(async () => {
        const answer = await page(drawing, signal).catch(() => there);
        slowUntil = performance.now() + SLOW;
        return answer;
      });
      const answer = await Promise.race([there, late]);
      end(); // whoever was slower
      return answer;
    } catch (error) {
      if (signal.aborted) throw error; // given up, or silent for too long
      const apart = error instanceof Unwelcome;
      if (apart && error.lasting) locked = error;
      const answer = await page(drawing, signal);
      return apart && answer ? { ...answer, apart } : answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  };
}
