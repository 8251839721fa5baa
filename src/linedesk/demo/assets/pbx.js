// Keeps a phonebook page true while it is open: asks for itself again and takes over what has changed.
const EVERY_MS = 2000;

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) {
      console.warn("The simulated phone system does not answer.", error);
    }
  }
  window.setTimeout(look, EVERY_MS);
}

function show(page) {
  const [now, next] = [document.getElementById("live"), page.getElementById("live")];
  if (next && now.innerHTML !== next.innerHTML) now.replaceChildren(...next.childNodes);
}

window.setTimeout(look, EVERY_MS);
