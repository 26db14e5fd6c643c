/** Step 1: the strokes as they were drawn, and where on the pad they stand. */

import { paint } from "../../draw/ink.js";
import { say } from "../../words.js";
import { look, picture } from "../views.js";

/** Pixels of the picture's side. */
const SIDE = 448;

/** @type {import("../tour.js").Show} */
export function drawn(stage, { lines }, tell) {
  const all = lines.flatMap(({ points }) => points);
  const many = lines.length;
  const strokes = many === 1 ? say("how.drawn.one") : say("how.drawn.many", { strokes: many });
  const caption = say("how.drawn.caption", { strokes, points: all.length });
  const { figure, canvas } = picture(caption, "large");
  stage.append(figure);
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("aria-label", say("how.drawn.alt"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const { ink, text } = look(stage);
  context.strokeStyle = ink;
  paint(context, lines, SIDE);
  context.fillStyle = text;
  for (const [x, y] of all) context.fillRect((x * SIDE) / 1000 - 1, (y * SIDE) / 1000 - 1, 2, 2);
  const span = (/** @type {0 | 1} */ axis) => {
    const values = all.map((point) => point[axis]);
    return Math.round((Math.max(...values) - Math.min(...values)) / 10);
  };
  tell(say("how.drawn.words", { wide: span(0), high: span(1) }));
}
