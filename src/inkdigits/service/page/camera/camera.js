/**
 * The camera: frames to the server, boxes and numbers over the video. One frame is under way at a
 * time, and the next is the newest, so that a slow line drops frames instead of lagging behind. It
 * knows the page's camera panel and `/api/v1/read`; nothing of the drawing pad.
 *
 * @typedef {import("../numbers/marks.js").Found} Found
 *
 * @typedef {object} Parts
 * @property {HTMLButtonElement} toggle  starts and stops
 * @property {HTMLButtonElement} capture
 * @property {HTMLElement} scene  holds video and marks; hidden while the camera is off
 * @property {HTMLVideoElement} video
 * @property {HTMLCanvasElement} marks  lies over the video
 * @property {HTMLElement} note  what is wrong, or what to do
 * @property {HTMLElement} numbers  an empty `ul`
 * @property {HTMLElement} kept  an empty `ol`
 * @property {HTMLElement} status  the live region
 */

import { mark } from "../numbers/marks.js";
import { label, spoken, sureness } from "../numbers/naming.js";
import { readPage, Refused } from "../numbers/pagereader.js";
import { say } from "../words.js";

/** Longer side of a frame as it is sent, pixels, and its JPEG quality. */
const [SIDE, QUALITY] = [1280, 0.85];

/** Milliseconds until a silent server counts as unreachable, and from one try to the next. */
const [PATIENCE, RETRY] = [10_000, 2_000];

/** Milliseconds for which the status says what was captured, whatever is in sight. */
const HELD = 4_000;

/** Captures that are kept; the oldest goes first. */
const KEPT = 12;

/**
 * What to say of each way in which a camera cannot be had.
 *
 * @type {Record<string, import("../words.js").Key>}
 */
const REFUSALS = {
  NotAllowedError: "camera.denied",
  NotFoundError: "camera.absent",
  NotReadableError: "camera.busy",
};

/** The panel: a video, what is read on it, and what was kept of it. */
export class Camera {
  /** @type {Parts} */ #parts;
  /** @type {URL} */ #url;
  /** @type {MediaStream | null} */ #stream = null;
  /** @type {AbortController | null} Ends what belongs to the present start; none while off. */
  #session = null;
  #wanted = false;
  #before = "";
  #said = "";
  #held = 0;

  /**
   * @param {Parts} parts
   * @param {string | URL} url of the service that reads pictures
   */
  constructor(parts, url) {
    this.#parts = parts;
    this.#url = new URL(url, document.baseURI);
    this.#url.searchParams.set("turn", "false"); // a camera is held upright
    parts.toggle.addEventListener("click", () => (this.#session ? this.stop() : this.start()));
    parts.capture.addEventListener("click", () => (this.#wanted = true));
    window.addEventListener("pagehide", () => this.stop());
    parts.toggle.disabled = false;
    this.#off(say("camera.invite"));
  }

  /** Asks for the camera, and reads what it sees until `stop`. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) return this.#off(say("camera.unsafe"));
    const { signal } = (this.#session = new AbortController());
    this.#parts.toggle.textContent = say("camera.stop");
    this.#say(say("camera.waiting"));
    try {
      const wish = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish });
      if (signal.aborted) return release(stream);
      this.#stream = stream;
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", () => this.stop(say("camera.gone")));
      this.#parts.video.srcObject = stream;
      await this.#parts.video.play();
    } catch (error) {
      if (signal.aborted) return;
      const name = error instanceof DOMException ? error.name : "";
      return this.stop(say(REFUSALS[name] ?? "camera.broken"));
    }
    this.#parts.scene.hidden = false;
    this.#parts.capture.disabled = false;
    this.#say(say("camera.hint"));
    await this.#watch(signal);
  }

  /**
   * Lets go of the camera. What was captured stays.
   *
   * @param {string} [note] why
   */
  stop(note = say("camera.invite")) {
    this.#session?.abort();
    this.#session = null;
    if (this.#stream !== null) release(this.#stream);
    this.#stream = null;
    this.#parts.video.srcObject = null;
    this.#off(note);
  }

  /** @param {string} note */
  #off(note) {
    this.#wanted = false;
    this.#before = this.#said = "";
    this.#parts.scene.hidden = true;
    this.#parts.toggle.textContent = say("camera.start");
    this.#parts.capture.disabled = true;
    this.#parts.numbers.replaceChildren();
    this.#say(note);
  }

  /** @param {AbortSignal} signal */
  async #watch(signal) {
    while (!signal.aborted) {
      try {
        if (document.hidden) await once(document, "visibilitychange", signal);
        const frame = still(this.#parts.video);
        const keep = this.#wanted;
        const { numbers: found } = await read(this.#url, frame, signal);
        if (signal.aborted) return;
        this.#say(say("camera.hint"));
        this.#show(found, frame);
        if (keep) this.#keep(found, frame);
        // one frame of the screen at least, so that the page stays alive before a fast server
        await new Promise((done) => requestAnimationFrame(done));
      } catch (error) {
        if (signal.aborted) return;
        this.#say(error instanceof Refused ? error.message : say("camera.unreachable"));
        this.#show([], null);
        await new Promise((done) => setTimeout(done, RETRY));
      }
    }
  }

  /**
   * @param {Found[]} found
   * @param {HTMLCanvasElement | null} frame that they were found on
   */
  #show(found, frame) {
    const { marks, video, numbers, status } = this.#parts;
    const scale = window.devicePixelRatio || 1;
    marks.width = Math.round(video.clientWidth * scale);
    marks.height = Math.round(video.clientHeight * scale);
    if (frame !== null) mark(marks, found, marks.width / frame.width, 15 * scale);
    numbers.replaceChildren(...found.map(row));
    const texts = found.map(({ text }) => text).join(", ");
    // said once two frames in a row agree: what flickers, as doubts do, is not worth hearing
    if (texts === this.#before && texts !== this.#said && performance.now() > this.#held) {
      this.#said = texts;
      status.textContent = found.map(spoken).join(", ");
    }
    this.#before = texts;
  }

  /**
   * @param {Found[]} found
   * @param {HTMLCanvasElement} frame
   */
  #keep(found, frame) {
    this.#wanted = false;
    const { kept, marks, status } = this.#parts;
    const item = document.createElement("li");
    const list = document.createElement(found.length > 0 ? "ul" : "p");
    if (found.length > 0) list.setAttribute("role", "list");
    list.replaceChildren(...(found.length > 0 ? found.map(row) : [say("camera.none")]));
    const colours = getComputedStyle(marks);
    mark(frame, found, 1, Math.max(15, frame.width / 22), colours);
    frame.setAttribute("role", "img");
    frame.setAttribute("aria-label", say("camera.picture"));
    item.append(frame, list);
    kept.prepend(item);
    while (kept.children.length > KEPT) kept.lastElementChild?.remove();
    this.#held = performance.now() + HELD;
    const names = found.map(spoken).join(", ");
    status.textContent = say(names ? "camera.captured" : "camera.captured.none", { names });
  }

  /** @param {string} note */
  #say(note) {
    if (this.#parts.note.textContent !== note) this.#parts.note.textContent = note;
  }
}

/** @param {MediaStream} stream */
function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * @param {URL} url
 * @param {HTMLCanvasElement} frame
 * @param {AbortSignal} signal
 * @returns {ReturnType<typeof readPage>}
 */
async function read(url, frame, signal) {
  /** @type {Blob | null} */
  const picture = await new Promise((done) => frame.toBlob(done, "image/jpeg", QUALITY));
  if (picture === null) throw new Error("an empty frame");
  return readPage(url, picture, signal, PATIENCE);
}

/**
 * The newest picture of a video, no larger than it need be.
 *
 * @param {HTMLVideoElement} video
 * @returns {HTMLCanvasElement}
 */
function still(video) {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * @param {Found} number
 * @returns {HTMLElement}
 */
function row(number) {
  const [item, name, share] = ["li", "strong", "span"].map((tag) => document.createElement(tag));
  name.textContent = label(number);
  share.textContent = sureness(number);
  item.append(name, " ", share);
  return item;
}

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {AbortSignal} signal that ends the wait as well
 * @returns {Promise<unknown>}
 */
function once(target, type, signal) {
  return new Promise((done) => {
    target.addEventListener(type, done, { once: true, signal });
    signal.addEventListener("abort", done, { once: true });
  });
}
