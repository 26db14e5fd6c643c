/** The page put together: pad to reader, reader to answer, bars and picture; and the other ways. */

import { Answer } from "./answer.js";
import { Bars } from "./bars.js";
import { Camera } from "./camera.js";
import { Choices } from "./choices.js";
import { Pad } from "./pad.js";
import { Intake } from "./picture/intake.js";
import { Picture } from "./picture/picture.js";
import { Reader } from "./reader.js";
import { Row } from "./row.js";
import { Seen } from "./seen.js";
import { server } from "./server.js";
import { Tabs } from "./tabs.js";
import { Tools } from "./tools.js";
import { translate } from "./words.js";

/** Side of the picture that is sent where several digits are drawn, pixels. */
const ROW_SIDE = 640;

translate(document);

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

const pad = new Pad(byId("pad"));
new Tools(
  {
    undo: byId("undo"),
    redo: byId("redo"),
    erase: byId("erase"),
    clear: byId("clear"),
    pens: document.querySelectorAll("input[name=pen]"),
    status: byId("pen-status"),
  },
  pad,
);
const row = new Row("api/v1/read");
const reader = new Reader(server("api/v1/classify"));
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

const camera = new Camera(
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

const picture = new Picture(
  {
    root: byId("picture"),
    choose: byId("picture-choose"),
    group: byId("picture-group"),
    clear: byId("picture-clear"),
    note: byId("picture-note"),
    cancel: byId("picture-cancel"),
    again: byId("picture-again"),
    result: byId("picture-result"),
    scene: byId("picture-scene"),
    numbers: byId("picture-numbers"),
    strip: byId("picture-strip"),
    save: {
      tools: byId("picture-save"),
      copy: byId("picture-copy"),
      csv: byId("picture-csv"),
      json: byId("picture-json"),
      png: byId("picture-png"),
    },
    details: {
      dialog: byId("picture-details"),
      title: byId("picture-number"),
      note: byId("picture-number-note"),
      texts: byId("picture-texts"),
      digits: byId("picture-digits"),
      before: byId("picture-before"),
      after: byId("picture-after"),
      close: byId("picture-close"),
    },
    status: byId("picture-status"),
  },
  "api/v1/read",
);
const intake = new Intake({
  choose: byId("picture-choose"),
  files: byId("picture-files"),
  take: byId("picture-take"),
  photo: byId("picture-photo"),
  veil: byId("picture-veil"),
});
intake.addEventListener("files", (event) => {
  ways.show("picture");
  picture.show(/** @type {CustomEvent<File[]>} */ (event).detail);
});

const ways = new Tabs(byId("ways"));
ways.addEventListener("change", () => {
  if (ways.shown !== "camera") camera.stop();
});

pad.addEventListener("change", () => {
  row.cancel();
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
  if (reading.reason === "several_digits" && !reader.waiting) readRow();
});

reader.addEventListener("trouble", (event) => {
  answer.fail(/** @type {CustomEvent<import("./reader.js").Trouble>} */ (event).detail);
  answer.wait(reader.waiting);
  bars.clear();
  seen.clear();
});

/** Reads what is drawn as a number of several digits. */
async function readRow() {
  answer.wait(true);
  const number = await row.read(pad.picture(ROW_SIDE));
  answer.wait(reader.waiting);
  if (number === null) return;
  answer.number(number);
  bars.clear();
}

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
