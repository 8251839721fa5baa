/**
 * desk.js: starts the desk on the page that holds its boot data.
 */
import "../elements/desk.js";
import { Controller } from "./controller.js";

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "null");
if (!boot?.messages) throw new Error("The page carries no boot data; it must come from Linedesk itself.");

const controller = new Controller(window, boot);
const desk =
  document.querySelector("ld-desk") ?? document.body.appendChild(document.createElement("ld-desk"));
/** @type {import("../elements/desk.js").Desk} */ (desk).controller = controller;
document.documentElement.toggleAttribute("data-embed", boot.embed);
if (boot.embed && new URLSearchParams(location.search).has("collapsed")) controller.startCollapsed();
controller.start();
