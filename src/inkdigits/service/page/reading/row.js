/**
 * Several digits side by side: a picture to the server, the number on it back. It knows
 * `/api/v1/read`; nothing of the pad or of the page.
 *
 * @typedef {object} RowNumber
 * @property {string} text
 * @property {number} confidence  0 to 1
 * @property {boolean} accepted
 */

/** Asks for one picture at a time: a new question gives the old one up. */
export class Row {
  /** @type {URL} */ #url;
  /** @type {AbortController | null} */ #flight = null;

  /** @param {string | URL} url of the service that reads pictures */
  constructor(url) {
    this.#url = new URL(url, document.baseURI);
    this.#url.searchParams.set("group", "row");
    this.#url.searchParams.set("turn", "false");
  }

  /**
   * @param {HTMLCanvasElement} picture
   * @returns {Promise<RowNumber | null>} of two digits or more; `null`: there is none, or not one,
   *   or the question was given up, or nobody answers
   */
  async read(picture) {
    this.cancel();
    const flight = (this.#flight = new AbortController());
    try {
      const body = await new Promise((done) => picture.toBlob(done, "image/png"));
      const headers = { "Content-Type": "image/png", Accept: "application/json" };
      const { signal } = flight;
      const response = await fetch(this.#url, { method: "POST", headers, body, signal });
      /** @type {RowNumber[]} */
      const numbers = response.ok ? (await response.json()).numbers : [];
      const one = flight === this.#flight && numbers.length === 1 && numbers[0].text.length > 1;
      return one ? numbers[0] : null;
    } catch {
      return null;
    }
  }

  /** Gives the question up. */
  cancel() {
    this.#flight?.abort();
    this.#flight = null;
  }
}
