/** Grids of numbers as colours on canvases. It knows numbers, colours and places, not meanings. */

/**
 * @param {HTMLCanvasElement} canvas emptied, and made so large
 * @param {number} columns
 * @param {number} rows
 * @param {number} cell pixels a number's side takes
 * @returns {CanvasRenderingContext2D} in which a number's place is 1 wide
 */
export function emptied(canvas, columns, rows, cell) {
  canvas.width = columns * cell;
  canvas.height = rows * cell;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(cell, cell);
  return context;
}

/**
 * @param {HTMLElement} element
 * @param {string} name of a custom property of its CSS
 * @returns {string}
 */
export function colour(element, name) {
  return getComputedStyle(element).getPropertyValue(name);
}

/**
 * Numbers above 0 in one colour and those below in another, the fuller the farther from 0.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} values row by row
 * @param {number} columns
 * @param {{above: string, below: string, most?: number, full?: number}} look `most` is as full as
 *   `full` (0 to 1); the farthest from 0 by default
 */
export function cells(context, values, columns, { above, below, most, full = 1 }) {
  const top = most ?? Math.max(...Array.from(values, Math.abs), 1e-9);
  for (let k = 0; k < values.length; k += 1) {
    context.globalAlpha = full * Math.min(1, Math.abs(values[k]) / top);
    context.fillStyle = values[k] > 0 ? above : below;
    context.fillRect(k % columns, Math.floor(k / columns), 1, 1);
  }
  context.globalAlpha = 1;
}

/**
 * The edge between what is above a level and what is not.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} values row by row
 * @param {number} columns
 * @param {number} level
 * @param {number} width of the line
 */
export function outline(context, values, columns, level, width) {
  const path = new Path2D();
  const is = (/** @type {number} */ k) => values[k] > level;
  for (let k = 0; k < values.length; k += 1) {
    const [x, y] = [k % columns, Math.floor(k / columns)];
    if (x > 0 && is(k) !== is(k - 1)) line(path, x, y, x, y + 1);
    if (y > 0 && is(k) !== is(k - columns)) line(path, x, y, x + 1, y);
  }
  context.lineWidth = width;
  context.stroke(path);
}

/**
 * A box that is seen on any ground: a broad line with a thin one of another colour inside.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, width: number, height: number}} box
 * @param {string} inner
 * @param {string} outer
 * @param {number} [thick] the inner line
 */
export function framed(context, { x, y, width, height }, inner, outer, thick = 0.4) {
  context.lineJoin = "round";
  for (const [style, wide] of /** @type {[string, number][]} */ ([
    [outer, 2.4 * thick],
    [inner, thick],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = wide;
    context.strokeRect(x, y, width, height);
  }
}

/**
 * @param {Path2D} path
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
function line(path, x0, y0, x1, y1) {
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
}
