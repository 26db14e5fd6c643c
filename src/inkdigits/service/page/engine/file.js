/**
 * The bytes of a model's file, fetched. It knows nothing of what they hold.
 */

import { ModelError } from "./protobuf.js";

const WORDS = {
  unreachable: "The model could not be fetched: look at the connection, then try again.",
  missing: (/** @type {number} */ status) =>
    `The model could not be fetched: the server answered ${status}.`,
  changed: "The model is not the file that was expected: fetch it again.",
};

/**
 * @param {string | URL} url of an ONNX file
 * @param {string} [sha256] that it must have, in hex; asked for only where the browser can tell
 * @returns {Promise<Uint8Array>}
 * @throws {ModelError} it cannot be fetched, or is another file
 */
export async function fetched(url, sha256) {
  /** @type {Response} */
  let response;
  /** @type {Uint8Array<ArrayBuffer>} */
  let bytes;
  try {
    response = await fetch(url);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new ModelError(WORDS.unreachable, "unreachable");
  }
  if (!response.ok) throw new ModelError(WORDS.missing(response.status), "unreachable");
  if (sha256 && globalThis.crypto?.subtle !== undefined) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== sha256) throw new ModelError(WORDS.changed);
  }
  return bytes;
}
