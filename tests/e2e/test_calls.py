"""From a ring at the simulated PBX to the contact's page, in a real browser with its popup blocker on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.conftest import Demo
from e2e.desks import in_crm, in_own_tab, path_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

ADA = "+442079460018"


def contact_of(demo: Demo, extension: str, number: str) -> dict[str, Any]:
    with demo.api(extension) as api:
        found = api.get("/api/lookup", params={"number": number}).json()
    assert len(found["sure"]) == 1, found
    item: dict[str, Any] = found["sure"][0]
    return item


def test_C01_C12_a_call_shows_the_right_contact_at_the_right_agent_only(browser: Any, quiet: Demo) -> None:
    luca, mia = in_crm(browser, quiet), in_own_tab(browser, quiet, "202")
    ada = contact_of(quiet, "201", ADA)
    quiet.ring(ADA, "201")
    card = luca.card(ada["name"])
    expect(card).to_have_count(1)
    expect(card.get_by_role("heading")).to_have_text(ada["name"])
    expect(card).to_contain_text(ada["company"])
    expect(card).to_contain_text("020 7946 0018")
    expect(card).to_contain_text("Incoming")
    # What comes to Mia after it shows that her desk hears, and that it heard nothing of Ada.
    quiet.ring("anonymous", "202")
    expect(mia.card("Number withheld")).to_have_count(1)
    expect(mia.cards()).to_have_count(1)
    luca.close()
    mia.close()


def test_its_button_lands_on_that_contacts_page_and_the_popup_stays(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    quiet.ring(ADA, "201")
    luca.card(ada["name"]).get_by_text("Open contact").click()
    luca.page.wait_for_url(ada["page_url"])
    expect(luca.page.get_by_role("heading", name=ada["name"], level=1)).to_be_visible()
    expect(luca.card(ada["name"])).to_have_count(1)
    luca.close()


def test_answer_and_hang_up_are_followed(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    call = quiet.ring(ADA, "201")
    expect(luca.card(ada["name"])).to_contain_text("Incoming")
    quiet.steer(call, "answer")
    expect(luca.card(ada["name"])).to_contain_text("Talking")
    quiet.steer(call, "hangup")
    expect(luca.card(ada["name"])).to_contain_text("Ended")
    luca.close()


def test_a_missed_call_is_told_and_stands_in_the_history(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    call = quiet.ring(ADA, "201")
    expect(luca.card(ada["name"])).to_contain_text("Incoming")
    quiet.steer(call, "hangup")
    expect(luca.card(ada["name"])).to_contain_text("Missed")
    luca.tab("History")
    row = luca.desk.get_by_role("tabpanel").get_by_role("listitem").first
    expect(row).to_contain_text(ada["name"])
    expect(row).to_contain_text("Missed")
    luca.close()


def test_C13_a_queue_rings_all_and_closes_for_those_who_did_not_answer(browser: Any, quiet: Demo) -> None:
    luca, mia = in_crm(browser, quiet), in_own_tab(browser, quiet, "202")
    ada = contact_of(quiet, "201", ADA)
    call = quiet.ring(ADA, ["201", "202"], queue="Support")
    for at in (luca, mia):
        expect(at.card(ada["name"])).to_contain_text("From queue Support")
    quiet.steer(call, "answer", by="202")
    expect(mia.card(ada["name"])).to_contain_text("Talking")
    expect(luca.card(ada["name"])).to_contain_text(re.compile("Answered by Mia"))
    luca.close()
    mia.close()


def test_C05_a_withheld_caller_is_nobody(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    call = quiet.ring("anonymous", "201")
    card = luca.card("Number withheld")
    expect(card).to_have_count(1)
    # A state further on, whatever a lookup could have brought has come.
    quiet.steer(call, "answer")
    expect(card).to_contain_text("Talking")
    expect(card.get_by_text("Open contact")).to_have_count(0)
    expect(card.get_by_text("Create contact")).to_have_count(0)
    luca.close()


def test_an_unknown_caller_can_be_made_a_contact_with_the_number_filled_in(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    quiet.ring("+442079460991", "201")
    luca.card("020 7946 0991").get_by_text("Create contact").click()
    luca.page.wait_for_url(re.compile("/a/contacts/new"))
    expect(luca.page.get_by_label("Work phone")).to_have_value(re.compile("7946 ?0991"))
    luca.close()


def test_C07_a_reload_in_mid_call_brings_the_popup_back(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    call = quiet.ring(ADA, "201")
    quiet.steer(call, "answer")
    expect(luca.card(ada["name"])).to_contain_text("Talking")
    luca.page.reload()
    expect(luca.card(ada["name"])).to_contain_text("Talking")
    luca.close()


def test_K01_a_caller_name_of_markup_and_bidi_marks_stays_text(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    dialogs: list[str] = []

    def note(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    luca.page.on("dialog", note)
    hostile = "\u202e<img src=x onerror=alert(1)>\u2066 <script>alert(2)</script>"
    call = quiet.ring("+442079460992", "201", name=hostile)
    card = luca.card("020 7946 0992")
    expect(card).to_contain_text("<img src=x onerror=alert(1)>")
    # Drawn a second time: what the first drawing set off has happened by then.
    quiet.steer(call, "answer")
    expect(card).to_contain_text("Talking")
    assert card.locator("img, script").count() == 0
    shown = card.inner_text()
    assert not set(shown) & {"\u202e", "\u2066", "\u2069", "\u202c"}
    assert dialogs == []
    luca.close()


def test_C14_two_calls_are_two_rows_each_with_its_own_state(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    first = quiet.ring(ADA, "201")
    quiet.steer(first, "answer")
    expect(luca.card(ada["name"])).to_contain_text("Talking")
    quiet.ring("+442079460993", "201")
    expect(luca.cards()).to_have_count(2)
    expect(luca.card("020 7946 0993")).to_contain_text("Incoming")
    expect(luca.card(ada["name"])).to_contain_text("Talking")
    luca.close()


def test_F01_with_the_desk_in_twelve_tabs_one_of_them_opens_the_page(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet)
    ada = contact_of(quiet, "201", ADA)
    with quiet.api("201") as api:
        api.patch("/api/me", json={"open_page": "ring"}).raise_for_status()
    try:
        pages = [luca.page]
        for _ in range(11):
            page = luca.context.new_page()
            page.goto(f"{quiet.crm}/a/tickets")
            expect(page.frame_locator("iframe").get_by_text("Luca Agent")).to_be_visible(timeout=20_000)
            pages.append(page)
        call = quiet.ring(ADA, "201")
        for page in pages:
            expect(page.frame_locator("iframe").get_by_role("article")).to_have_count(1)
        pages[-1].wait_for_url(ada["page_url"])
        # Every tab has gone on to the call's next state: one that was to open the page has done so.
        quiet.steer(call, "answer")
        for page in pages:
            expect(page.frame_locator("iframe").get_by_role("article")).to_contain_text("Talking")
        assert [path_of(page) for page in pages[:-1]] == ["/a/contacts"] + ["/a/tickets"] * 10
    finally:
        with quiet.api("201") as api:
            api.patch("/api/me", json={"open_page": "click"}).raise_for_status()
    luca.close()
