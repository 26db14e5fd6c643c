/**
 * What the server says of itself. It knows `/api/v1/about` and nothing of the page.
 *
 * @typedef {object} Measured  how the model did on pictures that it had not learnt from
 * @property {string} what  which pictures
 * @property {number} size  how many
 * @property {number} accuracy  the share read right, 0 to 1
 * @property {number} accepted  the share that it was sure of
 * @property {number} accuracy_accepted  the share read right of those
 *
 * @typedef {object} About
 * @property {string} version  of inkdigits
 * @property {"off" | "optional" | "required"} keys  whether the API takes keys
 * @property {boolean} feedback  whether corrections are stored
 * @property {"off" | "metadata" | "pictures"} store  what is kept of each answer
 * @property {{name: string, version: string}} model
 * @property {Measured | null} measured
 * @property {string | null} card  where the model's card is
 */

/** Milliseconds until a silent server counts as unreachable. */
const PATIENCE = 10_000;

/**
 * Asks once.
 *
 * @param {string | URL} url
 * @returns {Promise<About | null>} `null` where the server cannot be reached or is not ready
 */
export async function about(url) {
  try {
    const response = await fetch(new URL(url, document.baseURI), {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
