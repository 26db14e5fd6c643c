/**
 * The page's language, and its words by name, from the file of that language in `words/`. It knows
 * nothing of what the words are for.
 *
 * @typedef {keyof typeof ENGLISH} Key
 * @typedef {Partial<Record<Intl.LDMLPluralRule | "=8", string>> & {other: string}} Forms
 * @typedef {Record<Key, string | Forms>} Words
 */

import { WORDS as ENGLISH } from "./words/en.js";

/**
 * Where the words of each language beside English are, fetched when somebody reads it. One line a
 * language, as docs/translating.md has it.
 *
 * @type {Record<string, () => Promise<{WORDS: Words}>>}
 */
const OTHERS = {
};

const { language, words } = await chosen();

/** The language of the page, such as `en`. */
export const LANGUAGE = language;

const plurals = new Intl.PluralRules(LANGUAGE);

/**
 * A text of the page.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values] for what stands in braces: numbers are written
 *   as the language writes them, and `count` or `digit` chooses among forms
 * @returns {string}
 */
export function say(key, values = {}) {
  const entry = words[key] ?? ENGLISH[key];
  const text = typeof entry === "string" ? entry : form(entry, Number(values.count ?? values.digit));
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : String(value);
  });
}

/**
 * A number as the language writes it, in the digits that this page reads.
 *
 * @param {number} value
 * @param {number} [places] behind the point, all of them written; by default those that it has
 * @returns {string} such as `1,234`
 */
export function number(value, places) {
  const fraction = { minimumFractionDigits: places, maximumFractionDigits: places };
  return value.toLocaleString(LANGUAGE, { numberingSystem: "latn", ...fraction });
}

/**
 * Puts the words of the page's language into elements that name them: `data-words` for what an
 * element says, `data-label` for its accessible name, `data-title` for what it says when pointed at.
 *
 * @param {Document} page
 */
export function translate(page) {
  page.documentElement.lang = LANGUAGE;
  for (const element of page.querySelectorAll("[data-words], [data-label], [data-title]")) {
    const { words: text, label, title } = /** @type {HTMLElement} */ (element).dataset;
    const said = text && say(/** @type {Key} */ (text));
    if (said && element.textContent?.trim() !== said) element.textContent = said;
    if (label) element.setAttribute("aria-label", say(/** @type {Key} */ (label)));
    if (title) element.setAttribute("title", say(/** @type {Key} */ (title)));
  }
}

/**
 * @param {Forms} forms
 * @param {number} count
 * @returns {string}
 */
function form(forms, count) {
  const exact = /** @type {"=8"} */ (`=${count}`);
  return forms[exact] ?? forms[plurals.select(count)] ?? forms.other;
}

/**
 * The first language there is of the one in the address (`?lang=de`) and the reader's own.
 *
 * @returns {Promise<{language: string, words: Words}>}
 */
async function chosen() {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const tag of [...(asked ? [asked] : []), ...navigator.languages]) {
    for (const language of [tag, tag.split("-")[0]].map((it) => it.toLowerCase())) {
      if (language === "en") return { language, words: ENGLISH };
      if (!Object.hasOwn(OTHERS, language)) continue;
      try {
        return { language, words: (await OTHERS[language]()).WORDS };
      } catch {
        // a file that cannot be fetched: the next language will do
      }
    }
  }
  return { language: "en", words: ENGLISH };
}
