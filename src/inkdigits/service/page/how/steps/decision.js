/** Step 6: scores to probabilities, and the two limits that decide what is said. */

import { percent } from "../../percent.js";
import { signed } from "../../signed.js";
import { number, say } from "../../words.js";
import { bars, made } from "../views.js";

/** What the first gauge spans, in log-odds. */
const SPAN = [-6, 14];

/** @type {import("../tour.js").Show} */
export function decision(stage, { inside: { about, read } }, tell) {
  const { temperature, acceptThreshold, energyThreshold } = about;
  const rows = read.probabilities.map((value, digit) => ({
    name: String(digit),
    value,
    shown: percent(value),
    kind: digit === read.digit ? "leads" : "plain",
  }));
  const [shares, limits] = [made("div", "how-part"), made("div", "how-part")];
  const title = say("how.decision.shares");
  shares.append(made("h4", "", title), bars(title, rows, 1));
  limits.append(made("h4", "", say("how.decision.limits")));
  if (energyThreshold !== null) {
    const place = (/** @type {number} */ value) => (value - SPAN[0]) / (SPAN[1] - SPAN[0]);
    const said = { value: signed(read.digitness), limit: signed(energyThreshold) };
    const words = say("how.decision.digitness", said);
    limits.append(gauge(words, place(read.digitness), place(energyThreshold)));
  }
  const said = { value: percent(read.confidence), limit: percent(acceptThreshold) };
  limits.append(gauge(say("how.decision.confidence", said), read.confidence, acceptThreshold));
  stage.append(shares, limits);
  const outcome = read.reason ?? "sure";
  const verdict = say(`how.decision.${outcome}`, { digit: read.digit });
  tell(say("how.decision.words", { temperature: number(temperature, 2), verdict }));
}

/**
 * @param {string} words
 * @param {number} value 0 to 1, or beyond
 * @param {number} limit
 * @returns {HTMLElement}
 */
function gauge(words, value, limit) {
  const [part, bar] = [made("div", "how-gauge"), made("span", "how-scale")];
  bar.style.setProperty("--at", String(Math.min(Math.max(value, 0), 1)));
  bar.style.setProperty("--limit", String(limit));
  bar.classList.toggle("missed", value < limit);
  bar.setAttribute("aria-hidden", "true");
  part.append(made("p", "", words), bar);
  return part;
}
