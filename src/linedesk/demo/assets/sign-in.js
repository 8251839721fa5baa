// The CRM signs its person in to Linedesk. Once an hour is enough for all tabs of this browser: the desk's
// frame has a cookie of its own, so that other pages and tabs need no code. This module stands after the
// deferred loader and so runs after it; the loader keeps the code until its frame can hear it.
const slot = document.querySelector("script[data-slot]").dataset.slot;
const instance = document.body.dataset.instance;
const mark = `linedesk-signed-in:${slot}`;
const HOUR_MS = 3_600_000;

// Without the loader (Linedesk is not there) no code is asked for: the next page tries again.
if (window.linedesk && !signedInLately()) {
  const answer = await fetch("/demo/code", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ slot }),
  });
  if (answer.ok) {
    window.linedesk.signIn((await answer.json()).code);
    remember();
  }
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
