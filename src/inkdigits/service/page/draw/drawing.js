/**
 * What is drawn, and what was: strokes that can be added, erased, taken back and brought back. It
 * knows points; nothing of pixels, pointers or digits.
 *
 * @typedef {[number, number] | [number, number, number]} Point  x to the right and y down, in
 *   thousandths of the pad's side, and the pen's pressure, 0 to 1, where it has one
 * @typedef {Point[]} Stroke  one movement of the pen; a tap is a stroke of one point
 *
 * @typedef {object} Line  a stroke as it was drawn
 * @property {Stroke} points
 * @property {number} pen  its width, thousandths of the pad's side
 */

/** Steps that can be taken back. */
const STEPS = 200;

/** Strokes with a history. A line of the present is never changed, but the one being drawn. */
export class Drawing {
  /** @type {Line[]} */ #lines = [];
  /** @type {Line[][]} */ #past = [];
  /** @type {Line[][]} */ #future = [];

  /** @returns {readonly Line[]} oldest first */
  get lines() {
    return this.#lines;
  }

  /** @returns {boolean} whether there is no ink */
  get empty() {
    return this.#lines.length === 0;
  }

  /** @returns {boolean} whether a step can be taken back */
  get undoable() {
    return this.#past.length > 0;
  }

  /** @returns {boolean} whether a step that was taken back can be done again */
  get redoable() {
    return this.#future.length > 0;
  }

  /**
   * A new line, with which a step begins.
   *
   * @param {Point} point
   * @param {number} pen
   */
  begin(point, pen) {
    this.#step([...this.#lines, { points: [point], pen }]);
  }

  /** @param {Point} point of the line that was begun last */
  extend(point) {
    this.#lines.at(-1)?.points.push(point);
  }

  /**
   * Takes away all ink near a point.
   *
   * @param {Point} point
   * @param {number} reach of the eraser, thousandths
   * @param {boolean} first whether a step begins with it; later ones belong to the same
   * @returns {boolean} whether there was any
   */
  erase([x, y], reach, first) {
    const left = this.#lines.flatMap((line) => parts(line, x, y, reach + line.pen / 2));
    if (left.length === this.#lines.length && left.every((line, k) => line === this.#lines[k])) {
      return false;
    }
    if (first) this.#step(left);
    else this.#lines = left;
    return true;
  }

  /** Takes everything away; one step, like any other. */
  clear() {
    if (!this.empty) this.#step([]);
  }

  /** Takes the last step back. */
  undo() {
    const before = this.#past.pop();
    if (before === undefined) return;
    this.#future.push(this.#lines);
    this.#lines = before;
  }

  /** Does again what was taken back last. */
  redo() {
    const after = this.#future.pop();
    if (after === undefined) return;
    this.#past.push(this.#lines);
    this.#lines = after;
  }

  /** @param {Line[]} lines */
  #step(lines) {
    this.#past.push(this.#lines);
    if (this.#past.length > STEPS) this.#past.shift();
    this.#future = [];
    this.#lines = lines;
  }
}

/**
 * What is left of a line when its points near a place are gone.
 *
 * @param {Line} line
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {Line[]} the line itself where all of it is left
 */
function parts(line, x, y, reach) {
  const { points, pen } = line;
  if (points.every((_, k) => distance(points, k, x, y) > reach)) return [line];
  /** @type {Line[]} */
  const left = [];
  /** @type {Stroke} */
  let part = [];
  const end = () => {
    if (part.length > 0) left.push({ points: part, pen });
    part = [];
  };
  points.forEach((point, k) => {
    if (Math.hypot(point[0] - x, point[1] - y) <= reach) return end();
    // a long piece between two points may pass the place although neither is near
    if (k > 0 && distance(points, k, x, y) <= reach) end();
    part.push(point);
  });
  end();
  return left;
}

/**
 * From a place to the piece of line that ends in a point, or to the first point.
 *
 * @param {Stroke} points
 * @param {number} k
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
function distance(points, k, x, y) {
  const [x1, y1] = points[k];
  const [x0, y0] = points[Math.max(k - 1, 0)];
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  const share = square > 0 ? ((x - x0) * dx + (y - y0) * dy) / square : 0;
  const at = Math.min(Math.max(share, 0), 1);
  return Math.hypot(x0 + at * dx - x, y0 + at * dy - y);
}
