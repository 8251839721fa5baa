"""What the desk says of a dial beside its own note: the service's word, and a second wish in between."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from web.played import Desk, call

pytestmark = pytest.mark.browser

AGAIN = "Your sign-in with Wildix has ended. Sign in with Wildix again to dial as yourself."


def dial(page: Page, number: str) -> None:
    page.get_by_label("Number to dial").fill(number)
    page.get_by_label("Number to dial").press("Enter")


def test_what_the_service_says_of_a_call_stays_until_it_is_closed(browser: Browser) -> None:
    desk = Desk(browser)
    desk.service.notice = AGAIN
    page = desk.open()
    dial(page, "02 1234 5678")
    said = page.get_by_role("status").filter(has_text=AGAIN)
    expect(said).to_be_visible()
    desk.service.send(call(direction="outbound", state="ringing", answered_at=None))
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text("Your phone rings first")).to_be_hidden()
    expect(said).to_be_visible()
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)
    assert desk.problems == []


def test_C8_another_number_while_one_is_asked_for_is_refused_aloud(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/calls", hold)
    dial(page, "06 9876 5432")
    expect(page.get_by_text("Asking the phone system to call.")).to_be_visible()
    page.get_by_role("tab", name="History").click()
    page.get_by_role("button", name="Call Anna Rossi").click()
    expect(page.get_by_text("Another call is being placed at this moment.")).to_be_visible()
    assert len(held) == 1
    held[0].fulfill(status=202, json={"request": "r1"})
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert len(held) == 1
