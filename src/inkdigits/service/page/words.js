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
  "why.digits": "The digit to explain",
  "why.ask": "Why a {digit}?",
  "why.not": "Why not a {digit}?",
  "why.kinds": "Kind of map",
  "why.without": "Without it",
  "why.class": "Class map",
  "why.for": "for",
  "why.against": "against",
  "why.map.without":
    "Map over what the model sees: how far the odds of a {digit} fall without the ink there",
  "why.map.class": "Map over what the model sees: what each place adds to the score of a {digit}",
  "why.note.without":
    "Patch by patch, the ink is wiped away and the rest read again. Blue: without it, less of a {digit}; orange: more. It cannot say what several patches do together.",
  "why.note.class":
    "What each place of the last layer adds to the score of a {digit}, exactly. It cannot say which pixel did it: each place has looked at nearly the whole picture.",
  "why.sum": "All places {places}, and {rest} for any drawing: the score of a {digit} is {total}.",
  "why.change": "What would change its mind",
  "why.rival":
    "No single patch would. A {digit} has {before}; without the ink in the frame ({where}) it would have {after}.",
  "why.wins":
    "Without the ink in the frame ({where}) it would be a {digit}, with {after} instead of {before}.",
  "why.how": "See every step with your drawing",
  "why.top.left": "top left",
  "why.top.middle": "top",
  "why.top.right": "top right",
  "why.middle.left": "left",
  "why.middle.middle": "middle",
  "why.middle.right": "right",
  "why.bottom.left": "bottom left",
  "why.bottom.middle": "bottom",
  "why.bottom.right": "bottom right",

  "ways.how": "How it works",
  "how": "How your digit is read",
  "how.list": "Steps",
  "how.back": "Back",
  "how.next": "Next",
  "how.place": "{step} of {steps}",
  "how.example": "Nothing is drawn yet, so this shows an example. Draw a digit, and it shows yours.",
  "how.yours": "Your own drawing, followed through the network in this browser.",
  "how.spoken": "Step {step} of {steps}: {title}. {words}",

  "how.drawn": "Your strokes",
  "how.drawn.idea": "A drawing is a list of points. Where it stands and how large it is says nothing yet.",
  "how.drawn.alt": "The drawing as it was made",
  "how.drawn.caption": "As it was drawn: {strokes} of the pen, {points} points",
  "how.drawn.points": "x and y in thousandths of the pad",
  "how.drawn.left": "and {left} more",
  "how.drawn.one": "1 stroke",
  "how.drawn.many": "{strokes} strokes",
  "how.drawn.words":
    "It takes {wide} % of the pad's width and {high} % of its height. The next step makes that not matter.",

  "how.framed": "Found and framed",
  "how.framed.idea": "Every digit comes to the network in the same frame, whoever wrote it, however large.",
  "how.framed.found": "Found: the crop",
  "how.framed.frame": "28 by 28, centred",
  "how.framed.found.alt": "The drawing with a box around the digit that was found",
  "how.framed.frame.alt": "The digit in 28 by 28 pixels, its box of {wide} by {high}, its centre of mass marked",
  "how.framed.words":
    "The crop becomes 20 pixels on its longer side, a very thin or thick pen is evened out, and the centre of mass (the cross, at {x}, {y}) goes to the middle. Much hangs on this: shown real handwriting merely shrunk to 28 by 28, the same network reads {bare} right, and {full} framed like this (six sets, mean; docs/page.md).",

  "how.edges": "The first layer",
  "how.edges.idea": "{channels} small patterns are looked for everywhere. Here are the six that answer most to your digit.",
  "how.edges.pick": "Pattern {channel}: strongest {peak}",
  "how.edges.picks": "Patterns, the strongest first",
  "how.edges.kernel": "The pattern",
  "how.edges.where": "Where it looks",
  "how.edges.map": "Its answer",
  "how.edges.kernel.alt": "The {side} by {side} weights of pattern {channel}",
  "how.edges.where.alt": "The digit with the square of {size} pixels where pattern {channel} answers most",
  "how.edges.map.alt": "The answer of pattern {channel} at each place, the strongest framed",
  "how.edges.words":
    "Pattern {channel} says {peak} at the framed square, its strongest answer. Blue weights want ink there, orange ones want none.",

  "how.deeper": "Deeper layers",
  "how.deeper.idea": "Each layer looks for patterns in the layer before it, and so sees more of the digit.",
  "how.deeper.layers": "Layer",
  "how.deeper.where": "What one place has looked at",
  "how.deeper.maps": "The six strongest of {channels}",
  "how.deeper.where.alt": "The digit with the square of {size} pixels that one place of layer {layer} has looked at",
  "how.deeper.maps.alt": "The six strongest maps of layer {layer}",
  "how.deeper.words":
    "Layer {layer} has {rows} by {rows} places, and each has looked at {size} by {size} pixels. {sees}",
  "how.deeper.small": "Edges and ends of strokes fit in there.",
  "how.deeper.middle": "Bends, corners and crossings fit in there.",
  "how.deeper.large": "Parts of digits fit in there: a bar, a bow, half a loop.",
  "how.deeper.whole": "That is more than there are: the whole digit.",

  "how.scores": "Ten scores",
  "how.scores.idea": "Each map of the last layer becomes one number, its mean. Each digit weighs those numbers in its own way.",
  "how.scores.parts": "What adds up to the score of a {digit}",
  "how.scores.channel": "Channel {channel}",
  "how.scores.others": "All others",
  "how.scores.rest": "Always",
  "how.scores.total": "Score",
  "how.scores.all": "The scores of all ten",
  "how.scores.digit": "Digit {digit}: {score}",
  "how.scores.words":
    "Channel {channel} speaks most: its mean {mean} times its weight {weight} adds {added}. All together a {digit} scores {total}; next comes a {next} with {second}.",

  "how.decision": "Sure or not",
  "how.decision.idea": "Scores become probabilities, and two limits decide whether to say them aloud.",
  "how.decision.shares": "Probabilities",
  "how.decision.limits": "Two limits",
  "how.decision.digitness": "Is it a digit at all? {value}, at least {limit}",
  "how.decision.confidence": "Is it sure? {value}, at least {limit}",
  "how.decision.words":
    "Each score is divided by {temperature} (fitted, so that 90 % means right nine times in ten), made a power of e, and those shared out. {verdict}",
  "how.decision.sure": "Both limits are reached: it says {digit}.",
  "how.decision.unsure": "The second limit is missed: it says that it is not sure.",
  "how.decision.not_a_digit": "The first limit is missed: it says that this is not a digit.",

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
