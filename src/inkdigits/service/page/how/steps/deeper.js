/** Step 4: what each deeper layer answers, and how much of the digit one of its places sees. */

import { radios } from "../../buttons.js";
import { say } from "../../words.js";
import { looked, strongest } from "../story.js";
import { answers, digit, look, made, picture } from "../views.js";

/** Maps that are shown. */
const SHOWN = 6;

/** Up to how many pixels a place sees edges, bends and parts; beyond, the whole. */
const REACH = { small: 8, middle: 16, large: 27 };

/** @type {import("../tour.js").Show} */
export function deeper(stage, { image, stages }, tell) {
  const colours = look(stage);
  const chips = made("fieldset", "chips");
  const [legend, row, shown] = [made("legend"), made("div", "chips-row"), made("div", "how-row")];
  legend.textContent = say("how.deeper.layers");
  chips.append(legend, row);
  stage.append(chips, shown);
  const choose = (/** @type {number} */ k) => {
    const layer = stages[k];
    const best = strongest(layer, SHOWN);
    const patch = looked(layer, best[0].at);
    const where = picture(say("how.deeper.where"));
    const maps = made("figure", "how-figure how-maps");
    const names = { channels: layer.channels };
    const [grid, caption] = [made("div", "how-grid"), made("figcaption")];
    caption.textContent = say("how.deeper.maps", names);
    grid.setAttribute("role", "img");
    grid.setAttribute("aria-label", say("how.deeper.maps.alt", { layer: k + 1 }));
    const canvases = best.map(() => document.createElement("canvas"));
    grid.append(...canvases);
    maps.append(grid, caption);
    shown.replaceChildren(where.figure, maps);
    digit(where.canvas, image, colours, patch);
    where.canvas.dataset.field = String(patch.width);
    where.canvas.ariaLabel = say("how.deeper.where.alt", { size: patch.width, layer: k + 1 });
    canvases.forEach((canvas, n) => {
      answers(canvas, best[n].values, layer.rows, colours, n === 0 ? best[0].at : null);
    });
    const sees = say(`how.deeper.${reach(patch.width)}`);
    tell(say("how.deeper.words", { layer: k + 1, size: patch.width, rows: layer.rows, sees }));
  };
  const options = stages.map((_, k) => ({ value: String(k), words: String(k + 1) }));
  row.append(...radios("how-layer", options, "1", (value) => choose(Number(value))));
  choose(1);
}

/**
 * @param {number} size pixels
 * @returns {"small" | "middle" | "large" | "whole"}
 */
function reach(size) {
  if (size <= REACH.small) return "small";
  if (size <= REACH.middle) return "middle";
  return size <= REACH.large ? "large" : "whole";
}
