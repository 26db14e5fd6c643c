/**
 * What was read on a picture, in a few words. It knows the server's answers.
 *
 * @typedef {import("../numbers/pagereader.js").PageAnswer} PageAnswer
 */

import { spoken } from "../numbers/naming.js";
import { say } from "../words.js";

/**
 * @param {PageAnswer} answer
 * @returns {string} for the eye, beside the picture and the list
 */
export function summary({ numbers, left_out: leftOut, turned, frames_ignored: frames }) {
  const doubtful = numbers.filter(({ accepted }) => !accepted).length;
  const count = numbers.length;
  const words = [count === 0 ? say("picture.none") : say("picture.found", { count })];
  if (doubtful > 0) words.push(say("picture.doubtful", { count: doubtful }));
  if (leftOut > 0) words.push(say("picture.leftOut", { count: leftOut }));
  if (turned === 180) words.push(say("picture.upsideDown"));
  else if (turned !== 0) words.push(say("picture.turned", { degrees: turned }));
  if (frames > 0) words.push(say("picture.frames"));
  if (count === 0) words.push(say("picture.none.help"));
  return words.join(" ");
}

/**
 * @param {PageAnswer} answer
 * @returns {string} for the ear
 */
export function spokenSummary(answer) {
  const { numbers } = answer;
  if (numbers.length === 0) return summary(answer);
  const names = numbers.map(spoken).join(", ");
  return say("picture.spoken", { count: numbers.length, names });
}
