/** Buttons that stand for numbers, each with its place. They know places and nothing of numbers. */

/**
 * Has `target` emit `open` with the place when a button is pressed, and `point` when it is pointed
 * at or focused; `null` once it is no longer.
 *
 * @param {EventTarget} target
 * @param {HTMLElement} button
 * @param {number} place
 */
export function announce(target, button, place) {
  const emit = (/** @type {string} */ type, /** @type {number | null} */ detail) =>
    target.dispatchEvent(new CustomEvent(type, { detail }));
  button.addEventListener("click", () => emit("open", place));
  for (const type of ["pointerenter", "focus"]) {
    button.addEventListener(type, () => emit("point", place));
  }
  for (const type of ["pointerleave", "blur"]) {
    button.addEventListener(type, () => emit("point", null));
  }
}

/**
 * Lets the arrow keys go from one button to the next, and Home and End to the first and the last.
 *
 * @param {HTMLElement} container
 */
export function arrows(container) {
  container.addEventListener("keydown", (event) => {
    const buttons = [...container.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === event.target);
    const last = buttons.length - 1;
    /** @type {Record<string, number>} */
    const ways = {
      ArrowRight: Math.min(at + 1, last),
      ArrowDown: Math.min(at + 1, last),
      ArrowLeft: Math.max(at - 1, 0),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: last,
    };
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (at < 0 || modified || !(event.key in ways)) return;
    event.preventDefault();
    buttons[ways[event.key]].focus();
  });
}

/**
 * Sets one off from the others.
 *
 * @param {HTMLElement} container
 * @param {number | null} place among its children; `null` for none
 */
export function light(container, place) {
  [...container.children].forEach((child, at) => child.classList.toggle("lit", at === place));
}
