// The CRM signs its person in to Linedesk. Once an hour is enough for all tabs of this browser: the desk's
// frame has a cookie of its own, so that other pages and tabs need no code.
const slot = document.querySelector("script[data-slot]").dataset.slot;
const instance = document.body.dataset.instance;
const mark = `linedesk-signed-in:${slot}`;
const HOUR_MS = 3_600_000;

if (!signedInLately()) {
  await deskIsThere();
  const answer = await fetch("/demo/code", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ slot }),
  });
  if (answer.ok && window.linedesk) {
    window.linedesk.signIn((await answer.json()).code);
    remember();
  }
}

// The loader has no ears for a code before its frame has spoken.
async function deskIsThere() {
  const pause = (ms) => new Promise((resolve) => window.setTimeout(resolve, ms));
  for (let waited = 0; waited < 10_000 && !window.linedesk?.slots[slot]?._port; waited += 50) await pause(50);
}

function signedInLately() {
  try {
    const [at, where] = (localStorage.getItem(mark) ?? "").split(" ");
    return where === instance && Date.now() - Number(at) < HOUR_MS;
  } catch {
    return false; // storage is off: sign in on every page
  }
}

function remember() {
  try {
    localStorage.setItem(mark, `${Date.now()} ${instance}`);
  } catch {
    // storage is off: sign in on every page
  }
}
