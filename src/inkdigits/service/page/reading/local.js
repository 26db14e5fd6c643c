/**
 * The page itself as a reader: strokes in, the server's answer out, without the server. It knows
 * the normaliser and the engine; nothing of the page.
 *
 * @typedef {import("../engine/client.js").Engine} Engine
 * @typedef {import("./reader.js").Ask} Ask
 */

/**
 * @param {() => Engine} engine made when it is first asked for
 * @returns {Ask}
 */
export function local(engine) {
  return async (strokes) => {
    const { pieces, seen } = await import("../normalise/index.js"); // most visits need it never
    const shown = seen(strokes);
    const { image } = shown;
    if (image === null) {
      const probabilities = new Array(10).fill(0);
      const nothing = { digit: null, confidence: 0, accepted: false, candidates: [] };
      return { ...nothing, reason: "blank", probabilities, seen: null, local: true };
    }
    const model = await engine().ready;
    const read = await engine().read(image);
    let { candidates } = read;
    /** @type {import("./reader.js").Reading["reason"]} */
    let why = read.reason;
    if (!read.accepted) {
      const parts = await Promise.all(pieces(shown).map((piece) => engine().read(piece)));
      if (parts.filter(({ accepted }) => accepted).length >= 2) {
        why = "several_digits";
        candidates = [];
      }
    }
    const pixels = Array.from(image, (ink) => Math.round(ink * 255));
    return { ...read, reason: why, candidates, model, seen: pixels, local: true };
  };
}
