// The widget's sign-in window: hands the one-time code to the frame that opened it, then closes.
// The target is our own origin, so no other page can receive the code, whoever opened the window.
const boot = JSON.parse(document.getElementById("boot").textContent);
if (window.opener) {
  window.opener.postMessage(
    { linedesk: 1, type: "code", code: boot.code, slot: boot.slot },
    window.location.origin,
  );
  window.close();
}
