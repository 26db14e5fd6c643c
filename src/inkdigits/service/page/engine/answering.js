/**
 * A worker that answers: its end of remote.js. It knows nothing of what is asked.
 *
 * @typedef {import("./remote.js").Reply} Reply
 */

import { ModelError } from "./protobuf.js";

/**
 * Answers whatever comes; what goes wrong becomes a sentence.
 *
 * @param {(request: any) => Promise<unknown>} answer
 */
export function answering(answer) {
  self.addEventListener("message", async (event) => {
    const { id, ...request } = /** @type {MessageEvent} */ (event).data;
    /** @type {Reply} */
    let reply;
    try {
      reply = { id, answer: await answer(request) };
    } catch (error) {
      const code = error instanceof ModelError ? error.code : "broken";
      reply = { id, trouble: error instanceof Error ? error.message : String(error), code };
    }
    self.postMessage(reply);
  });
}
