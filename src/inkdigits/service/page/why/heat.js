/** Numbers as colours, on canvases. It knows grids of numbers; nothing of what they mean. */

/**
 * Ink with a map over it: what is above 0 in the colour `--for`, what is below in `--against`.
 *
 * @param {HTMLCanvasElement} canvas whose CSS has these colours, and the ink's as `color`
 * @param {ArrayLike<number>} ink `side` times `side` numbers, 0 to 1
 * @param {ArrayLike<number>} map as many
 */
export function over(canvas, ink, map) {
  const side = Math.round(Math.sqrt(ink.length));
  const context = cleared(canvas, side, side);
  const style = getComputedStyle(canvas);
  const most = Math.max(...Array.from(map, Math.abs), 1e-9);
  for (let k = 0; k < ink.length; k += 1) {
    const place = /** @type {const} */ ([k % side, Math.floor(k / side), 1, 1]);
    context.globalAlpha = 0.75 * Math.abs(map[k] / most);
    context.fillStyle = style.getPropertyValue(map[k] > 0 ? "--for" : "--against");
    context.fillRect(...place);
    context.globalAlpha = 0.85 * ink[k];
    context.fillStyle = style.color;
    context.fillRect(...place);
  }
  context.globalAlpha = 1;
}

/**
 * Many small maps beside one another, each as bright as its own largest number.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} data channels one after another
 * @param {[number, number]} shape rows and columns of one
 * @param {number} many how many are shown: those in which most happens, in their order
 * @param {number} across how many in a row
 */
export function tiles(canvas, data, [rows, columns], many, across) {
  const size = rows * columns;
  const channels = Array.from({ length: data.length / size }, (_, k) =>
    data.subarray(k * size, (k + 1) * size),
  );
  const peak = (/** @type {Float32Array} */ channel) => Math.max(...channel);
  const order = channels.map((channel, k) => ({ k, most: peak(channel) }));
  order.sort((one, other) => other.most - one.most);
  const shown = order.slice(0, many).sort((one, other) => one.k - other.k);
  const down = Math.ceil(shown.length / across);
  const context = cleared(canvas, across * (columns + 1) - 1, down * (rows + 1) - 1);
  context.fillStyle = getComputedStyle(canvas).color;
  shown.forEach(({ k, most }, place) => {
    const left = (place % across) * (columns + 1);
    const top = Math.floor(place / across) * (rows + 1);
    channels[k].forEach((value, at) => {
      context.globalAlpha = 0.06 + 0.94 * Math.max(0, most > 0 ? value / most : 0);
      context.fillRect(left + (at % columns), top + Math.floor(at / columns), 1, 1);
    });
  });
  context.globalAlpha = 1;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
function cleared(canvas, width, height) {
  canvas.width = width;
  canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
