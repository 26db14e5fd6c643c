/**
 * The drawing pad: pointers and keys in, a drawing out. It knows nothing of digits or the server.
 *
 * @typedef {import("./drawing.js").Point} Point
 * @typedef {import("./drawing.js").Stroke} Stroke
 */

import { Drawing } from "./drawing.js";
import { paint } from "./ink.js";

/** Pens by name: their widths, thousandths of the pad's side. */
export const PENS = { fine: 28, medium: 56, broad: 92 };

/** The eraser's reach, thousandths. */
const ERASER = 22;

/** Movements shorter than this many CSS pixels add nothing but points. */
const STEP = 1;

/** The bit of `buttons` for a pen that is held upside down. */
const TAIL = 32;

/** How far an arrow key moves the pen, thousandths; with Shift, a fifth of it. */
const STRIDE = 50;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A canvas to draw on; emits `change` whenever its strokes have changed. */
export class Pad extends EventTarget {
  /** The width of the pen, thousandths of the side. */
  pen = PENS.medium;
  /** Whether a pointer erases instead of drawing. */
  erasing = false;

  /** @type {HTMLCanvasElement} */ #canvas;
  /** @type {CanvasRenderingContext2D} */ #context;
  #drawing = new Drawing();
  /** @type {number | null} The pointer that is drawing; others are ignored meanwhile. */
  #pointer = null;
  /** @type {"draw" | "erase" | null} What that pointer does; `null`: its line was taken back. */
  #doing = null;
  #erased = false;
  /** @type {{x: number, y: number, down: boolean} | null} The pen of the keyboard. */
  #cursor = null;
  #side = 0;
  #frame = 0;

  /** @param {HTMLCanvasElement} canvas a square element with a CSS `color` for the ink */
  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#up(/** @type {PointerEvent} */ (event)));
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#lift());
    new ResizeObserver(() => this.#fit()).observe(canvas);
    window.addEventListener("resize", () => this.#fit());
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#redraw());
  }

  /** @returns {Stroke[]} what is drawn, oldest stroke first; a copy */
  get strokes() {
    return this.#drawing.lines.map(({ points }) => structuredClone(points));
  }

  /** @returns {readonly import("./drawing.js").Line[]} what is drawn, with its pens; not to change */
  get lines() {
    return this.#drawing.lines;
  }

  /** @returns {boolean} whether nothing is drawn */
  get empty() {
    return this.#drawing.empty;
  }

  /** @returns {boolean} */
  get undoable() {
    return this.#drawing.undoable;
  }

  /** @returns {boolean} */
  get redoable() {
    return this.#drawing.redoable;
  }

  /** Takes back the last step, also a stroke that is still being drawn. */
  undo() {
    this.#letGo();
    this.#change(() => this.#drawing.undo());
  }

  /** Does again what was taken back. */
  redo() {
    this.#letGo();
    this.#change(() => this.#drawing.redo());
  }

  /** Takes everything away; `undo` brings it back. */
  clear() {
    this.#letGo();
    this.#change(() => this.#drawing.clear());
  }

  /**
   * The drawing as a picture, dark on white, whatever the page's colours. The pen is a fine one,
   * whatever it was: a broad one makes blots of digits that are small.
   *
   * @param {number} side pixels
   * @returns {HTMLCanvasElement}
   */
  picture(side) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "#fff";
    context.fillRect(0, 0, side, side);
    context.strokeStyle = "#000";
    const lines = this.#drawing.lines.map(({ points }) => ({ points, pen: PENS.fine }));
    paint(context, lines, side);
    return canvas;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const tail = (event.buttons & TAIL) > 0;
    if (this.#pointer !== null || (event.button !== 0 && !tail)) return;
    event.preventDefault();
    this.#lift();
    this.#cursor = null;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#doing = this.erasing || tail ? "erase" : "draw";
    this.#erased = false;
    const point = this.#point(event);
    if (this.#doing === "erase") this.#erase(point);
    else this.#change(() => this.#drawing.begin(point, this.pen));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#pointer || this.#doing === null) return;
    const events = event.getCoalescedEvents?.() ?? [];
    let drawn = false;
    for (const step of events.length > 0 ? events : [event]) {
      const point = this.#point(step);
      if (this.#doing === "erase") {
        this.#erase(point);
        continue;
      }
      const last = /** @type {Point} */ (this.#drawing.lines.at(-1)?.points.at(-1));
      const far = (Math.hypot(point[0] - last[0], point[1] - last[1]) * this.#side) / 1000;
      if (far < STEP) continue;
      this.#drawing.extend(point);
      drawn = true;
    }
    if (drawn) this.#changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId === this.#pointer) this.#pointer = this.#doing = null;
  }

  /** @param {Point} point */
  #erase(point) {
    if (!this.#drawing.erase(point, ERASER, !this.#erased)) return;
    this.#erased = true;
    this.#changed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow === undefined && event.key !== " ") return;
    event.preventDefault();
    const cursor = (this.#cursor ??= { x: 500, y: 500, down: false });
    if (arrow === undefined) {
      cursor.down = !cursor.down;
      if (cursor.down) this.#change(() => this.#drawing.begin([cursor.x, cursor.y], this.pen));
    } else {
      const stride = event.shiftKey ? STRIDE / 5 : STRIDE;
      cursor.x = Math.min(Math.max(cursor.x + arrow[0] * stride, 0), 1000);
      cursor.y = Math.min(Math.max(cursor.y + arrow[1] * stride, 0), 1000);
      if (cursor.down) this.#change(() => this.#drawing.extend([cursor.x, cursor.y]));
    }
    const where = `${Math.round(cursor.x / 10)}, ${Math.round(cursor.y / 10)}`;
    this.dispatchEvent(new CustomEvent("pen", { detail: { where, down: cursor.down } }));
    this.#redraw();
  }

  /** Ends what is being drawn; a pointer that is still down does no more. */
  #letGo() {
    this.#doing = null;
    this.#lift();
  }

  /** Lifts the pen of the keyboard. */
  #lift() {
    if (this.#cursor === null) return;
    this.#cursor.down = false;
    this.#redraw();
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point} where the pen is, to a tenth of a thousandth
   */
  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
    const x = tenth(((event.clientX - box.left) * 1000) / box.width);
    const y = tenth(((event.clientY - box.top) * 1000) / box.width);
    // a mouse says that it has half the pressure, and a finger often none
    if (event.pointerType !== "pen" || event.pressure === 0) return [x, y];
    return [x, y, Math.round(event.pressure * 1000) / 1000];
  }

  /** @param {() => void} act */
  #change(act) {
    const before = this.#drawing.lines;
    const points = before.at(-1)?.points.length;
    act();
    const after = this.#drawing.lines;
    if (after !== before || after.at(-1)?.points.length !== points) this.#changed();
  }

  #changed() {
    this.#redraw();
    this.dispatchEvent(new Event("change"));
  }

  /** Matches the canvas to its size on screen. */
  #fit() {
    const side = this.#canvas.clientWidth;
    if (side === 0) return;
    this.#side = side;
    const pixels = Math.round(side * window.devicePixelRatio);
    if (this.#canvas.width !== pixels) {
      this.#canvas.width = pixels;
      this.#canvas.height = pixels;
      this.#paint();
    }
  }

  /** Paints with the next frame, once, however often it is asked. */
  #redraw() {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint() {
    const context = this.#context;
    const scale = this.#canvas.width / (this.#side || 1);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.#side, this.#side);
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    paint(context, this.#drawing.lines, this.#side);
    if (this.#cursor !== null && document.activeElement === this.#canvas) this.#showCursor();
  }

  /** A cross where the pen of the keyboard is, whole while it is down. */
  #showCursor() {
    const { x, y, down } = /** @type {{x: number, y: number, down: boolean}} */ (this.#cursor);
    const [left, top] = [(x * this.#side) / 1000, (y * this.#side) / 1000];
    const context = this.#context;
    context.lineWidth = 2;
    context.setLineDash(down ? [] : [3, 3]);
    const reach = this.#side / 30;
    context.beginPath();
    context.moveTo(left - reach, top);
    context.lineTo(left + reach, top);
    context.moveTo(left, top - reach);
    context.lineTo(left, top + reach);
    context.stroke();
    context.setLineDash([]);
  }
}
