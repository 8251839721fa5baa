/**
 * The loader's own box in a host page: a container with a shadow root (for style) and the desk's iframe in
 * it. It sizes and docks the box, and touches nothing else of the page.
 */
import { edges } from "./edges.js";

const EDGE_PX = 12;
const PANEL = { width: 360, height: 560 };
const PILL = { width: 56, height: 56 };

/** @typedef {{mode: "panel"|"pill", width: number, height: number}} Layout  0 means the usual size */

/**
 * @param {Document} document
 * @param {{url: string, dock: "left"|"right", mode: "panel"|"pill",
 *   onDragged: (size: {width: number, height: number}) => void}} options
 */
export function placeFrame(document, { url, dock, mode, onDragged }) {
  const box = document.createElement("div");
  const shadow = box.attachShadow({ mode: "open" });
  const frame = document.createElement("iframe");
  frame.src = url;
  frame.title = "Linedesk";
  frame.allow = "autoplay; clipboard-write";
  // Through the style object, not the attribute: a page's CSP may forbid style attributes.
  set(frame.style, {
    border: "0",
    width: "100%",
    height: "100%",
    "color-scheme": "normal",
    background: "transparent",
  });
  set(box.style, {
    all: "initial",
    position: "fixed",
    bottom: `${EDGE_PX}px`,
    [dock]: `${EDGE_PX}px`,
    "z-index": "2147483000",
    overflow: "hidden",
  });
  const size = { ...PANEL };
  const grips = edges(document, {
    dock,
    size: () => ({ ...size }),
    drag: (next, done) => {
      resize({ mode: "panel", ...next });
      if (done) onDragged(next);
    },
  });

  /** @param {Layout} layout */
  function resize(layout) {
    const base = layout.mode === "pill" ? PILL : PANEL;
    const width = layout.width || base.width;
    const height = layout.height || base.height;
    if (layout.mode === "panel") Object.assign(size, { width, height });
    for (const grip of grips) grip.hidden = layout.mode === "pill";
    set(box.style, {
      width: `min(${width}px, calc(100vw - ${2 * EDGE_PX}px))`,
      height: `min(${height}px, calc(100vh - ${2 * EDGE_PX}px))`,
      "border-radius": layout.mode === "pill" ? "28px" : "8px",
      "box-shadow": "0 0 0 1px rgb(0 0 0 / 18%), 0 6px 24px rgb(0 0 0 / 16%)",
    });
  }

  shadow.append(frame, ...grips);
  resize({ mode, width: 0, height: 0 });
  document.body.append(box);
  return { box, frame, resize };
}

/** @param {CSSStyleDeclaration} style @param {Record<string, string>} values */
function set(style, values) {
  for (const [name, value] of Object.entries(values)) style.setProperty(name, value, "important");
}
