/** Step 1: the strokes as they were drawn, and where on the pad they stand. */

import { paint } from "../../draw/ink.js";
import { say } from "../../words.js";
import { look, made, picture } from "../views.js";

/** Pixels of the picture's side. */
const SIDE = 448;

/** Points that are told as numbers. */
const TOLD = 8;

/** @type {import("../tour.js").Show} */
export function drawn(stage, { lines }, tell) {
  const all = lines.flatMap(({ points }) => points);
  const many = lines.length;
  const strokes = many === 1 ? say("how.drawn.one") : say("how.drawn.many", { strokes: many });
  const caption = say("how.drawn.caption", { strokes, points: all.length });
  const { figure, canvas } = picture(caption, "large");
  const list = made("div", "how-part");
  const rows = all
    .slice(0, TOLD)
    .map(([x, y]) => made("li", "", `${Math.round(x)}, ${Math.round(y)}`));
  const points = made("ol", "how-points");
  points.append(...rows);
  const left = all.length - rows.length;
  list.append(made("h4", "", say("how.drawn.points")), points);
  if (left > 0) list.append(made("p", "note", say("how.drawn.left", { left })));
  stage.append(figure, list);
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("aria-label", say("how.drawn.alt"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const { ink, paper } = look(stage);
  context.strokeStyle = ink;
  paint(context, lines, SIDE);
  context.fillStyle = paper;
  for (const [x, y] of all) context.fillRect((x * SIDE) / 1000 - 2, (y * SIDE) / 1000 - 2, 4, 4);
  const span = (/** @type {0 | 1} */ axis) => {
    const values = all.map((point) => point[axis]);
    return Math.round((Math.max(...values) - Math.min(...values)) / 10);
  };
  tell(say("how.drawn.words", { wide: span(0), high: span(1) }));
}
