"""What a page asks of `window.linedesk` before the desk's frame can hear it. The service is played."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from web.played import ORIGIN
from web.widget_page import SCRIPT, Crm, fresh_context

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = fresh_context(browser)
    yield context
    context.close()


class SlowFrame:
    """The desk's document, held back until the test lets it come."""

    def __init__(self, context: BrowserContext) -> None:
        self.held: list[Route] = []
        context.route(f"{ORIGIN}/agent?**", self._hold)

    def _hold(self, route: Route) -> None:
        self.held.append(route)

    def come(self) -> None:
        for route in self.held:
            route.fallback()


def slow(context: BrowserContext, scripts: str = SCRIPT, **service: Any) -> tuple[Crm, SlowFrame]:
    crm = Crm(context, scripts, **service)
    frame = SlowFrame(context)
    crm.page.goto("http://crm.localhost:8/tickets/7", wait_until="commit")
    crm.page.wait_for_function("window.linedesk")
    return crm, frame


def test_a_code_handed_over_right_after_the_loader_signs_in(context: BrowserContext) -> None:
    early = "<script type='module'>window.before = typeof linedesk; linedesk.signIn('one-time')</script>"
    crm, frame = slow(context, SCRIPT + early, signed_in=False)
    crm.page.wait_for_function("window.before")
    frame.come()
    expect(crm.frame.get_by_text("Mia Conti").first).to_be_visible()
    assert crm.page.evaluate("before") == "object"


def test_a_search_that_came_early_is_opened_with_the_newest_text(context: BrowserContext) -> None:
    crm, frame = slow(context)
    crm.page.evaluate("linedesk.search('old'); linedesk.search('ros'); linedesk.focus()")
    frame.come()
    expect(crm.frame.get_by_role("option", name="Call Anna Rossi, 02 1234 5678 Work")).to_be_visible()
    expect(crm.frame.get_by_role("combobox")).to_be_focused()


def test_a_search_waits_for_the_sign_in_that_came_with_it(context: BrowserContext) -> None:
    crm, frame = slow(context, signed_in=False)
    crm.page.evaluate("linedesk.search('ros'); linedesk.signIn('one-time')")
    frame.come()
    expect(crm.frame.get_by_role("option", name="Call Anna Rossi, 02 1234 5678 Work")).to_be_visible()


def test_an_early_dial_goes_once_the_desk_is_there_and_only_the_newest(context: BrowserContext) -> None:
    crm, frame = slow(context, signed_in=False)
    crm.page.evaluate("""() => {
        linedesk.signIn("one-time");
        window.answers = Promise.all([linedesk.dial("+390211111111"), linedesk.dial("+390222222222")]);
    }""")
    frame.come()
    answers = crm.page.evaluate("answers")
    assert [answer["ok"] for answer in answers] == [False, True]
    assert crm.settled() == ["+390222222222"]


def test_an_early_dial_is_answered_at_once_when_nobody_is_signed_in(context: BrowserContext) -> None:
    crm, frame = slow(context, signed_in=False)
    crm.page.evaluate("window.answer = linedesk.dial('+390211111111'); 0")
    frame.come()
    answer = crm.page.evaluate("answer")
    assert answer == {"ok": False, "message": "Sign in to Linedesk first."}
    crm.page.evaluate("linedesk.signIn('one-time')")
    assert crm.settled() == []
