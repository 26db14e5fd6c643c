/**
 * A picture as the server takes it: the file itself, or a smaller copy. It knows the server's usual
 * limits; it does not know who asks.
 */

/** What the server takes, unless its operator says otherwise: bytes, pixels a side and in all. */
const [BYTES, SIDE, AREA] = [5 * 2 ** 20, 4096, 16_000_000];

/** Longer side of a copy and the least it comes down to, pixels; twice what pages are read at. */
const [COPY, LEAST] = [3200, 400];

/** What the sides of a copy that is still too large are multiplied by. */
const STEP = 0.7;

const QUALITY = 0.9;

/** Types that the server reads. */
const TAKEN = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"];

/** Types that show no transparency. */
const PHOTOS = ["image/jpeg", "image/heic", "image/heif"];

/** Brands of HEIF files, behind `ftyp` in their first bytes. */
const HEIF = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "heif"];

/**
 * @param {File} file
 * @param {HTMLImageElement} image of it, decoded
 * @returns {boolean} whether the server should take the file as it is
 */
export function fits(file, { naturalWidth: width, naturalHeight: height }) {
  const small = Math.max(width, height) <= SIDE && width * height <= AREA && file.size <= BYTES;
  return small && TAKEN.includes(file.type);
}

/**
 * Whether a file says which way up it is in a way that not every reader heeds: browsers leave out
 * what PNG and WebP files say of it, while a JPEG's word is heeded by all.
 *
 * @param {File} file
 * @returns {Promise<boolean>}
 */
export async function mayTurn(file) {
  if (file.type === "image/jpeg") return false;
  const text = new TextDecoder("latin1").decode(await file.arrayBuffer());
  return /exif|orientation/i.test(text);
}

/**
 * A copy that the server takes. What is transparent stays so, where the browser can write WebP.
 *
 * @param {File} file
 * @param {HTMLImageElement} image of it, decoded
 * @param {number} [longest] side, pixels
 * @param {number} [bytes] at most
 * @returns {Promise<Blob>}
 */
export async function smaller(file, image, longest = COPY, bytes = BYTES) {
  const kind = PHOTOS.includes(file.type) ? "image/jpeg" : "image/webp";
  for (let side = longest; side >= LEAST; side *= STEP) {
    /** @type {Blob | null} */
    const blob = await new Promise((done) => still(image, side).toBlob(done, kind, QUALITY));
    if (blob !== null && blob.size <= bytes) return blob;
  }
  throw new Error("no copy is small enough");
}

/**
 * A picture on a canvas, upright, no larger than its longer side may be.
 *
 * @param {HTMLImageElement} image
 * @param {number} longest
 * @returns {HTMLCanvasElement}
 */
export function still(image, longest) {
  const { naturalWidth, naturalHeight } = image;
  const scale = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(naturalHeight * scale));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * @param {Blob} file
 * @returns {Promise<boolean>} whether it is a HEIC picture, whatever it is called
 */
export async function isHeic(file) {
  const head = new TextDecoder("latin1").decode(await file.slice(4, 12).arrayBuffer());
  return head.startsWith("ftyp") && HEIF.includes(head.slice(4));
}
