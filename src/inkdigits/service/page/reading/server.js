/**
 * The server as a reader: one request. It knows `/api/v1/classify`; nothing of the page.
 *
 * @typedef {import("./reader.js").Ask} Ask
 */

import { told } from "../problems.js";
import { heed } from "./unwelcome.js";

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
    heed(response);
    const busy = response.status >= 500;
    const problem = await response.json().catch(() => ({}));
    return { kind: busy ? "busy" : "refused", detail: told(problem) };
  };
}
