/**
 * The way of a correction to the server, and back. It knows `/api/v1/feedback` and nothing of the
 * page.
 *
 * @typedef {import("../draw/pad.js").Stroke} Stroke
 * @typedef {number | "not_a_digit"} Label
 * @typedef {import("../reading/reader.js").Reading & {model: {name: string, version: string}}} Reading
 *
 * @typedef {object} Judged  an answer, and what it was the answer to
 * @property {Reading} reading
 * @property {Stroke[]} strokes  none for a picture
 *
 * @typedef {object} Outcome
 * @property {"done" | "gone" | "unreachable" | "refused"} kind
 * @property {string} id  of the correction, where one was stored
 * @property {string} detail  what the server said, empty where it said nothing
 */

import { code, told } from "../problems.js";

/** Points of a drawing that the server stores, at most; of a longer one, what the model saw. */
const POINTS = 2_000;

/** Milliseconds until a silent server counts as unreachable. */
const PATIENCE = 10_000;

/** Sends corrections and takes them back; never throws. */
export class Corrections {
  /** @type {URL} */ #url;

  /** @param {string | URL} url of the service that takes corrections */
  constructor(url) {
    this.#url = new URL(url, document.baseURI);
  }

  /**
   * @param {Label} label what it is
   * @param {Judged} judged
   * @returns {Promise<Outcome>} with the id to take it back by
   */
  send(label, judged) {
    const body = JSON.stringify({ label, ...content(judged) });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    return ask(this.#url, { method: "POST", headers, body });
  }

  /**
   * @param {string} id
   * @returns {Promise<Outcome>} `gone` where there is none with this id
   */
  takeBack(id) {
    const url = new URL(this.#url);
    url.pathname += `/${encodeURIComponent(id)}`;
    return ask(url, { method: "DELETE", headers: { Accept: "application/json" } });
  }
}

/**
 * What is sent beside the label.
 *
 * @param {Judged} judged
 * @returns {object}
 */
function content({ reading, strokes }) {
  const { digit, confidence, accepted, reason, seen } = reading;
  const { name, version } = reading.model;
  const read = { digit, confidence, reason: accepted ? null : reason, model: { name, version } };
  const points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const drawn = points > 0 && (points <= POINTS || !seen);
  return drawn ? { reading: read, strokes } : { reading: read, seen };
}

/**
 * One request.
 *
 * @param {URL} url
 * @param {RequestInit} how
 * @returns {Promise<Outcome>}
 */
async function ask(url, how) {
  try {
    const response = await fetch(url, { ...how, signal: AbortSignal.timeout(PATIENCE) });
    const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (response.ok) return { kind: "done", id: answer.id ?? "", detail: "" };
    const gone = code(answer) === "not-found";
    return { kind: gone ? "gone" : "refused", id: "", detail: told(answer) };
  } catch {
    return { kind: "unreachable", id: "", detail: "" };
  }
}
