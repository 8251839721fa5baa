/**
 * `<ld-icon name="phone">`: one icon of the Lucide set, drawn for the eye only; the words stand beside it.
 */
import {
  ArrowUpRight,
  Building2,
  Check,
  ChevronDown,
  Copy,
  Delete,
  ExternalLink,
  Grid3x3,
  History,
  Pause,
  Phone,
  PhoneCall,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Search,
  Settings,
  UserCheck,
  UserPlus,
  Users,
  WifiOff,
  X,
} from "lucide";

/** @type {Record<string, readonly (readonly [string, Record<string, string|number|undefined>])[]>} */
const ICONS = {
  open: ArrowUpRight,
  check: Check,
  collapse: ChevronDown,
  company: Building2,
  copy: Copy,
  erase: Delete,
  external: ExternalLink,
  dialpad: Grid3x3,
  history: History,
  held: Pause,
  phone: Phone,
  talking: PhoneCall,
  incoming: PhoneIncoming,
  missed: PhoneMissed,
  ended: PhoneOff,
  outgoing: PhoneOutgoing,
  search: Search,
  settings: Settings,
  elsewhere: UserCheck,
  create: UserPlus,
  colleagues: Users,
  offline: WifiOff,
  close: X,
};
const SVG = "http://www.w3.org/2000/svg";

class Icon extends HTMLElement {
  static observedAttributes = ["name", "size"];

  connectedCallback() {
    this.setAttribute("aria-hidden", "true");
    this._draw();
  }

  attributeChangedCallback() {
    if (this.isConnected) this._draw();
  }

  _draw() {
    const size = this.getAttribute("size") ?? "18";
    const svg = document.createElementNS(SVG, "svg");
    const look = { width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" };
    const lines = { "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" };
    for (const [key, value] of Object.entries({ ...look, ...lines })) svg.setAttribute(key, value);
    for (const [tag, attributes] of ICONS[this.getAttribute("name") ?? ""] ?? []) {
      const part = document.createElementNS(SVG, tag);
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, String(value));
      svg.append(part);
    }
    this.style.display = "inline-flex";
    this.style.flex = "none";
    this.replaceChildren(svg);
  }
}

customElements.define("ld-icon", Icon);
