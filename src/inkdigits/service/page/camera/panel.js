/** The camera's panel put together; fetched when it is first opened. */

import { byId } from "../elements.js";
import { Camera } from "./camera.js";

/** @returns {Camera} */
export function panel() {
  return new Camera(
    {
      toggle: byId("camera-toggle"),
      capture: byId("capture"),
      scene: byId("scene"),
      video: byId("video"),
      marks: byId("marks"),
      note: byId("camera-note"),
      numbers: byId("numbers"),
      kept: byId("kept"),
      status: byId("camera-status"),
    },
    "api/v1/read",
  );
}
