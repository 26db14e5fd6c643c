/**
 * Where the labels of boxes stand, so that they hide neither writing nor each other, as far as
 * there is room. It knows rectangles in pixels and nothing of numbers.
 *
 * @typedef {import("../numbers/marks.js").Box} Box
 * @typedef {"above" | "above-end" | "below" | "right" | "left"} Side
 * @typedef {{width: number, height: number}} Size
 * @typedef {{side: Side, x: number, y: number}} Place  the side, and the label's corner there
 */

/** @type {Side[]} The sides, the best first. */
const SIDES = ["above", "above-end", "right", "left", "below"];

/**
 * @param {Box[]} boxes
 * @param {Size[]} labels one a box
 * @param {Size} scene that holds them all
 * @returns {Place[]} for each label the first side with room; else the best within the scene
 */
export function place(boxes, labels, scene) {
  const whole = { x: 0, y: 0, ...scene };
  /** @type {Box[]} */
  const taken = [];
  return boxes.map((box, at) => {
    const inside = SIDES.filter((side) => within(beside(box, labels[at], side), whole));
    const others = [...boxes.slice(0, at), ...boxes.slice(at + 1), ...taken];
    const free = inside.find((side) => {
      const label = beside(box, labels[at], side);
      return !others.some((other) => overlap(label, other));
    });
    const side = free ?? inside[0] ?? "above";
    const label = beside(box, labels[at], side);
    taken.push(label);
    return { side, x: label.x, y: label.y };
  });
}

/**
 * @param {Box} box
 * @param {Size} label
 * @param {Side} side
 * @returns {Box}
 */
function beside({ x, y, width: wide, height: high }, { width, height }, side) {
  const middle = y + (high - height) / 2;
  const corners = {
    above: [x, y - height],
    "above-end": [x + wide - width, y - height],
    right: [x + wide, middle],
    left: [x - width, middle],
    below: [x, y + high],
  };
  return { x: corners[side][0], y: corners[side][1], width, height };
}

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {boolean}
 */
function overlap(a, b) {
  const across = a.x < b.x + b.width && b.x < a.x + a.width;
  return across && a.y < b.y + b.height && b.y < a.y + a.height;
}

/**
 * @param {Box} a
 * @param {Box} whole
 * @returns {boolean}
 */
function within({ x, y, width, height }, whole) {
  return x >= 0 && y >= 0 && x + width <= whole.width && y + height <= whole.height;
}
