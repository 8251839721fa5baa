"""Who calls, at the built desk in Chromium: the chooser and its memory, pages in two apps, doubt in words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from web.played import COMPANY, CREATE, NOW, SEVERAL, TWO_APPS, Desk, call, contact

pytestmark = pytest.mark.browser

NUMBER = "+390212345678"
YOURS = "Your choice for this number"
CHOOSE = re.compile("^Choose .* for this number$")
POSSIBLE = contact(
    "Acme S.p.A.",
    "Acme S.p.A.",
    "possible",
    type="company",
    reason="Switchboard of Acme S.p.A. in Freshdesk",
)


def note_pages(page: Page) -> None:
    """From now on the desk's tabs are only noted."""
    page.evaluate("window.opened = []; window.open = (u) => { opened.push(u); return { closed: true }; }; 0")


def opened(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.opened")
    return found


def test_C01_several_contacts_are_chosen_from_and_the_choice_can_be_taken_back(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open(call(who=SEVERAL, company=COMPANY))
    card = page.get_by_role("article")
    expect(card.get_by_role("heading")).to_have_text("02 1234 5678")
    expect(card.get_by_role("listitem")).to_have_count(4)
    card.get_by_role("button", name="Choose Bruno Neri for this number").click()
    expect(card.get_by_role("heading")).to_have_text("Bruno Neri")
    expect(card).to_contain_text(f"{YOURS} · Work number in Freshdesk")
    expect(card.get_by_role("listitem")).to_have_count(0)
    assert desk.service.picks == [("PUT", NUMBER, "Bruno Neri")]
    # The button that had the focus is gone: it goes on to the way back, not to the top of the page.
    expect(card.get_by_role("button", name="Choose again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_role("heading")).to_have_text("02 1234 5678")
    expect(card.get_by_role("listitem")).to_have_count(4)
    assert desk.service.picks[1:] == [("DELETE", NUMBER, None)]
    assert desk.problems == []


def test_C01_each_row_of_the_chooser_opens_its_own_page(browser: Browser) -> None:
    desk = Desk(browser, embed=False)
    page = desk.open(call(who=[*SEVERAL[:2], TWO_APPS], company=COMPANY))
    card = page.get_by_role("article")
    note_pages(page)
    card.get_by_role("link", name=re.compile("^Bruno Neri")).click()
    card.get_by_role("link", name="Open in HubSpot: Anna Rossi").click()
    card.get_by_role("link", name="Open Acme S.p.A.").click()
    assert opened(page) == [SEVERAL[1]["page_url"], "https://hub.example/7", COMPANY["page_url"]]
    # Opening a page says nothing about who it is.
    assert desk.service.picks == []


def test_C01_a_choice_that_the_server_tells_is_shown_from_the_first_ring_on(browser: Browser) -> None:
    page = Desk(browser).open(call(who=SEVERAL, contact=SEVERAL[0], picked=True))
    expect(page.get_by_role("heading", name="Anna Rossi")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text(YOURS)
    expect(page.get_by_role("button", name=CHOOSE)).to_have_count(0)


def test_C01_a_refused_choice_says_why_and_leaves_the_chooser(browser: Browser) -> None:
    desk = Desk(browser)
    refusal = {"code": "not_found", "message": "This contact is gone.", "remedy": "Choose another."}
    desk.service.paths["/api/picks"] = lambda _request: (404, {"error": refusal})
    page = desk.open(call(who=SEVERAL))
    page.get_by_role("button", name="Choose Anna Rossi for this number").click()
    expect(page.get_by_text("This contact is gone. Choose another.")).to_be_visible()
    expect(page.get_by_role("heading", name="02 1234 5678")).to_be_visible()
    expect(page.get_by_role("button", name=CHOOSE)).to_have_count(4)


def test_C05_a_possible_contact_becomes_the_person_with_one_click(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open(call(who=[POSSIBLE], create=CREATE))
    card = page.get_by_role("article")
    expect(card.get_by_role("heading")).to_have_text("Possibly Acme S.p.A.")
    expect(card.get_by_text("Acme S.p.A.", exact=True)).to_have_count(0)  # its name is not said twice
    expect(card.get_by_role("link", name="Create contact in Freshdesk")).to_be_visible()
    card.get_by_role("button", name="This is the company").click()
    expect(card.get_by_role("heading")).to_have_text("Acme S.p.A.")
    expect(card).to_contain_text(f"{YOURS} · Switchboard of Acme S.p.A. in Freshdesk")
    expect(card.get_by_role("link", name="Create contact in Freshdesk")).to_have_count(0)
    card.get_by_role("button", name="Take the choice back").click()
    expect(card.get_by_role("heading")).to_have_text("Possibly Acme S.p.A.")
    assert [how for how, *_ in desk.service.picks] == ["PUT", "DELETE"]


def test_C05_who_is_chosen_after_the_call_is_shown_though_no_frame_comes_any_more(browser: Browser) -> None:
    page = Desk(browser).open(call("ended", who=SEVERAL[:2], ended_at=NOW + 60_000))
    page.get_by_role("button", name="Choose Anna Rossi for this number").click()
    expect(page.get_by_role("heading", name="Anna Rossi")).to_be_visible()


def test_C04_archived_and_blocked_are_said_in_words_on_card_row_and_result(browser: Browser) -> None:
    page = Desk(browser).open(call(who=SEVERAL))
    row = page.get_by_role("article").get_by_role("listitem").filter(has_text="Dino Bruni")
    expect(row).to_contain_text(re.compile(r"Archived\s+Blocked"))
    page.get_by_role("combobox").fill("mari")
    expect(page.get_by_role("option", name="Open the page of Mario Verdi Archived Blocked")).to_be_visible()
    page.get_by_role("button", name="Choose Dino Bruni for this number").click()
    expect(page.get_by_role("article")).to_contain_text(re.compile(r"Archived\s+Blocked"))


def test_C01_a_person_in_two_apps_has_one_strong_button_and_a_small_one_for_the_other(
    browser: Browser,
) -> None:
    desk = Desk(browser, embed=False)
    page = desk.open(call(who=[TWO_APPS]))
    card = page.get_by_role("article")
    note_pages(page)
    expect(card.get_by_role("heading")).to_have_text("Anna Rossi")
    expect(card.locator(".primary")).to_have_text("Open in Freshdesk")
    card.locator(".primary").click()
    card.get_by_role("link", name="Open in HubSpot").click()
    assert opened(page) == ["https://acme.example/contacts/1", "https://hub.example/7"]


def test_a_crowd_is_cut_until_it_is_asked_for(browser: Browser) -> None:
    page = Desk(browser).open(call(who=[contact(f"Person {n}") for n in range(8)]))
    rows = page.get_by_role("article").get_by_role("listitem")
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="Show all 8").click()
    expect(rows).to_have_count(8)


def test_a_call_that_is_over_has_no_strong_button_but_keeps_the_page(browser: Browser) -> None:
    page = Desk(browser).open(call("ended", ended_at=NOW + 60_000))
    expect(page.get_by_role("article").get_by_role("link", name="Open contact")).to_be_visible()
    expect(page.get_by_role("article").locator(".primary")).to_have_count(0)


def test_an_unknown_callers_number_can_be_copied_from_a_small_card_too(browser: Browser) -> None:
    unknown = call(who=[], id="pbx-c2", number="+390299", display="02 99", started_at=NOW - 3000)
    page = Desk(browser).open(call("held"), unknown)
    card = page.get_by_role("article").filter(has_text="02 99")
    expect(card.get_by_role("button", name="Copy +390299")).to_be_visible()


def test_C21_search_says_how_many_there_are_and_how_to_see_them(browser: Browser) -> None:
    page = Desk(browser).open()
    box = page.get_by_role("combobox")
    box.fill("mari")
    expect(page.get_by_text("5 of more than 1,000. Type more letters.")).to_be_visible()
    box.fill("marie")
    expect(page.get_by_text("3 of 37. Type more letters.")).to_be_visible()


def test_a_result_in_two_apps_opens_either_page_by_keyboard(browser: Browser) -> None:
    page = Desk(browser, embed=False).open()
    note_pages(page)
    box = page.get_by_role("combobox")
    box.fill("mari")
    second = page.get_by_role("option", name="Open in HubSpot: Maria Neri")
    expect(second).to_be_visible()
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    assert opened(page) == ["https://hub.example/7"]


def test_the_history_marks_who_is_archived_and_offers_each_page(browser: Browser) -> None:
    page = Desk(browser, embed=False).open()
    page.get_by_role("tab", name="History").click()
    row = page.get_by_role("tabpanel").get_by_role("listitem").first
    expect(row).to_contain_text("Archived")
    note_pages(page)
    row.get_by_role("link", name="Open in HubSpot: Anna Rossi").click()
    row.get_by_role("link", name="Anna Rossi", exact=True).click()
    assert opened(page) == ["https://hub.example/7", "https://acme.example/contacts/1"]
