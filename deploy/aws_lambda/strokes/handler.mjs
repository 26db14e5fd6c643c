/**
 * Pen strokes -> a digit, as an AWS Lambda function for Node.js: what the page does by itself when no
 * server answers, as a zip of about a megabyte. It takes drawings, and no pictures or pages.
 *
 * In: an event in AWS's format 2.0, POST /api/v1/classify with {"strokes": ...}. Out: the answer of
 * the service, or an RFC 9457 problem with one of its codes. `page/` and `standard.onnx` lie beside it,
 * where build.py puts them; it holds no reader of its own.
 */

import { readFile } from "node:fs/promises";
import { decide, info } from "./page/engine/decide.js";
import { Network } from "./page/engine/network.js";
import { local } from "./page/reading/local.js";

const PROBLEMS = {
  "malformed-json": [400, "The body is not the JSON it should be"],
  "not-found": [404, "There is nothing here"],
  "tensor-shape": [422, "The numbers do not have the right shape"],
};
const WORDS = {
  body: 'Send JSON: {"strokes": [[[x, y], ...], ...]}.',
  route: "Drawings are read at POST /api/v1/classify; pictures are not read here.",
  strokes: "Strokes are a list of strokes, each a list of points [x, y] or [x, y, pressure].",
};

// a copy, as a Buffer's `slice` is not that of other arrays
const bytes = new Uint8Array(await readFile(new URL("standard.onnx", import.meta.url)));
const network = new Network(bytes);
const about = info(network.metadata);
const model = { name: about.name, version: about.version };
const engine = {
  ready: Promise.resolve(about),
  read: async (image) => decide(network.run(image).logits, about),
};
const read = local(() => engine);

/** What Lambda calls. */
export async function handler(event) {
  const { method, path } = event.requestContext.http;
  if (method === "GET" && path === "/livez") return answer(200, { status: "alive" });
  if (method !== "POST" || path !== "/api/v1/classify") return problem("not-found", WORDS.route);
  let given;
  try {
    const body = event.body ?? "";
    given = JSON.parse(event.isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
  } catch {
    return problem("malformed-json", WORDS.body);
  }
  if (!isDrawing(given?.strokes)) return problem("tensor-shape", WORDS.strokes);
  try {
    const found = await read(given.strokes, new AbortController().signal);
    const { digit, confidence, accepted, reason, probabilities, candidates } = found;
    return answer(200, { digit, confidence, accepted, reason, probabilities, candidates, model });
  } catch (error) {
    if (error instanceof RangeError) return problem("tensor-shape", error.message);
    throw error;
  }
}

function isDrawing(strokes) {
  const number = (value) => Number.isFinite(value) && Math.abs(value) <= 1e6;
  const point = (p) => Array.isArray(p) && (p.length === 2 || p.length === 3) && p.every(number);
  const stroke = (points) => Array.isArray(points) && points.every(point);
  return Array.isArray(strokes) && strokes.every(stroke);
}

function problem(code, detail) {
  const [status, title] = PROBLEMS[code];
  const said = { type: `urn:inkdigits:problem:${code}`, title, status, detail };
  return answer(status, said, "application/problem+json");
}

function answer(statusCode, said, type = "application/json") {
  const headers = { "content-type": type, "cache-control": "no-store" };
  return { statusCode, headers, body: JSON.stringify(said), isBase64Encoded: false };
}
