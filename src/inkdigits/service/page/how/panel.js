/**
 * The panel that follows a drawing through the network: pad to story, story to tour. It fetches
 * what it needs when it is first shown.
 *
 * @typedef {import("../draw/drawing.js").Line} Line
 * @typedef {import("../engine/client.js").Engine} Engine
 * @typedef {import("./story.js").Story} Story
 */

import { byId } from "../elements.js";
import { story } from "./story.js";
import { Tour } from "./tour.js";

/** Milliseconds without a change of the drawing before it is followed. */
const SETTLED = 250;

/**
 * @param {import("../draw/pad.js").Pad} pad
 * @param {() => Engine} engine
 * @returns {{show: () => void}} to be called whenever the panel is shown
 */
export function panel(pad, engine) {
  const tour = new Tour({
    root: byId("how"),
    source: byId("how-source"),
    list: byId("how-list"),
    step: byId("how-step"),
    title: byId("how-title"),
    idea: byId("how-idea"),
    stage: byId("how-stage"),
    words: byId("how-words"),
    back: byId("how-back"),
    place: byId("how-place"),
    next: byId("how-next"),
    status: byId("how-status"),
  });
  /** @type {readonly Line[] | null} */
  let told = null;
  let timer = 0;

  async function follow() {
    const lines = pad.lines;
    if (byId("how").hidden || lines === told) return;
    told = lines;
    tour.wait();
    try {
      const found = await story(lines, engine());
      if (told === lines) tour.tell(found);
    } catch (error) {
      if (told === lines) tour.fail(error instanceof Error ? error.message : String(error));
      told = null; // the next look tries again
    }
  }

  pad.addEventListener("change", () => {
    clearTimeout(timer);
    told = null; // a line that is being drawn grows in place
    timer = setTimeout(follow, SETTLED);
  });
  return {
    show() {
      tour.mark();
      follow();
    },
  };
}
