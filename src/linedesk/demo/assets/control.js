// The control page: places any call, steers every live one, turns the simulator's switches.
import { boot, nameOf, partiesOf, sim, stateOf, watchCalls } from "./sim.js";

const $ = (id) => document.getElementById(id);
const who = $("who");
const to = $("to");
const problem = $("problem");

for (const agent of boot.agents) to.add(new Option(`${agent.name}, extension ${agent.extension}`, agent.extension));
to.add(new Option("Support queue: rings everybody", "Support"));

who.addEventListener("change", () => {
  $("number-field").hidden = who.value !== "other";
  if (who.value === "internal" && to.value === "Support") to.selectedIndex = 0;
});

function caller() {
  if (who.value === "withheld") return "anonymous";
  if (who.value === "other") return $("number").value;
  if (who.value === "internal") return boot.agents.find((agent) => agent.extension !== to.value).extension;
  return boot.callers[who.value];
}

$("call").addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  const name = $("name").value || (who.value === "hostile" ? "<img src=x onerror=alert(1)>\u202Egnp.eman" : "");
  const generation = $("generation").value || undefined;
  try {
    await sim("POST", "calls", { from: caller(), to: to.value, name, generation });
  } catch (error) {
    problem.textContent = error.message;
  }
});

const DEEDS = {
  setup: ["hangup"],
  pickup: ["answer", "reject"],
  ringing: ["answer", "reject", "hangup"],
  talking: ["hold", "hangup"],
  held: ["resume", "hangup"],
  ended: [],
};
const WORDS = {
  answer: "Pick up",
  reject: "Reject",
  hangup: "Hang up",
  hold: "Hold",
  resume: "Resume",
};

function deedButton(call, deed, by) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = by && call.rings.length > 1 ? `${nameOf(by)}: ${WORDS[deed]}` : WORDS[deed];
  button.addEventListener("click", async () => {
    problem.textContent = "";
    try {
      await sim("POST", `calls/${encodeURIComponent(call.id)}/${deed}`, by ? { by } : undefined);
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  return button;
}

function row(call) {
  const item = document.createElement("li");
  item.dataset.phase = call.phase;
  const parties = document.createElement("p");
  parties.className = "parties";
  parties.append(Object.assign(document.createElement("bdi"), { textContent: partiesOf(call) }));
  const state = document.createElement("p");
  state.className = "state";
  state.textContent = stateOf(call);
  const buttons = document.createElement("div");
  buttons.className = "deeds";
  for (const deed of DEEDS[call.phase]) {
    const each = deed !== "hangup" && call.phase === "ringing" && call.kind !== "outbound" ? call.rings : [null];
    for (const by of each) buttons.append(deedButton(call, deed, by));
  }
  item.append(parties, state, buttons);
  return item;
}

watchCalls((calls, trouble) => {
  problem.textContent = trouble ?? "";
  $("none").hidden = calls.length > 0;
  $("calls").replaceChildren(...calls.slice(0, 12).map(row));
});

async function turn(name, value) {
  $("switch-problem").textContent = "";
  try {
    showSwitches(await sim("PUT", "switches", { [name]: value }));
  } catch (error) {
    $("switch-problem").textContent = error.message;
    showSwitches(await sim("GET", "switches"));
  }
}

function parsed(text) {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function showSwitches(switches) {
  const rows = Object.entries(switches).map(([name, value]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const words = document.createElement("span");
    words.textContent = name.replaceAll("_", " ").replace(/ s$/, ", seconds");
    if (typeof value === "boolean") {
      input.type = "checkbox";
      input.checked = value;
      input.addEventListener("change", () => turn(name, input.checked));
      label.append(input, words);
    } else {
      input.value = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
      input.addEventListener("change", () => turn(name, typeof value === "string" ? input.value : parsed(input.value)));
      label.append(words, input);
    }
    input.name = name;
    return label;
  });
  $("switches").replaceChildren(...rows);
}

try {
  showSwitches(await sim("GET", "switches"));
} catch (error) {
  $("switch-problem").textContent = error.message;
}
