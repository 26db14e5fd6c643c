/**
 * Protobuf's wire format, as much of it as an ONNX file uses: bytes in, numbered fields out. It
 * does not know what a field means.
 */

export const DAMAGED = "The model is no ONNX file, or it is damaged: fetch it again.";

/** A model that cannot be used; its message is for a person. */
export class ModelError extends Error {
  name = "ModelError";

  /**
   * @param {string} message
   * @param {"model" | "unreachable"} [code] what is wrong with it, for a page in another language
   */
  constructor(message, code = "model") {
    super(message);
    this.code = code;
  }
}

/** @typedef {number | Uint8Array} Field  a number, or a part that has bytes of its own */

export const NOTHING = new Uint8Array(0);

/**
 * The fields of a message, as they come.
 *
 * @param {Uint8Array} bytes
 * @returns {Generator<[number, Field]>}
 */
export function* fields(bytes) {
  const at = { bytes, place: 0 };
  while (at.place < bytes.length) {
    const tag = varint(at);
    const wire = tag & 7;
    if (wire === 0) {
      yield [tag >>> 3, varint(at)];
      continue;
    }
    const size = wire === 2 ? varint(at) : wire === 5 ? 4 : wire === 1 ? 8 : -1;
    const end = at.place + size;
    if (tag < 8 || size < 0 || end > bytes.length) throw new ModelError(DAMAGED);
    yield [tag >>> 3, bytes.subarray(at.place, end)];
    at.place = end;
  }
}

/**
 * A whole number of varying length; negative ones are ten bytes long.
 *
 * @param {{bytes: Uint8Array, place: number}} at moves on
 * @returns {number}
 */
function varint(at) {
  let [low, high] = [0, 0];
  for (let count = 0; count < 10; count += 1) {
    if (at.place >= at.bytes.length) break;
    const byte = at.bytes[at.place];
    at.place += 1;
    if (count < 4) low += (byte & 127) * 2 ** (7 * count);
    else high += (byte & 127) * 2 ** (7 * (count - 4));
    if (byte < 128) return count === 9 ? low + (high - 2 ** 36) * 2 ** 28 : low + high * 2 ** 28;
  }
  throw new ModelError(DAMAGED);
}

/**
 * @param {Field} value
 * @returns {Uint8Array}
 */
export function part(value) {
  if (typeof value === "number") throw new ModelError(DAMAGED);
  return value;
}

/**
 * @param {Field} value
 * @returns {string}
 */
export function text(value) {
  return new TextDecoder("utf-8", { fatal: true }).decode(part(value));
}

/**
 * Whole numbers that come one by one, or packed.
 *
 * @param {Field} value
 * @returns {number[]}
 */
export function whole(value) {
  if (typeof value === "number") return [value];
  const at = { bytes: value, place: 0 };
  const numbers = [];
  while (at.place < value.length) numbers.push(varint(at));
  return numbers;
}
