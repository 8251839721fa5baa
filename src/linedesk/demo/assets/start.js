// The start page: places calls to the first agent and steers the newest of them.
import { boot, partiesOf, sim, stateOf, watchCalls } from "./sim.js";

const [luca, mia] = boot.agents;
const now = document.getElementById("now");
const deeds = document.getElementById("deeds");
let current = null;

const callers = {
  known: { from: boot.callers.known, to: luca.extension },
  possible: { from: boot.callers.possible, to: luca.extension },
  unknown: { from: boot.callers.unknown, to: luca.extension },
  withheld: { from: "anonymous", to: luca.extension },
  queue: { from: boot.callers.shared, to: "Support" },
  internal: { from: mia.extension, to: luca.extension },
};

async function place(kind) {
  try {
    await sim("POST", "calls", callers[kind]);
  } catch (error) {
    now.textContent = error.message;
  }
}

document.getElementById("ring").addEventListener("click", () => place("known"));
for (const button of document.querySelectorAll("[data-call]")) {
  button.addEventListener("click", () => place(button.dataset.call));
}
for (const button of deeds.querySelectorAll("[data-deed]")) {
  button.addEventListener("click", async () => {
    if (!current) return;
    try {
      await sim("POST", `calls/${encodeURIComponent(current.id)}/${button.dataset.deed}`);
    } catch (error) {
      now.textContent = error.message;
    }
  });
}

watchCalls((calls, problem) => {
  current = calls.find((call) => call.phase !== "ended") ?? null;
  deeds.hidden = !current;
  if (problem) now.textContent = problem;
  else if (current?.kind === "inbound") now.textContent = stateOf(current);
  else if (current) now.textContent = `${partiesOf(current)}: ${stateOf(current)}`;
  else now.textContent = calls.length ? "The call is over. It stands in the desk’s History." : "No call yet.";
  const answer = deeds.querySelector('[data-deed="answer"]');
  answer.hidden = !current || !["setup", "ringing", "pickup"].includes(current.phase);
  answer.textContent = current?.kind === "outbound" && current.phase === "ringing" ? "Far end picks up" : "Pick up the phone";
});
