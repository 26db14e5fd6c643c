/**
 * The server as a reader: one request. It knows `/api/v1/classify`; nothing of the page.
 *
 * @typedef {import("./reader.js").Ask} Ask
 */

import { told } from "../problems.js";

/**
 * Whether the server does not read for this page: it wants a key, or was asked too often. The page
 * then reads by itself, as where nobody answers.
 *
 * @param {Response} response
 * @returns {boolean}
 */
export function unwelcome({ status }) {
  return status === 401 || status === 429;
}

/**
 * @param {string | URL} address of the service that reads strokes
 * @returns {Ask}
 */
export function server(address) {
  const url = new URL(address, document.baseURI);
  return async (strokes, signal) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ strokes, seen: true, top_k: 3 }),
      signal,
    });
    if (response.ok) return response.json();
    if (unwelcome(response)) throw new Error("the server reads for others");
    const busy = response.status >= 500;
    const problem = await response.json().catch(() => ({}));
    return { kind: busy ? "busy" : "refused", detail: told(problem) };
  };
}
