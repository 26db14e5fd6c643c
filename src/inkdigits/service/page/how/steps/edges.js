/** Step 3: patterns of the first layer, where they look and what they answer. */

import { cells, emptied } from "../../canvas.js";
import { signed } from "../../signed.js";
import { say } from "../../words.js";
import { looked, strongest } from "../story.js";
import { answers, digit, look, made, picture } from "../views.js";

/** Patterns that are shown. */
const SHOWN = 6;

/** @type {import("../tour.js").Show} */
export function edges(stage, { image, inside: { kernels }, stages: [first] }, tell) {
  const colours = look(stage);
  const [, , side] = kernels.shape;
  const size = kernels.weights.length / kernels.shape[0];
  const weights = (/** @type {number} */ channel) =>
    kernels.weights.subarray(channel * size, channel * size + side * side);
  const where = picture(say("how.edges.where"));
  const kernel = picture(say("how.edges.kernel"));
  const map = picture(say("how.edges.map"));
  const large = made("div", "how-row");
  large.append(where.figure, kernel.figure, map.figure);
  const picks = made("div", "how-picks");
  picks.setAttribute("role", "group");
  picks.setAttribute("aria-label", say("how.edges.picks"));
  stage.append(picks, large);
  const buttons = strongest(first, SHOWN).map((one) => {
    const pick = document.createElement("button");
    pick.type = "button";
    const [pattern, answer] = [document.createElement("canvas"), document.createElement("canvas")];
    pick.append(pattern, answer);
    const values = { channel: one.channel + 1, peak: signed(one.peak) };
    pick.setAttribute("aria-label", say("how.edges.pick", values));
    picks.append(pick);
    weighed(pattern, weights(one.channel), side, colours);
    answers(answer, one.values, first.rows, colours);
    const choose = () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === pick));
      const [channel, patch] = [one.channel + 1, looked(first, one.at)];
      digit(where.canvas, image, colours, patch);
      weighed(kernel.canvas, weights(one.channel), side, colours);
      answers(map.canvas, one.values, first.rows, colours, one.at);
      where.canvas.ariaLabel = say("how.edges.where.alt", { channel, size: patch.width });
      kernel.canvas.ariaLabel = say("how.edges.kernel.alt", { channel, side });
      map.canvas.ariaLabel = say("how.edges.map.alt", { channel });
      tell(say("how.edges.words", { channel, peak: signed(one.peak) }));
    };
    for (const way of ["click", "focus", "pointerenter"]) pick.addEventListener(way, choose);
    return pick;
  });
  buttons[0].dispatchEvent(new Event("focus"));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} weights
 * @param {number} side
 * @param {import("../views.js").Look} colours
 */
function weighed(canvas, weights, side, colours) {
  cells(emptied(canvas, side, side, 28), weights, side, colours);
}
