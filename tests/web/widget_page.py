"""A page of a CRM with the built loader and desk in it, on two sites: `crm.localhost` holds the desk of
`127.0.0.1`. The service is played (`played.py`); the whole house is tested in tests/e2e.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from waiting import eventually
from web.played import ORIGIN, Service, problems_of

CRM = "http://crm.localhost:8"
BODY = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ticket 7</title>
<link rel="icon" href="data:,"></head><body><p id="before">before</p>
<a id="a" href="tel:+39-02-1111-1111"><u><font>02 1111 1111</font></u></a>
<a id="b" href="tel:+390222222222">02 2222 2222</a>
<a id="code" href="tel:*21*0212345678%23">divert</a>
<button id="button" data-linedesk-number="02 3333 3333">call</button>
<form id="form"><input id="field"><button id="send">send</button></form>
<script>
  window.natural = [];
  addEventListener("click", (event) => {
    if (event.target.closest("form")) return;
    window.natural.push(event.defaultPrevented);
    event.preventDefault();
  });
  document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());
</script>
SCRIPTS</body></html>"""
# Notes what the desk's frame says to the loader, just before the loader hears it: `heard`.
LISTEN = """
  window.heard = [];
  const Channel = window.MessageChannel;
  window.MessageChannel = function () {
    const channel = new Channel();
    channel.port1.addEventListener("message", (event) => event.data?.type && heard.push(event.data));
    return channel;
  };
"""
LAST = "+390299999999"
SCRIPT = f'<script src="{ORIGIN}/widget.js" defer></script>'


def fresh_context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1000, "height": 800}, locale="en-GB")
    context.set_default_timeout(8000)
    return context


class Crm:
    """A page of a CRM with the widget in it."""

    def __init__(self, context: BrowserContext, scripts: str = SCRIPT, **service: Any) -> None:
        self.service = Service(context, **({"origins": (CRM,)} | service))
        context.route(
            f"{CRM}/**",
            lambda route: route.fulfill(body=BODY.replace("SCRIPTS", scripts), content_type="text/html"),
        )
        self.page: Page = context.new_page()
        self.page.add_init_script(f"if (window === top) {{ {LISTEN} }}")
        self.problems = problems_of(self.page)
        self.frame: FrameLocator = self.page.frame_locator("iframe")

    def open(self, *calls: dict[str, Any], live: bool = True, channel: bool = True) -> Crm:
        """`live`: the desk is to sign in. `channel`: the loader is to hear of it; then a click dials."""
        self.service.calls = list(calls)
        self.page.goto(f"{CRM}/tickets/7")
        if live:
            expect(self.frame.get_by_text("Mia Conti", exact=False).first).to_be_visible()
        if live and channel:
            self.page.wait_for_function("heard.some((it) => it.type === 'state' && it.dialling)")
        return self

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """What the desk has said to the loader, of this type."""
        return [each for each in self.page.evaluate("heard") if each["type"] == kind]

    def eventually(self, look: Callable[[], object], wanted: object) -> None:
        eventually(look, wanted, pause=lambda: self.page.wait_for_timeout(20))

    def grows_to(self, width: int, height: int) -> None:
        """The widget's container becomes this large."""
        self.eventually(lambda: self.box()[2:], (width, height))

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the widget's container now."""
        box = self.page.locator("body > div").bounding_box()
        assert box
        return box["x"], box["y"], box["width"], box["height"]

    @property
    def dialled(self) -> list[str]:
        """What the service has been asked to dial until now; of what is on its way see `settled`."""
        return [dial["number"] for dial in self.service.dials]

    def settled(self) -> list[str]:
        """What was dialled, once nothing can come any more: one last dial went the same way after it all.

        The desk takes on no dial while another is on its way, so the last one is asked for until it is.
        """

        def arrived() -> bool:
            self.page.evaluate(f"linedesk.dial('{LAST}')")
            return LAST in self.dialled

        self.eventually(arrived, wanted=True)
        return [number for number in self.dialled if number != LAST]
