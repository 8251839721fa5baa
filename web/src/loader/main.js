/**
 * widget.js: places the desk in the page that includes it. One desk per slot however often the script is
 * included; the first one handles the page's click-to-call.
 *
 *     <script src="https://linedesk.example/widget.js" data-slot="main" defer></script>
 *
 * Optional: `data-collapsed` (start as the pill), `data-dock="left"`.
 */
import { Widget } from "./widget.js";

/** @typedef {{slots: Record<string, Widget>, dial: (number: string) => Promise<unknown>, search: (text: string) => void,
 *   focus: () => void, signIn: (code: string) => void}} PublicApi */

const script = /** @type {HTMLScriptElement|null} */ (
  document.currentScript ?? document.querySelector('script[src*="/widget.js"]')
);

/** @param {HTMLScriptElement} of */
function start(of) {
  const page = /** @type {Window & {linedesk?: PublicApi}} */ (/** @type {unknown} */ (window));
  const wanted = of.dataset.slot ?? "main";
  const slot = /^[a-z0-9]{1,16}$/.test(wanted) ? wanted : "main";
  const slots = page.linedesk?.slots ?? {};
  if (slots[slot]) return;
  const collapsed = "collapsed" in of.dataset && of.dataset.collapsed !== "false";
  const widget = new Widget(page, {
    origin: new URL(of.src).origin,
    slot,
    collapsed,
    dock: of.dataset.dock === "left" ? "left" : "right",
    clicks: !page.linedesk,
  });
  slots[slot] = widget;
  page.linedesk ??= {
    slots,
    dial: (number) => widget.dial(number),
    search: (text) => widget.search(text),
    focus: () => widget.focus(),
    signIn: (code) => widget.signIn(code),
  };
}

if (script) {
  if (document.body) start(script);
  else document.addEventListener("DOMContentLoaded", () => start(script), { once: true });
}
