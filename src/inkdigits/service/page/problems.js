/**
 * What the server says went wrong, in the language of the page. It knows the codes of the server's
 * problems (RFC 9457), and nothing of requests.
 */

import { WORDS as ENGLISH } from "./words/en.js";
import { LANGUAGE, say } from "./words.js";

/** How the types of the server's problems begin. */
const PREFIX = "urn:inkdigits:problem:";

/**
 * @typedef {object} Problem
 * @property {string} [type]
 * @property {string | null} [detail]
 * @property {string} [title]
 */

/**
 * @param {Problem} problem
 * @returns {string} such as `corrupt-image`; empty where the server gave none
 */
export function code({ type }) {
  return type?.startsWith(PREFIX) ? type.slice(PREFIX.length) : "";
}

/**
 * @param {Problem} problem
 * @returns {string} a sentence for a person, empty where nothing can be said of it
 */
export function told(problem) {
  // the server speaks English, and knows the case better than any word for all cases; but of keys
  // it speaks to programs
  if (LANGUAGE === "en" && code(problem) !== "unauthorized") return problem.detail ?? problem.title ?? "";
  const key = `problem.${code(problem)}`;
  return key in ENGLISH ? say(/** @type {import("./words.js").Key} */ (key)) : "";
}
