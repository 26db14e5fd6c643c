/** The page put together: pad to reader, reader to answer, bars and picture; and the other ways. */

import { percent } from "./percent.js";
import { Answer } from "./answer.js";
import { Bars } from "./bars.js";
import { Camera } from "./camera.js";
import { about } from "./about.js";
import { Choices } from "./choices.js";
import { Engine } from "./engine/client.js";
import { Feedback } from "./feedback.js";
import { either, local } from "./local.js";
import { Pad } from "./pad.js";
import { Intake } from "./picture/intake.js";
import { Picture } from "./picture/picture.js";
import { Reader } from "./reader.js";
import { Row } from "./row.js";
import { Seen } from "./seen.js";
import { server } from "./server.js";
import { Tabs } from "./tabs.js";
import { Tools } from "./tools.js";
import { Why } from "./why.js";
import { say, translate } from "./words.js";

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
const alone = document.documentElement.dataset.server === "none";
/** @type {Engine | null} */
let own = null;
const engine = () => (own ??= new Engine("static/models/standard.onnx"));
const here = local(engine);
const reader = new Reader(alone ? here : either(server("api/v1/classify"), here));
const why = new Why(
  {
    root: byId("why"),
    title: byId("why-title"),
    map: byId("why-map"),
    note: byId("why-note"),
    rival: byId("why-rival"),
    layers: byId("why-layers"),
  },
  engine,
);
const feedback = new Feedback(
  { root: byId("feedback"), promise: byId("promise") },
  "api/v1/feedback",
);
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
  feedback.clear();
  why.clear();
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
  if (reading.digit === null || reading.reason === "several_digits") {
    why.clear();
    feedback.clear();
  } else {
    if (reading.seen) why.show(reading.digit, reading.seen);
    if (!reading.local && reading.model) {
      feedback.show({ ...reading, model: reading.model }, pad.strokes);
    } else {
      feedback.clear();
    }
  }
  if (reading.reason === "several_digits" && !reader.waiting) readRow();
});

reader.addEventListener("trouble", (event) => {
  why.clear();
  feedback.clear();
  answer.fail(/** @type {CustomEvent<import("./reader.js").Trouble>} */ (event).detail);
  answer.wait(reader.waiting);
  bars.clear();
  seen.clear();
});

/** Reads what is drawn as a number of several digits. */
async function readRow() {
  if (alone) return;
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

/** What answers, how well it does, and what becomes of drawings. */
async function introduce() {
  if (alone) {
    for (const id of ["way-picture", "way-camera", "api"]) byId(id).remove();
    if (ways.shown !== "draw") ways.show("draw");
    byId("promise").textContent = say("promise.alone");
    return;
  }
  const server = await about("api/v1/about");
  feedback.enabled = server?.feedback ?? false;
  if (server === null) return;
  const { model, measured, card } = server;
  byId("card").hidden = card === null;
  if (measured === null) return;
  const share = percent(measured.accuracy);
  const size = measured.size.toLocaleString();
  byId("made").textContent = say("made", { model: `${model.name} ${model.version}`, share, size });
}

introduce();
// the page stays after this visit; an address that is not safe has no such thing
navigator.serviceWorker?.register("sw.js").catch(() => {});
