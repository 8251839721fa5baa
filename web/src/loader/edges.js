/**
 * The draggable edges of the panel. They belong to the page, not to the frame: a drag leaves the frame at
 * once. Keys do the same inside the frame.
 */

import { LIMITS } from "../core/panel.js";

const GRIP_PX = 6;

/**
 * @param {Document} document
 * @param {{dock: "left"|"right", size: () => {width: number, height: number},
 *   drag: (size: {width: number, height: number}, done: boolean) => void}} options
 * @returns {HTMLElement[]} the two edges away from the docked corner
 */
export function edges(document, { dock, size, drag }) {
  const side = grip(
    document,
    { [dock === "left" ? "right" : "left"]: "0", top: "0", bottom: "0" },
    "ew-resize",
  );
  const top = grip(document, { left: "0", right: "0", top: "0" }, "ns-resize");
  side.style.width = top.style.height = `${GRIP_PX}px`;
  const sign = dock === "left" ? -1 : 1;
  follow(side, (event, from) => ({
    ...size(),
    width: within("width", from.width + sign * (from.x - event.clientX)),
  }));
  follow(top, (event, from) => ({
    ...size(),
    height: within("height", from.height + from.y - event.clientY),
  }));

  /**
   * @param {HTMLElement} edge
   * @param {(event: PointerEvent, from: {x: number, y: number, width: number, height: number}) => {width: number, height: number}} next
   */
  function follow(edge, next) {
    /** @type {{x: number, y: number, width: number, height: number}|null} */
    let from = null;
    edge.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX, y: event.clientY, ...size() };
      edge.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    edge.addEventListener("pointermove", (event) => {
      if (from) drag(next(event, from), false);
    });
    for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
      edge.addEventListener(type, () => {
        if (from) drag(size(), true);
        from = null;
      });
    }
  }
  return [side, top];
}

/** @param {"width"|"height"} which @param {number} px */
function within(which, px) {
  const [least, most] = LIMITS[which];
  return Math.round(Math.min(most, Math.max(least, px)));
}

/** @param {Document} document @param {Record<string, string>} place @param {string} cursor */
function grip(document, place, cursor) {
  const edge = document.createElement("div");
  Object.assign(edge.style, { position: "absolute", touchAction: "none", cursor, ...place });
  return edge;
}
