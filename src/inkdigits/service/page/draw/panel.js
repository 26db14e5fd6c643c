/** The drawing panel put together: pad to reader, reader to answer, bars, picture and why. */

import { Answer } from "../answer/answer.js";
import { Bars } from "../answer/bars.js";
import { Choices } from "../answer/choices.js";
import { Seen } from "../answer/seen.js";
import { byId } from "../elements.js";
import { Engine } from "../engine/client.js";
import { Feedback } from "../feedback/feedback.js";
import { either, local } from "../reading/local.js";
import { Reader } from "../reading/reader.js";
import { Row } from "../reading/row.js";
import { server } from "../reading/server.js";
import { Why } from "../why/why.js";
import { Pad } from "./pad.js";
import { Tools } from "./tools.js";

/** Side of the picture that is sent where several digits are drawn, pixels. */
const ROW_SIDE = 640;

/**
 * @param {boolean} alone whether there is no server, only this page
 * @returns {{feedback: Feedback, pad: Pad, engine: () => Engine}} what the server has a say in,
 *   what is drawn, and the reader of this browser
 */
export function panel(alone) {
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
  /** @type {Engine | null} */
  let own = null;
  const engine = () => (own ??= new Engine("static/models/standard.onnx"));
  const here = local(engine);
  const reader = new Reader(alone ? here : either(server("api/v1/classify"), here));
  const row = new Row("api/v1/read");
  const why = new Why(
    {
      root: byId("why"),
      title: byId("why-title"),
      digits: byId("why-digits"),
      kinds: byId("why-kinds"),
      map: byId("why-map"),
      note: byId("why-note"),
      sum: byId("why-sum"),
      rival: byId("why-rival"),
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
    const reading = /** @type {CustomEvent<import("../reading/reader.js").Reading>} */ (event)
      .detail;
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
      if (reading.seen) why.show(reading.digit, reading.probabilities, reading.seen);
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
    answer.fail(
      /** @type {CustomEvent<import("../reading/reader.js").Trouble>} */ (event).detail,
    );
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

  return { feedback, pad, engine };
}

/**
 * The digits to set off from the others.
 *
 * @param {import("../reading/reader.js").Reading} reading
 * @returns {number[]}
 */
function leaders({ digit, accepted, reason, candidates }) {
  if (accepted && digit !== null) return [digit];
  return reason === "unsure" ? candidates.map((it) => it.digit) : [];
}
