"""Calling from the browser: a number in the CRM page, the dialpad, the search, and plain links.

No two tests dial one number as one agent, nor three as one: to the dial guard they are one person in a hurry.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from e2e.conftest import Demo
from e2e.desks import in_crm, in_own_tab
from e2e.test_calls import ADA, contact_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def called(demo: Demo) -> list[str]:
    """What the simulated PBX calls now, as it is typed. A call is there before its dial is answered."""
    typed = re.compile(r"\+44(\d\d)(\d{4})(\d{4})")
    return [typed.sub(r"0\1 \2 \3", call["to"]) for call in demo.live_calls()]


def test_a_number_in_the_crm_page_rings_the_agent_first_and_then_dials(browser: Any, quiet: Demo) -> None:
    ada = contact_of(quiet, "201", ADA)
    luca = in_crm(browser, quiet, path=ada["page_url"].removeprefix(quiet.crm))
    luca.page.locator('a[href^="tel:"]').first.click()
    card = luca.card(ada["name"])
    expect(card).to_contain_text("Outgoing")
    expect(card).to_contain_text("Talking", timeout=15_000)
    assert called(quiet) == ["020 7946 0018"]
    assert luca.page.url == ada["page_url"]
    luca.close()


def test_the_dialpad_dials_what_was_typed(browser: Any, quiet: Demo) -> None:
    mia = in_own_tab(browser, quiet, "202")
    number = quiet.fresh_number()
    mia.desk.get_by_label("Number to dial").fill(number)
    mia.desk.get_by_role("button", name="Call", exact=True).click()
    expect(mia.card(number).filter(has_text="Outgoing")).to_have_count(1)
    assert called(quiet) == [number]
    mia.close()


def test_the_search_is_used_by_keyboard_and_dials(browser: Any, quiet: Demo) -> None:
    ada = contact_of(quiet, "201", ADA)
    mia = in_own_tab(browser, quiet, "202")
    field = mia.desk.get_by_label("Search name, company or number")
    field.fill(ada["name"])
    option = mia.desk.get_by_role("option", name=re.compile("^Call " + re.escape(ada["name"]))).first
    expect(option).to_be_visible()
    for _ in range(6):
        field.press("ArrowDown")
        if option.get_attribute("aria-selected") == "true":
            break
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(mia.card(ada["name"]).filter(has_text="Outgoing")).to_have_count(1)
    assert called(quiet) == ["020 7946 0018"]
    mia.close()


def test_a_denied_number_says_why_and_calls_nobody(browser: Any, quiet: Demo) -> None:
    mia = in_own_tab(browser, quiet, "202")
    mia.desk.get_by_label("Number to dial").fill("+882 16 12345678")
    mia.desk.get_by_role("button", name="Call", exact=True).click()
    expect(mia.desk.get_by_role("alert").filter(has_text=re.compile("may not be called"))).to_be_visible()
    assert called(quiet) == []
    mia.close()


def test_C08_a_get_of_dial_asks_and_only_the_button_calls(browser: Any, quiet: Demo) -> None:
    luca = in_own_tab(browser, quiet, "201")
    # The first is only asked about: a call that its GET made would be there once the second one's is.
    for number in (quiet.fresh_number(), second := quiet.fresh_number()):
        luca.page.goto(f"{quiet.service}/dial?{urlencode({'number': number})}")
        expect(luca.page.get_by_role("button", name=f"Call {number}")).to_be_visible()
        assert called(quiet) == []
    luca.page.get_by_role("button", name=f"Call {second}").click()
    expect(luca.page.get_by_role("heading", name="Your phone rings now")).to_be_visible()
    assert called(quiet) == [second]
    luca.page.get_by_role("link", name="To the desk").click()
    expect(luca.card(second)).to_contain_text("Outgoing")
    assert called(quiet) == [second]
    luca.close()


def test_open_goes_to_the_one_sure_contact_else_to_a_page_to_choose(browser: Any, quiet: Demo) -> None:
    ada = contact_of(quiet, "201", ADA)
    mia = in_own_tab(browser, quiet, "202")
    mia.page.goto(f"{quiet.service}/open?number=%2B442079460018")
    mia.page.wait_for_url(ada["page_url"])
    mia.page.goto(f"{quiet.service}/open?number=020%207946%200994")
    expect(mia.page.get_by_text("Create contact")).to_be_visible()
    mia.close()
