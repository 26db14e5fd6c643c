/**
 * The way to the server that reads pages: one picture in, its answer out. It knows nothing of the
 * page that asks.
 *
 * @typedef {import("./marks.js").Box} Box
 *
 * @typedef {object} Digit
 * @property {number | null} digit
 * @property {number} confidence  0 to 1
 * @property {number[]} probabilities  of the digits 0 to 9
 * @property {Box | null} box
 *
 * @typedef {object} TextCandidate
 * @property {string} text
 * @property {number} probability  0 to 1
 *
 * @typedef {object} More  what else the answer says of a number
 * @property {"unsure" | "no_fit" | null} reason  why it is not accepted
 * @property {number} line  of the page, from 0 at the top
 * @property {TextCandidate[]} candidates  best first
 * @property {{mark: string, after: number, box: Box}[]} separators
 * @property {Digit[]} digits  left to right
 *
 * @typedef {import("./marks.js").Found & More} PageNumber
 *
 * @typedef {object} PageAnswer  all numbers of a picture
 * @property {string} text
 * @property {PageNumber[]} numbers  in reading order
 * @property {number} left_out  pieces of writing that were taken for no number
 * @property {0 | 90 | 180 | 270} turned  degrees, counter-clockwise, for reading alone
 * @property {number} width  of the picture that the boxes are in, upright, pixels
 * @property {number} height
 * @property {string[]} flags
 * @property {number} frames_ignored  of an animation
 * @property {{name: string, version: string}} model
 */

import { code, told } from "../problems.js";
import { say } from "../words.js";

/** An answer that is none; its message is for a person. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {number} status of HTTP
   * @param {string} code of the problem, empty where the server gave none
   */
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * One request. Fails with {@link Refused} where the server will not read the picture, and with
 * another error where it does not answer, or not in time.
 *
 * @param {URL} url
 * @param {Blob} picture whose type the server takes
 * @param {AbortSignal} signal
 * @param {number} patience milliseconds until a silent server counts as unreachable
 * @returns {Promise<PageAnswer>}
 */
export async function readPage(url, picture, signal, patience) {
  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(end, patience);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": picture.type, Accept: "application/json" },
      body: picture,
      signal: controller.signal,
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok && Array.isArray(answer.numbers)) return answer;
    throw new Refused(told(answer) || say("problem.other"), response.status, code(answer));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}
