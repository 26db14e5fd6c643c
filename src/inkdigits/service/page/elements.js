/** Elements of `index.html`, by name. It knows nothing of what they are for. */

/**
 * @param {string} id of an element that the page has
 * @returns {any}
 */
export function byId(id) {
  return document.getElementById(id);
}
