"""An agent in a browser: the CRM with the desk in it, signed in as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from e2e.conftest import Demo

WAIT_MS = 10_000
expect.set_options(timeout=WAIT_MS)


@dataclass
class AtDesk:
    """One agent's browser. `desk` is where the desk's elements are: the page itself or the loader's frame."""

    context: BrowserContext
    page: Page
    desk: Page | FrameLocator

    def card(self, name: str) -> Locator:
        """The call card that names `name`."""
        return self.desk.get_by_role("article").filter(has_text=name)

    def cards(self) -> Locator:
        return self.desk.get_by_role("article")

    def tab(self, name: str) -> None:
        self.desk.get_by_role("tab", name=name).click()

    def close(self) -> None:
        self.context.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A fresh profile with room enough for the panel."""
    context = browser.new_context(
        **{"viewport": {"width": 1100, "height": 850}, "locale": "en-GB", **options}
    )
    context.set_default_timeout(WAIT_MS)
    return context


def in_crm(browser: Browser, demo: Demo, path: str = "/a/contacts", **options: Any) -> AtDesk:
    """Luca (201) in the simulated CRM, which signs him in by a one-time code."""
    context = new_context(browser, **options)
    page = context.new_page()
    page.goto(demo.crm + path)
    at = AtDesk(context, page, page.frame_locator("iframe"))
    expect(at.desk.get_by_text("Luca Agent")).to_be_visible()
    return at


def in_own_tab(browser: Browser, demo: Demo, extension: str, **options: Any) -> AtDesk:
    """An agent at `/agent`, signed in with user and password through the sign-in page."""
    context = new_context(browser, **options)
    page = context.new_page()
    page.goto(f"{demo.service}/agent")
    who = demo.agent(extension)
    page.get_by_label("User name").fill(who["user"])
    page.get_by_label("Password").fill(who["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{demo.service}/agent")
    expect(page.get_by_role("tab", name="History")).to_be_visible()
    return AtDesk(context, page, page)


def path_of(page: Page) -> str:
    return urlsplit(page.url).path
