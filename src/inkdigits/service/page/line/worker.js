/**
 * The reader of rows off the page's thread: requests in, numbers out. client.js is the other end.
 *
 * @typedef {import("../normalise/strokes.js").Stroke} Stroke
 * @typedef {import("./rowreader.js").RowNumber} RowNumber
 *
 * @typedef {{kind: "load", line: string, digits: string}
 *   | {kind: "read", strokes: Stroke[]}} Request
 */

import { LineNetwork } from "../engine/linenetwork.js";
import { Network } from "../engine/network.js";
import { answering } from "../engine/answering.js";
import { RowReader } from "./rowreader.js";

const WORDS = {
  empty: "No models are loaded yet: load them first.",
};

/** @type {RowReader | null} */
let reader = null;

answering(answer);

/**
 * @param {Request} request
 * @returns {Promise<RowNumber | null>} `null` where the strokes are no number, and after loading
 */
async function answer(request) {
  if (request.kind === "load") {
    const [line, digits] = await Promise.all([
      LineNetwork.load(request.line),
      Network.load(request.digits),
    ]);
    reader = new RowReader(line, digits);
    return null;
  }
  if (reader === null) throw new Error(WORDS.empty);
  return reader.read(request.strokes);
}
