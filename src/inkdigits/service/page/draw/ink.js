/**
 * Lines painted on a canvas, as a pen would. It knows lines and a context; not who drew them.
 *
 * @typedef {import("./drawing.js").Line} Line
 * @typedef {import("./drawing.js").Stroke} Stroke
 */

/** How wide a line is under no pressure and under the most, parts of the pen's width. */
const [LIGHT, FIRM] = [0.45, 1.6];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Line[]} lines
 * @param {number} side of the pad, in units of the context
 */
export function paint(context, lines, side) {
  context.lineCap = "round";
  context.lineJoin = "round";
  const scale = side / 1000;
  for (const { points, pen } of lines) {
    if (points.some(([, , pressure]) => pressure !== undefined)) {
      pressed(context, points, pen * scale, scale);
    } else {
      context.lineWidth = pen * scale;
      context.stroke(path(points, scale));
    }
  }
}

/**
 * A line whose width follows the pressure, piece by piece.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} points
 * @param {number} pen
 * @param {number} scale
 */
function pressed(context, points, pen, scale) {
  for (let k = 0; k < points.length; k += 1) {
    const around = points.slice(Math.max(0, k - 2), k + 1);
    const mean = around.reduce((sum, [, , force = 0.5]) => sum + force, 0) / around.length;
    context.lineWidth = pen * (LIGHT + (FIRM - LIGHT) * mean);
    const [before, at] = [points[Math.max(k - 1, 0)], points[k]];
    const [next, last] = [points[k + 1], k === points.length - 1];
    const line = new Path2D();
    const [x0, y0] = k > 0 ? middle(before, at) : at;
    line.moveTo(x0 * scale, y0 * scale);
    const [x1, y1] = last ? at : middle(at, next);
    line.quadraticCurveTo(at[0] * scale, at[1] * scale, x1 * scale, y1 * scale);
    context.stroke(line);
  }
}

/**
 * A smooth line: curves that meet halfway between neighbouring points.
 *
 * @param {Stroke} points
 * @param {number} scale
 * @returns {Path2D}
 */
function path(points, scale) {
  const line = new Path2D();
  line.moveTo(points[0][0] * scale, points[0][1] * scale);
  for (let k = 1; k < points.length - 1; k += 1) {
    const [x, y] = points[k];
    const [nextX, nextY] = middle(points[k], points[k + 1]);
    line.quadraticCurveTo(x * scale, y * scale, nextX * scale, nextY * scale);
  }
  const last = points[points.length - 1];
  line.lineTo(last[0] * scale, last[1] * scale);
  return line;
}

/**
 * @param {import("./drawing.js").Point} one
 * @param {import("./drawing.js").Point} other
 * @returns {[number, number]}
 */
function middle(one, other) {
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
}
