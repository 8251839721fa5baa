// What both pages need of the simulated PBX: its address, its calls, and words for their states.
export const boot = JSON.parse(document.getElementById("boot").textContent);

/** Ask the simulator; a refusal becomes an Error with its sentence. */
export async function sim(method, path, body) {
  let answer;
  try {
    answer = await fetch(`${boot.pbx}/_sim/${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The simulated phone system does not answer. Start the demo again.");
  }
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.error.message} ${said.error.remedy}`);
  return said;
}

/** Call `show` with the calls now and after every change, until the page goes. */
export function watchCalls(show) {
  let last = "";
  async function look() {
    if (!document.hidden) {
      try {
        const { calls } = await sim("GET", "calls");
        const text = JSON.stringify(calls);
        if (text !== last) show(calls);
        last = text;
      } catch (error) {
        last = "";
        show([], error.message);
      }
    }
    window.setTimeout(look, 700);
  }
  look();
}

export const nameOf = (extension) =>
  boot.agents.find((agent) => agent.extension === extension)?.name ?? extension;

const listOf = (names) => new Intl.ListFormat("en-GB").format(names);

/** One call's state in words. */
export function stateOf(call) {
  if (call.phase === "pickup") return `${nameOf(call.from)}’s own phone rings first`;
  if (call.phase === "setup") return "Connecting";
  if (call.phase === "ringing") {
    return call.kind === "outbound" ? "Rings at the far end" : `Rings at ${listOf(call.rings.map(nameOf))}`;
  }
  if (call.phase === "held") return "On hold";
  if (call.phase === "talking") {
    return call.answered_by ? `${nameOf(call.answered_by)} talks` : `${nameOf(call.from)} talks`;
  }
  return call.answered_at ? "Ended" : "Ended, not answered";
}

/** Who calls whom, as text. */
export function partiesOf(call) {
  const from = call.kind === "inbound" ? (call.from === "anonymous" ? "Number withheld" : call.from) : nameOf(call.from);
  return `${from} to ${nameOf(call.to)}`;
}
