/** The page put together: pad to reader, reader to answer, bars and picture; and the camera. */

import { Answer } from "./answer.js";
import { Bars } from "./bars.js";
import { Camera } from "./camera.js";
import { Choices } from "./choices.js";
import { Pad } from "./pad.js";
import { Reader } from "./reader.js";
import { Seen } from "./seen.js";

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

const pad = new Pad(byId("pad"));
const reader = new Reader("api/v1/classify");
const bars = new Bars(byId("bars"));
const seen = new Seen(byId("seen"));
const answer = new Answer(
  {
    root: byId("answer"),
    figure: byId("figure"),
    headline: byId("headline"),
    note: byId("note"),
    choices: new Choices(byId("choices")),
  },
  byId("status"),
);

new Camera(
  {
    toggle: byId("camera-toggle"),
    capture: byId("capture"),
    scene: byId("scene"),
    video: byId("video"),
    marks: byId("marks"),
    note: byId("camera-note"),
    numbers: byId("numbers"),
    kept: byId("kept"),
    status: byId("camera-status"),
  },
  "api/v1/read",
);

pad.addEventListener("change", () => {
  for (const id of ["undo", "clear"]) byId(id).disabled = pad.empty;
  byId("hint").classList.toggle("gone", !pad.empty);
  if (!pad.empty) {
    reader.read(pad.strokes);
    answer.wait(true);
    return;
  }
  reader.cancel();
  answer.wait(false);
  answer.clear();
  bars.clear();
  seen.clear();
});

reader.addEventListener("reading", (event) => {
  const reading = /** @type {CustomEvent<import("./reader.js").Reading>} */ (event).detail;
  answer.show(reading);
  answer.wait(reader.waiting);
  seen.show(reading.seen);
  if (reading.digit === null) {
    bars.clear();
  } else {
    bars.show(reading.probabilities, leaders(reading));
  }
});

reader.addEventListener("trouble", (event) => {
  answer.fail(/** @type {CustomEvent<import("./reader.js").Trouble>} */ (event).detail);
  answer.wait(reader.waiting);
  bars.clear();
  seen.clear();
});

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => pad.clear());

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    pad.undo();
  } else if (!command && (event.key === "Escape" || event.key === "Delete")) {
    event.preventDefault();
    pad.clear();
  }
});

/**
 * The digits to set off from the others.
 *
 * @param {import("./reader.js").Reading} reading
 * @returns {number[]}
 */
function leaders({ digit, accepted, reason, candidates }) {
  if (accepted && digit !== null) return [digit];
  return reason === "unsure" ? candidates.map((it) => it.digit) : [];
}
