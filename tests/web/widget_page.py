"""A page of a CRM with the built loader and desk in it, on two sites: `crm.localhost` holds the desk of
`127.0.0.1`. The service is played (`played.py`); the whole house is tested in tests/e2e.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

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
        self.problems = problems_of(self.page)
        self.frame: FrameLocator = self.page.frame_locator("iframe")

    def open(self, *calls: dict[str, Any], live: bool = True) -> Crm:
        self.service.calls = list(calls)
        self.page.goto(f"{CRM}/tickets/7")
        if live:
            expect(self.frame.get_by_text("Mia Conti", exact=False).first).to_be_visible()
            self.page.wait_for_timeout(100)
        return self

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the widget's container, once it has settled."""
        self.page.wait_for_timeout(200)
        box = self.page.locator("body > div").bounding_box()
        assert box
        return box["x"], box["y"], box["width"], box["height"]

    @property
    def dialled(self) -> list[str]:
        self.page.wait_for_timeout(300)
        return [dial["number"] for dial in self.service.dials]
