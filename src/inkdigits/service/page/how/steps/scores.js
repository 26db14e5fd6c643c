/** Step 5: means of the last layer's maps, weighed into ten scores. */

import { signed } from "../../signed.js";
import { say } from "../../words.js";
import { bars, made } from "../views.js";

/** Channels that are named. */
const NAMED = 6;

/** @type {import("../tour.js").Show} */
export function scores(stage, { inside: { read, map }, stages }, tell) {
  const last = stages[stages.length - 1];
  const size = last.rows * last.rows;
  const channels = Array.from(map.channels, (added, channel) => ({ channel, added }));
  channels.sort((one, other) => Math.abs(other.added) - Math.abs(one.added));
  const others = channels.slice(NAMED).reduce((sum, { added }) => sum + added, 0);
  const total = map.rest + channels.reduce((sum, { added }) => sum + added, 0);
  const row = (/** @type {string} */ name, /** @type {number} */ value, kind = "") => {
    return { name, value, shown: signed(value, kind === ""), kind };
  };
  const rows = channels
    .slice(0, NAMED)
    .map(({ channel, added }) => row(say("how.scores.channel", { channel: channel + 1 }), added));
  rows.push(row(say("how.scores.others"), others), row(say("how.scores.rest"), map.rest));
  rows.push(row(say("how.scores.total"), total, "sum"));
  const logits = Array.from(read.logits, (value, digit) => {
    return row(String(digit), value, digit === read.digit ? "leads" : "plain");
  });
  stage.append(
    titled(say("how.scores.parts", { digit: read.digit }), rows),
    titled(say("how.scores.all"), logits),
  );
  const best = channels.reduce((one, other) => (other.added > one.added ? other : one));
  const values = last.data.subarray(best.channel * size, (best.channel + 1) * size);
  const mean = values.reduce((a, b) => a + b, 0) / size;
  const ranks = Array.from(read.logits, (score, digit) => ({ score, digit }));
  ranks.sort((one, other) => other.score - one.score);
  tell(
    say("how.scores.words", {
      channel: best.channel + 1,
      mean: signed(mean),
      weight: signed(best.added / mean),
      added: signed(best.added),
      digit: read.digit,
      total: signed(total),
      next: ranks[1].digit,
      second: signed(ranks[1].score),
    }),
  );
}

/**
 * @param {string} title
 * @param {Parameters<typeof bars>[1]} rows
 * @returns {HTMLElement}
 */
function titled(title, rows) {
  const part = made("div", "how-part");
  part.append(made("h4", "", title), bars(title, rows));
  return part;
}
