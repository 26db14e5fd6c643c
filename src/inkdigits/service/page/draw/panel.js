/**
 * The drawing panel put together: pad to reader, reader to answer, bars, picture and why.
 *
 * @typedef {import("../answer/spelt.js").Look} Look
 * @typedef {import("../reading/reader.js").Reading} Reading
 */

import { Answer } from "../answer/answer.js";
import { Bars } from "../answer/bars.js";
import { Choices } from "../answer/choices.js";
import { Seen } from "../answer/seen.js";
import { Spelt } from "../answer/spelt.js";
import { byId } from "../elements.js";
import { Engine } from "../engine/client.js";
import { Feedback } from "../feedback/feedback.js";
import { either } from "../reading/either.js";
import { local } from "../reading/local.js";
import { Reader } from "../reading/reader.js";
import { Row, isLong, rowHere, rowServer } from "../reading/row.js";
import { server } from "../reading/server.js";
import { Why } from "../why/why.js";
import { Pad } from "./pad.js";
import { Tools } from "./tools.js";

/** The readers of single digits and of rows, for where the page reads by itself. */
const DIGITS = "static/models/standard.onnx";
const LINES = "static/models/lines/line.onnx";

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
  const engine = () => (own ??= new Engine(DIGITS));
  const here = local(engine);
  const reader = new Reader(alone ? here : either(server("api/v1/classify"), here));
  const lines = rowHere(LINES, DIGITS);
  const row = new Row(alone ? lines : either(rowServer("api/v1/read"), lines));
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
  const spelt = new Spelt(byId("spelt"));
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

  let drawn = 0; // how often the drawing has changed

  pad.addEventListener("change", () => {
    drawn += 1;
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
    spelt.clear();
    bars.clear();
    seen.clear();
  });

  reader.addEventListener("reading", (event) => {
    const reading = /** @type {CustomEvent<Reading>} */ (event).detail;
    const several = reading.reason === "several_digits";
    const long = several || (reading.reason === "not_a_digit" && isLong(pad.strokes));
    // a number that grows stays until the longer one is read
    if (long && spelt.shown) answer.wait(true);
    else single(reading);
    if (long && !reader.waiting) readRow(reading, !several);
  });

  reader.addEventListener("trouble", (event) => {
    why.clear();
    feedback.clear();
    answer.fail(
      /** @type {CustomEvent<import("../reading/reader.js").Trouble>} */ (event).detail,
    );
    answer.wait(reader.waiting);
    spelt.clear();
    bars.clear();
    seen.clear();
  });

  spelt.addEventListener("look", (event) => {
    const { digit, ...place } = /** @type {CustomEvent<Look>} */ (event).detail;
    bars.show(digit.probabilities, [digit.digit]);
    seen.show(digit.seen, place);
    if (digit.seen) why.show(digit.digit, digit.probabilities, digit.seen);
    else why.clear();
  });

  /** @param {Reading} reading of the drawing as one digit */
  function single(reading) {
    answer.show(reading);
    answer.wait(reader.waiting);
    spelt.clear();
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
      if (reading.seen) {
        const refused = reading.reason === "not_a_digit";
        why.show(reading.digit, reading.probabilities, reading.seen, refused);
      }
      if (!reading.local && reading.model) {
        feedback.show({ ...reading, model: reading.model }, pad.strokes);
      } else {
        feedback.clear();
      }
    }
  }

  /**
   * Reads what is drawn as a number of several digits.
   *
   * @param {Reading} reading of it as one digit, for where it is no number
   * @param {boolean} surely whether it is shown only where it is sure
   */
  async function readRow(reading, surely) {
    answer.wait(true);
    const [mine, strokes] = [drawn, pad.strokes];
    const number = await row.read({ strokes, picture: () => pad.picture(ROW_SIDE) });
    if (mine !== drawn) return;
    answer.wait(reader.waiting);
    if (number === null || (surely && !number.accepted)) {
      if (spelt.shown) single(reading);
      return;
    }
    answer.number(number);
    feedback.clear();
    spelt.show(number.digits, !number.accepted);
  }

  return { feedback, pad, engine };
}

/**
 * The digits to set off from the others.
 *
 * @param {Reading} reading
 * @returns {number[]}
 */
function leaders({ digit, accepted, reason, candidates }) {
  if (accepted && digit !== null) return [digit];
  return reason === "unsure" ? candidates.map((it) => it.digit) : [];
}
