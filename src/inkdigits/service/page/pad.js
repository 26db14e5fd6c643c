/**
 * The drawing pad: pointer events in, strokes out. It knows nothing of digits or the server.
 *
 * @typedef {[number, number]} Point  x to the right and y down, in CSS pixels of the pad
 * @typedef {Point[]} Stroke  one movement of the pen; a tap is a stroke of one point
 */

/** The pen's width as a share of the pad's side. */
const PEN = 0.056;

/** Movements shorter than this many CSS pixels add nothing but points. */
const STEP = 1;

/** A canvas to draw on; emits `change` whenever its strokes have changed. */
export class Pad extends EventTarget {
  /** @type {HTMLCanvasElement} */ #canvas;
  /** @type {CanvasRenderingContext2D} */ #context;
  /** @type {Stroke[]} */ #strokes = [];
  /** @type {number | null} The pointer that is drawing; others are ignored meanwhile. */
  #pointer = null;
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
    new ResizeObserver(() => this.#fit()).observe(canvas);
    window.addEventListener("resize", () => this.#fit());
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#redraw());
  }

  /** @returns {Stroke[]} what is drawn, oldest stroke first; a copy */
  get strokes() {
    return structuredClone(this.#strokes);
  }

  /** @returns {boolean} whether nothing is drawn */
  get empty() {
    return this.#strokes.length === 0;
  }

  /** Takes back the last stroke, also one that is still being drawn. */
  undo() {
    if (this.empty) return;
    this.#pointer = null;
    this.#strokes.pop();
    this.#changed();
  }

  /** Takes back everything. */
  clear() {
    if (this.empty) return;
    this.#pointer = null;
    this.#strokes = [];
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([this.#point(event)]);
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const stroke = this.#strokes[this.#strokes.length - 1];
    const before = stroke.length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const step of events.length > 0 ? events : [event]) {
      const point = this.#point(step);
      const last = stroke[stroke.length - 1];
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= STEP) stroke.push(point);
    }
    if (stroke.length > before) this.#changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId === this.#pointer) this.#pointer = null;
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point} where the pen is, to a tenth of a pixel
   */
  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
    return [tenth(event.clientX - box.left), tenth(event.clientY - box.top)];
  }

  #changed() {
    this.#redraw();
    this.dispatchEvent(new Event("change"));
  }

  /** Matches the canvas to its size on screen and takes the drawing along. */
  #fit() {
    const side = this.#canvas.clientWidth;
    if (side === 0) return;
    if (this.#side > 0 && side !== this.#side) {
      const scale = side / this.#side;
      for (const point of this.#strokes.flat()) {
        point[0] *= scale;
        point[1] *= scale;
      }
    }
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
    context.lineWidth = this.#side * PEN;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const stroke of this.#strokes) {
      context.stroke(path(stroke));
    }
  }
}

/**
 * A smooth line: curves that meet halfway between neighbouring points.
 *
 * @param {Stroke} stroke
 * @returns {Path2D}
 */
function path(stroke) {
  const line = new Path2D();
  line.moveTo(...stroke[0]);
  for (let i = 1; i < stroke.length - 1; i += 1) {
    const [x, y] = stroke[i];
    const [nextX, nextY] = stroke[i + 1];
    line.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  line.lineTo(...stroke[stroke.length - 1]);
  return line;
}
