/**
 * A server that answers, and does not read for this page: it wants a key, or was asked too often.
 * The page then reads by itself, as where nobody answers. It knows the two statuses of HTTP.
 */

const WANTS_KEY = 401;
const TOO_OFTEN = 429;

/** Thrown in place of an answer. */
export class Unwelcome extends Error {
  /** @param {boolean} lasting whether it is of no use to ask again */
  constructor(lasting) {
    super("the server does not read for this page");
    this.lasting = lasting;
  }
}

/**
 * Throws {@link Unwelcome} where the server sends the page away.
 *
 * @param {Response} response
 */
export function heed({ status }) {
  if (status === WANTS_KEY || status === TOO_OFTEN) throw new Unwelcome(status === WANTS_KEY);
}
