/** The panel of pictures put together; fetched when it is first opened, or a picture comes. */

import { byId } from "../elements.js";
import { Picture } from "./picture.js";

/** @returns {Picture} */
export function panel() {
  return new Picture(
    {
      root: byId("picture"),
      choose: byId("picture-choose"),
      group: byId("picture-group"),
      clear: byId("picture-clear"),
      note: byId("picture-note"),
      cancel: byId("picture-cancel"),
      again: byId("picture-again"),
      result: byId("picture-result"),
      scene: byId("picture-scene"),
      numbers: byId("picture-numbers"),
      strip: byId("picture-strip"),
      save: {
        tools: byId("picture-save"),
        copy: byId("picture-copy"),
        csv: byId("picture-csv"),
        json: byId("picture-json"),
        png: byId("picture-png"),
      },
      details: {
        dialog: byId("picture-details"),
        title: byId("picture-number"),
        note: byId("picture-number-note"),
        texts: byId("picture-texts"),
        digits: byId("picture-digits"),
        before: byId("picture-before"),
        after: byId("picture-after"),
        close: byId("picture-close"),
      },
      status: byId("picture-status"),
    },
    "api/v1/read",
  );
}
