/**
 * Tabs, as the ARIA Authoring Practices have them: arrows move, the address keeps the choice. They
 * know elements; nothing of what is in the panels. Emits `change` with the panel's id.
 */

/** Panels of which one is shown. */
export class Tabs extends EventTarget {
  /** @type {HTMLElement[]} */ #tabs;

  /** @param {HTMLElement} list a `tablist` of `tab`s whose `aria-controls` name the panels */
  constructor(list) {
    super();
    this.#tabs = [...list.querySelectorAll("[role=tab]")].map((tab) => /** @type {any} */ (tab));
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.#choose(tab));
    list.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("hashchange", () => this.#fromAddress());
    this.#fromAddress();
  }

  /** @returns {string} the id of the panel that is shown */
  get shown() {
    const tab = this.#tabs.find((it) => it.ariaSelected === "true");
    return tab?.getAttribute("aria-controls") ?? "";
  }

  /** @param {string} panel its id */
  show(panel) {
    const before = this.shown;
    for (const tab of this.#tabs) {
      const id = tab.getAttribute("aria-controls") ?? "";
      const chosen = id === panel;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      const element = document.getElementById(id);
      if (element !== null) element.hidden = !chosen;
    }
    if (before !== panel) this.dispatchEvent(new CustomEvent("change", { detail: panel }));
  }

  #fromAddress() {
    const [wanted] = location.hash.slice(1).split("/"); // what comes then is the panel's own
    const tabs = this.#tabs.filter((tab) => tab.isConnected);
    const known = tabs.map((tab) => tab.getAttribute("aria-controls") ?? "");
    this.show(known.includes(wanted) ? wanted : known[0]);
  }

  /** @param {HTMLElement} tab */
  #choose(tab) {
    const panel = tab.getAttribute("aria-controls") ?? "";
    this.show(panel);
    const first = this.#tabs[0] === tab;
    history.replaceState(null, "", first ? location.pathname + location.search : `#${panel}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const tabs = this.#tabs.filter((tab) => tab.isConnected);
    const at = tabs.indexOf(/** @type {any} */ (document.activeElement));
    const many = tabs.length;
    /** @type {Record<string, number>} */
    const goals = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: many - 1 };
    const goal = goals[event.key];
    if (at < 0 || goal === undefined) return;
    event.preventDefault();
    const tab = tabs[(goal + many) % many];
    tab.focus();
    this.#choose(tab);
  }
}
