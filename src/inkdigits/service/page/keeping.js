/**
 * The page kept by the browser, to read with the network off: 3 MB, fetched when nothing else is
 * wanted, and not at all where a person saves data, until the page is installed. It knows the
 * service worker.
 */

/** Milliseconds within which a page that is never idle has it fetched all the same. */
const LATEST = 10_000;

/** Sees to it that the page stays after this visit; some addresses and browsers have no such thing. */
export function keep() {
  const workers = navigator.serviceWorker;
  if (workers === undefined) return;
  const register = () => void workers.register("sw.js").catch(() => {});
  const { connection } = /** @type {{connection?: {saveData?: boolean}}} */ (
    /** @type {unknown} */ (navigator)
  );
  if (connection?.saveData) {
    window.addEventListener("appinstalled", register);
    return;
  }
  const idle = () => {
    if ("requestIdleCallback" in window) requestIdleCallback(register, { timeout: LATEST });
    else setTimeout(register, 1_000);
  };
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}
