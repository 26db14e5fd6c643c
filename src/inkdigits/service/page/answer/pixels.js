/** 784 numbers on a canvas of 28 by 28. It knows nothing of what they show. */

const SIDE = 28;

/**
 * @param {HTMLCanvasElement} canvas 28 by 28, with a CSS `color` for the ink
 * @param {number[] | null} pixels 784 numbers from 0 to 255, row by row; `null` empties it
 */
export function paint(canvas, pixels) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, SIDE, SIDE);
  context.fillStyle = getComputedStyle(canvas).color;
  pixels?.forEach((ink, at) => {
    context.globalAlpha = ink / 255;
    context.fillRect(at % SIDE, Math.floor(at / SIDE), 1, 1);
  });
}
