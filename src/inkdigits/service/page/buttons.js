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

/**
 * Radio buttons that look like chips, each in its label.
 *
 * @param {string} name of the group
 * @param {{value: string, words: string}[]} options
 * @param {string} chosen the value that is on at first
 * @param {(value: string) => void} changed
 * @returns {HTMLElement[]}
 */
export function radios(name, options, chosen, changed) {
  return options.map(({ value, words }) => {
    const [label, text] = [document.createElement("label"), document.createElement("span")];
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name, value, checked: value === chosen });
    input.addEventListener("change", () => changed(value));
    text.textContent = words;
    label.append(input, text);
    return label;
  });
}
