/** Buttons and groups of them. They know nothing of what they do. */

/**
 * @param {string} words
 * @param {() => void} pressed
 * @returns {HTMLButtonElement}
 */
export function button(words, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", pressed);
  return made;
}

/**
 * @param {string} name what a screen reader calls it
 * @param {HTMLElement[]} content
 * @returns {HTMLElement}
 */
export function group(name, content) {
  const made = document.createElement("div");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  made.append(...content);
  return made;
}
