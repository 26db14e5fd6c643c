/**
 * The service worker: after one visit the page and its model are here, network or not. Which files
 * there are and what they hold is written in by `webapp.py`: with other files this is another
 * worker, which fetches all of them before it takes over.
 */

const VERSION = "";
const FILES = [""];

const CACHE = `inkdigits-${VERSION}`;
const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      // the browser's own cache might hold a file of another version
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("inkdigits-") && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  const here = new URL("./", worker.location.href);
  if (request.method !== "GET" || url.origin !== here.origin) return;
  const page = request.mode === "navigate" && url.pathname === here.pathname;
  if (!page && !url.pathname.startsWith(`${here.pathname}static/`)) return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(page ? "./" : request, { ignoreSearch: true }))
      .then((kept) => kept ?? fetch(request)),
  );
});
