/**
 * Every word of the page, in one place. A translation is one more object with the same keys, and
 * its language in `LANGUAGES`. It knows nothing of what the words are for.
 */

/** @typedef {typeof ENGLISH} Words */

const ENGLISH = {
  "tagline": "Draw a digit. It is read as you write.",
  "ways": "Ways to show a digit",
  "ways.draw": "Draw",
  "ways.picture": "Picture",
  "ways.camera": "Camera",

  "pad": "Drawing",
  "pad.label":
    "Drawing pad: draw with a mouse, a finger or a pen; with the keyboard, arrows move the pen and Space puts it down or lifts it",
  "pad.hint": "Draw a digit, 0 to 9",
  "pad.pen": "Pen {state} at {where}",
  "pad.down": "down",
  "pad.up": "up",
  "tools": "Drawing tools",
  "tools.undo": "Undo",
  "tools.redo": "Redo",
  "tools.erase": "Eraser",
  "tools.clear": "Clear",
  "tools.pen": "Pen",
  "tools.fine": "Fine",
  "tools.medium": "Medium",
  "tools.broad": "Broad",

  "reading": "Reading",
  "seen": "What the model sees",
  "seen.nothing": "What the model sees: nothing yet",
  "seen.drawing": "What the model sees: your drawing as 28 by 28 pixels",
  "candidates": "Candidates",
  "bars": "Probability of each digit",
  "bars.digit": "Digit {digit}",

  "answer.empty": "Draw a digit",
  "answer.empty.note": "Use a mouse, a finger or a pen.",
  "answer.empty.spoken": "The pad is empty.",
  "answer.sure": "sure that this is a {digit}",
  "answer.spoken": "{digit}, {sure} sure",
  "answer.unsure": "Not sure: {first} or {last}?",
  "answer.not_a_digit": "That does not look like a digit.",
  "answer.not_a_digit.note": "Try one digit, large and on its own.",
  "answer.several_digits": "I see several digits.",
  "answer.several_digits.note": "Write them side by side, with a little room between them.",
  "answer.number": "sure that this is {text}",
  "answer.number.unsure": "Not sure: perhaps {text}",
  "answer.local": "{note}, read in this browser: the server cannot be reached",

  "why": "Why?",
  "why.title": "Why a {digit}?",
  "why.nothing": "Where the ink speaks for the answer",
  "why.map": "Where the ink speaks for a {digit}, drawn over what the model sees",
  "why.note": "Blue: without this ink it would be less of a {digit}. Red: without it, more.",
  "why.rival": "Next comes a {digit} with {before}; without the ink at the {where} it would have {after}.",
  "why.wins": "Without the ink at the {where} it would be a {digit}: {after}, not {before}.",
  "why.top.left": "top left",
  "why.top.middle": "top",
  "why.top.right": "top right",
  "why.middle.left": "left",
  "why.middle.middle": "middle",
  "why.middle.right": "right",
  "why.bottom.left": "bottom left",
  "why.bottom.middle": "bottom",
  "why.bottom.right": "bottom right",
  "why.steps": "How it gets there: your drawing in each layer",
  "why.layer": "Layer {place}: where 16 of its {channels} features are found in your drawing",
  "why.strokes": "First, {channels} small patterns are looked for everywhere: edges, ends, directions of the pen.",
  "why.turns": "Patterns of patterns: bends, corners, crossings.",
  "why.parts": "Parts of digits: a bar, a bow, half a loop.",
  "why.whole": "At last {channels} features that nearly see the whole digit. Their means are weighed into ten scores.",

  "made": "Read by {model}. {share} of {size} digits as the wild has them are read right.",
  "card": "Model card",
  "promise": "Nothing you draw or show is stored, or sent to any other server.",
  "promise.alone": "Nothing you draw leaves this page.",
  "api": "API",
  "trouble.unreachable": "The server cannot be reached.",
  "trouble.unreachable.note": "Your drawing is kept and will be read when the server is back.",
  "trouble.busy": "The server has trouble answering.",
  "trouble.busy.note": "Your drawing is kept and will be tried again.",
  "trouble.refused": "The server would not read this drawing.",
  "trouble.refused.note": "Clear the pad and try again.",
};

/** @type {Record<string, Words>} */
const LANGUAGES = { en: ENGLISH };

/** The language of the page: the first of the reader's that there is. */
export const LANGUAGE =
  navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => tag in LANGUAGES) ?? "en";

/**
 * A text of the page.
 *
 * @param {keyof Words} key
 * @param {Record<string, string | number>} [values] for what stands in braces
 * @returns {string}
 */
export function say(key, values = {}) {
  return LANGUAGES[LANGUAGE][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * Puts the texts of the page's language into elements that name one: `data-words` for what an
 * element says, `data-label` for its accessible name.
 *
 * @param {Document} page
 */
export function translate(page) {
  page.documentElement.lang = LANGUAGE;
  for (const element of page.querySelectorAll("[data-words]")) {
    const key = /** @type {keyof Words} */ (/** @type {HTMLElement} */ (element).dataset.words);
    if (element.textContent?.trim() !== say(key)) element.textContent = say(key);
  }
  for (const element of page.querySelectorAll("[data-label]")) {
    const key = /** @type {keyof Words} */ (/** @type {HTMLElement} */ (element).dataset.label);
    element.setAttribute("aria-label", say(key));
  }
}
