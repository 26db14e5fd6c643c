/**
 * The ways in which a person shows pictures: picked, taken, pasted, dropped. Files come out. It
 * knows nothing of what becomes of them.
 *
 * @typedef {object} Ways
 * @property {HTMLButtonElement} choose  opens the file picker
 * @property {HTMLInputElement} files  the file picker; out of sight
 * @property {HTMLButtonElement} take  opens the phone's camera
 * @property {HTMLInputElement} photo  the same, with `capture`; out of sight
 * @property {HTMLElement} veil  lies over the page while a file is dragged over it
 */

/** What takes pasted text for itself. */
const TEXT = "input, textarea, [contenteditable]";

/** Emits `files` with a `File[]`, never empty, as the event's detail. */
export class Intake extends EventTarget {
  /** @type {HTMLElement} */ #veil;

  /** @param {Ways} ways */
  constructor({ choose, files, take, photo, veil }) {
    super();
    this.#veil = veil;
    for (const [button, input] of /** @type {const} */ ([[choose, files], [take, photo]])) {
      button.addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        this.#emit([...(input.files ?? [])]);
        input.value = ""; // so that the same file can be picked again
      });
    }
    document.addEventListener("paste", (event) => this.#paste(event));
    for (const type of ["dragenter", "dragover"]) {
      window.addEventListener(type, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
    window.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.#veiled(false);
    });
    window.addEventListener("drop", (event) => this.#drop(event));
    window.addEventListener("blur", () => this.#veiled(false));
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const { target, clipboardData } = event;
    if (target instanceof Element && target.closest(TEXT) !== null) return;
    const all = [...(clipboardData?.files ?? [])];
    if (all.length === 0) return; // a text: none of our business
    event.preventDefault();
    this.#emit(all);
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!brings(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    this.#veiled(true);
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.#veiled(false);
    if (!brings(event)) return;
    event.preventDefault(); // else the browser leaves the page to show the file
    this.#emit([...(event.dataTransfer?.files ?? [])]);
  }

  /** @param {boolean} on */
  #veiled(on) {
    this.#veil.hidden = !on;
  }

  /** @param {File[]} files */
  #emit(files) {
    if (files.length === 0) return;
    this.dispatchEvent(new CustomEvent("files", { detail: files }));
  }
}

/**
 * @param {DragEvent} event
 * @returns {boolean} whether files are dragged, not text
 */
function brings(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
