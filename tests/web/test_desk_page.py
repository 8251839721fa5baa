"""The built desk in Chromium, by itself: what a person does at it. The service is played (`played.py`)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from waiting import eventually
from web.played import Desk, call, contact

pytestmark = pytest.mark.browser


def test_search_by_keyboard_dials_the_chosen_number(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    box = page.get_by_role("combobox")
    box.fill("ros")
    expect(page.get_by_text("3 of 37")).to_be_visible()
    for _ in range(3):
        box.press("ArrowDown")
    box.press("Enter")
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert [(d["number"], d["origin"]) for d in desk.service.dials] == [("+393331234567", "search")]
    box.press("Escape")
    expect(box).to_have_value("")


def test_E12_the_dialpad_dials_what_it_shows_and_codes_too(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    for key in ("*", "7", "2", "#"):
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("Number to dial")).to_have_value("*72#")
    page.get_by_label("Number to dial").press("Enter")
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert [(d["number"], d["origin"]) for d in desk.service.dials] == [("*72#", "dialpad")]


def test_C8_a_question_is_asked_before_a_costly_call_and_answered_once(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    page.get_by_label("Number to dial").fill("+44 7700 900123")
    page.get_by_label("Number to dial").press("Enter")
    expect(page.get_by_text("United Kingdom, mobile rate")).to_be_visible()
    page.get_by_role("button", name="Call anyway").dblclick()
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert [d.get("confirm", False) for d in desk.service.dials] == [False, True]
    assert desk.service.dials[0]["key"] != desk.service.dials[1]["key"]


def test_a_refusal_says_what_to_do(browser: Browser) -> None:
    page = Desk(browser).open()
    page.get_by_label("Number to dial").fill("+979 123")
    page.get_by_label("Number to dial").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Ask an administrator.")).to_be_visible()


def test_a_page_of_its_own_opens_contacts_in_one_named_tab_after_one_click(browser: Browser) -> None:
    desk = Desk(browser, embed=False, agent={"open_page": "ring"})
    page = desk.open()
    page.context.route("https://acme.example/**", lambda route: route.fulfill(body="the contact"))
    page.get_by_role("button", name="Settings", exact=True).click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Open CRM tab").click()
    desk.service.send(call())
    opened.value.wait_for_url("https://acme.example/contacts/1")
    assert len(page.context.pages) == 2


def test_a_browser_that_refuses_the_tab_leaves_a_button_and_the_way_to_allow_it(browser: Browser) -> None:
    desk = Desk(browser, embed=False, agent={"open_page": "ring"})
    # The driver hands over each socket frame as if it were a click, so the refusal is played here.
    desk.page.add_init_script("""
        const open = window.open;
        let clicked = false;
        addEventListener("click", () => { clicked = true; setTimeout(() => { clicked = false; }); }, true);
        window.open = (...all) => clicked ? open.apply(window, all) : null;
    """)
    page = desk.open()
    desk.service.send(call())
    expect(page.get_by_text("allow pop-ups for this address")).to_be_visible()
    page.context.route("https://acme.example/**", lambda route: route.fulfill(body="the contact"))
    with page.expect_popup() as opened:
        page.locator(".notice").get_by_role("button", name="Open contact").click()
    opened.value.wait_for_url("https://acme.example/contacts/1")


def test_a_hidden_desk_notifies_and_the_click_opens_the_page(browser: Browser) -> None:
    desk = Desk(browser, embed=False)
    desk.page.add_init_script("""
        window.shown = [];
        window.Notification = class {
          static permission = "granted";
          constructor(title, options) {
            Object.assign(this, {title, ...options, closed: false});
            shown.push(this);
          }
          close() { this.closed = true; }
        };
        Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    """)
    page = desk.open()
    page.context.route("https://acme.example/**", lambda route: route.fulfill(body="the contact"))
    desk.service.send(call(queue="Support"))
    page.wait_for_function("shown.length === 1")
    note = page.evaluate("({title: shown[0].title, body: shown[0].body, tag: shown[0].tag})")
    assert note == {
        "title": "Anna Rossi",
        "body": "Incoming call · Acme S.p.A. · From queue Support",
        "tag": "linedesk-pbx-c1",
    }
    expect(page).to_have_title("● Incoming call")
    page.evaluate("window.opened = []; window.open = (url) => { opened.push(url); return window; }; 0")
    page.evaluate("shown[0].onclick()")
    assert page.evaluate("opened") == ["https://acme.example/contacts/1"]
    desk.service.send(call("ended"))
    page.wait_for_function("shown[0].closed")
    expect(page).to_have_title("Linedesk")


def test_settings_change_when_pages_open(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_label("When I answer").check()
    eventually(lambda: desk.service.agent["open_page"], "answer", pause=lambda: page.wait_for_timeout(20))
    expect(
        page.get_by_text("Browsers allow no notifications from a desk inside another page")
    ).to_be_visible()


def test_C7_a_cut_socket_comes_back_with_the_whole_truth(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open(call())
    expect(page.get_by_role("heading", name="Anna Rossi")).to_be_visible()
    desk.service.calls = [call("talking", [contact("Bruno Neri")], id="pbx-c9")]
    desk.service.sockets[0].close(code=4003)
    expect(page.get_by_role("heading", name="Bruno Neri")).to_be_visible()
    expect(page.get_by_role("heading", name="Anna Rossi")).to_have_count(0)


def test_ringing_steals_no_focus_and_is_said_to_screen_readers(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    page.get_by_label("Number to dial").fill("02")
    desk.service.send(call())
    expect(
        page.get_by_role("alert").filter(has_text="Anna Rossi. Incoming call · Acme S.p.A.")
    ).to_have_count(1)
    page.keyboard.type("7")
    expect(page.get_by_label("Number to dial")).to_have_value("027")


def test_a_revoked_token_is_replaced_by_the_cookie_before_anybody_is_asked_to_sign_in(
    browser: Browser,
) -> None:
    desk = Desk(browser)
    page = desk.open(call())
    prompts = (
        "window.prompts = 0; new MutationObserver(() => { if (document.querySelector('ld-desk').shadowRoot"
    )
    prompts += (
        ".querySelector('ld-sign-in')) prompts += 1 }).observe(document.querySelector('ld-desk').shadowRoot,"
    )
    page.evaluate(prompts + " { subtree: true, childList: true }); 0")
    desk.service.calls = [call("talking", [contact("Bruno Neri")], id="pbx-c9")]
    desk.service.sockets[0].close(code=4005)
    expect(page.get_by_role("heading", name="Bruno Neri")).to_be_visible()
    assert (len(desk.service.sockets), page.evaluate("prompts")) == (2, 0)


def test_a_revoked_token_without_a_cookie_leads_to_the_sign_in(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open(call())
    desk.service.signed_in = False
    desk.service.sockets[0].close(code=4005)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("heading", name="Anna Rossi")).to_have_count(0)


def test_K02_another_person_on_the_same_desk_sees_nothing_of_the_one_before(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    page.get_by_role("combobox").fill("ros")
    expect(page.get_by_text("3 of 37")).to_be_visible()
    page.get_by_role("tab", name="Colleagues").click()
    expect(page.get_by_text("Luca Ferrari")).to_be_visible()
    desk.service.paths["/api/colleagues"] = lambda _request: (
        200,
        {"items": [{"extension": "9", "name": "Noa"}]},
    )
    desk.service.agent |= {"id": "a2", "name": "Luca Agent"}
    desk.service.sockets[0].close(code=4005)
    expect(page.get_by_text("Luca Agent")).to_be_visible()
    expect(page.get_by_role("combobox")).to_have_value("")
    expect(page.get_by_text("Noa")).to_be_visible()
    expect(page.get_by_text("Luca Ferrari")).to_have_count(0)
