/** The page: its four panels, of which three are fetched when they are wanted, and its foot. */

import { about } from "./about.js";
import { panel as drawing } from "./draw/panel.js";
import { byId } from "./elements.js";
import { keep } from "./keeping.js";
import { percent } from "./percent.js";
import { Intake } from "./picture/intake.js";
import { Tabs } from "./tabs.js";
import { number, say, translate } from "./words.js";

translate(document);

/** Whether there is no server, only this page. */
const alone = document.documentElement.dataset.server === "none";

const { feedback, pad, engine } = drawing(alone);
const picture = once(() => import("./picture/panel.js"));
const camera = once(() => import("./camera/panel.js"));
const how = once(async () => {
  const { panel } = await import("./how/panel.js");
  return { panel: () => panel(pad, engine) };
});

const ways = new Tabs(byId("ways"));
ways.addEventListener("change", open);
open();

const intake = new Intake({
  choose: byId("picture-choose"),
  files: byId("picture-files"),
  take: byId("picture-take"),
  photo: byId("picture-photo"),
  veil: byId("picture-veil"),
});
intake.addEventListener("files", async (event) => {
  const { detail } = /** @type {CustomEvent<File[]>} */ (event);
  if (alone) return;
  ways.show("picture");
  (await picture.get()).show(detail);
});

introduce();
keep();

/** Makes the panel that is looked at, takes the pad there, and lets go of the camera where it is another. */
function open() {
  // the pad goes along to the tour: who draws there sees what becomes of it
  if (ways.shown === "how") byId("how-list").before(byId("sheet"));
  else byId("reading").before(byId("sheet"));
  if (ways.shown === "picture") picture.get();
  if (ways.shown === "how") how.get().then((it) => it.show());
  if (ways.shown === "camera") camera.get();
  else camera.made?.then((it) => it.stop());
}

/**
 * A panel that is made once, when it is first asked for.
 *
 * @template T
 * @param {() => Promise<{panel: () => T}>} fetched
 */
function once(fetched) {
  return {
    /** @type {Promise<T> | null} */
    made: null,
    /** @returns {Promise<T>} */
    get() {
      this.made ??= fetched().then(({ panel }) => panel());
      return this.made;
    },
  };
}

/** What answers, how well it does, and what becomes of drawings. */
async function introduce() {
  if (alone) {
    const { model = "", accuracy = "", size = "" } = document.documentElement.dataset;
    if (model !== "") made(model, Number(accuracy), Number(size));
    if (["picture", "camera"].includes(ways.shown)) ways.show("draw");
    for (const id of ["way-picture", "way-camera", "api"]) byId(id).remove();
    byId("promise").textContent = say("promise.alone");
    return;
  }
  const server = await about("api/v1/about");
  const locked = server?.keys === "required";
  feedback.enabled = !locked && (server?.feedback ?? false);
  if (server === null) return;
  const promise = byId("promise");
  if (server.store === "metadata") promise.textContent += ` ${say("promise.answers")}`;
  if (server.store === "pictures") promise.textContent = say("promise.pictures");
  if (locked) {
    if (["picture", "camera"].includes(ways.shown)) ways.show("draw");
    for (const id of ["way-picture", "way-camera"]) byId(id).remove();
    byId("promise").textContent = say("promise.keys");
  }
  const { model, measured, card } = server;
  byId("card").hidden = card === null || locked;
  if (measured === null) return;
  made(`${model.name} ${model.version}`, measured.accuracy, measured.size);
}

/**
 * @param {string} model
 * @param {number} accuracy
 * @param {number} size
 */
function made(model, accuracy, size) {
  byId("made").textContent = say("made", { model, share: percent(accuracy), size: number(size) });
}
