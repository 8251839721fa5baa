"""The built loader and desk in Chromium, in a page of another site (`widget_page.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from web.played import NOW, ORIGIN, call, contact
from web.widget_page import CRM, SCRIPT, Crm, fresh_context

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = fresh_context(browser)
    yield context
    context.close()


def test_E08_a_click_inside_a_tel_link_dials_its_number(
    context: BrowserContext,
) -> None:
    crm = Crm(context).open()
    crm.page.locator("#a font").click()
    assert crm.settled() == ["+390211111111"]
    assert crm.service.dials[0]["origin"] == "page"
    assert crm.page.evaluate("natural") == [True]
    assert crm.problems == []


def test_E01_a_double_click_and_a_script_included_twice_dial_once(context: BrowserContext) -> None:
    crm = Crm(context, SCRIPT + SCRIPT).open()
    assert crm.page.locator("body > div").count() == 1
    crm.page.locator("#b").dblclick()
    assert crm.settled() == ["+390222222222"]


def test_E02_each_click_dials_the_number_of_what_was_clicked(context: BrowserContext) -> None:
    crm = Crm(context).open()
    for number, target in enumerate(("#a", "#b", "#button")):
        crm.page.locator(target).click()
        crm.eventually(lambda: len(crm.heard("dial-result")), number + 1)
    assert crm.dialled == ["+390211111111", "+390222222222", "0233333333"]
    assert len({dial["key"] for dial in crm.service.dials}) == 3


def test_E09_E10_a_later_link_works_and_the_host_page_is_unchanged(
    context: BrowserContext,
) -> None:
    crm = Crm(context).open()
    assert (
        crm.page.locator("#a")
        .evaluate("e => e.outerHTML")
        .startswith('<a id="a" href="tel:+39-02-1111-1111"><u>')
    )
    crm.page.evaluate("""() => {
        const host = document.body.appendChild(document.createElement("section"));
        host.attachShadow({mode: "open"}).innerHTML = '<a id="late" href="tel:+390244444444">late</a>';
    }""")
    crm.page.locator("#late").click()
    assert crm.settled() == ["+390244444444"]


def test_E13_a_tel_link_stays_a_plain_link_while_nobody_is_signed_in(context: BrowserContext) -> None:
    crm = Crm(context, signed_in=False).open(live=False)
    expect(crm.frame.get_by_role("button", name="Sign in")).to_be_visible()
    crm.page.locator("#a").click()
    assert crm.page.evaluate("natural") == [False]
    crm.page.evaluate("linedesk.signIn('one-time')")
    assert crm.settled() == []


def test_E13_a_tel_link_stays_a_plain_link_when_the_desk_does_not_come(context: BrowserContext) -> None:
    crm = Crm(context)
    context.route(f"{ORIGIN}/agent**", lambda route: route.abort())
    crm.open(live=False)
    crm.page.locator("#a").click()
    assert (crm.dialled, crm.page.evaluate("natural")) == ([], [False])


def test_a_feature_code_on_a_page_is_never_dialled_by_us(context: BrowserContext) -> None:
    crm = Crm(context).open()
    crm.page.locator("#code").click()
    answer = crm.page.evaluate("linedesk.dial('*21*0212345678#')")
    assert (crm.settled(), answer["ok"]) == ([], False)


def test_K07_a_page_that_is_not_on_the_list_gets_no_channel(context: BrowserContext) -> None:
    context.clock.install()
    crm = Crm(context, origins=(f"{CRM}.evil.test",)).open(channel=False)
    crm.page.evaluate("window.answer = null; linedesk.dial('+390211111111').then((it) => { answer = it })")
    context.clock.fast_forward(10_000)
    crm.eventually(lambda: crm.page.evaluate("answer?.ok"), wanted=False)
    assert (crm.dialled, crm.page.evaluate("heard")) == ([], [])


def test_a_rule_opens_the_page_in_the_opener(context: BrowserContext) -> None:
    crm = Crm(context, agent={"open_page": "ring"}).open()
    crm.service.send(call(who=[contact("Anna Rossi", page_url=f"{CRM}/contacts/1")]))
    crm.page.wait_for_url(f"{CRM}/contacts/1")


def test_a_rule_never_leaves_a_form_that_was_edited_but_a_click_does(context: BrowserContext) -> None:
    crm = Crm(context, agent={"open_page": "ring"}).open()
    crm.page.locator("#field").press_sequentially("half a note")
    crm.service.send(call(who=[contact("Anna Rossi", page_url=f"{CRM}/contacts/1")]))
    expect(crm.frame.get_by_text("not saved yet")).to_be_visible()
    assert crm.page.url == f"{CRM}/tickets/7"
    assert crm.page.evaluate("document.activeElement.id") == "field"
    crm.frame.get_by_role("link", name="Open contact").click()
    crm.page.wait_for_url(f"{CRM}/contacts/1")


def test_after_sending_the_form_a_rule_may_open_again(context: BrowserContext) -> None:
    crm = Crm(context, agent={"open_page": "ring"}).open()
    crm.page.locator("#field").press_sequentially("a note")
    crm.page.locator("#field").press("Enter")
    crm.service.send(call(who=[contact("Anna Rossi", page_url=f"{CRM}/contacts/1")]))
    crm.page.wait_for_url(f"{CRM}/contacts/1")


def test_C7_the_page_that_a_rule_opened_does_not_open_again(context: BrowserContext) -> None:
    ringing = call(who=[contact("Anna Rossi", page_url=f"{CRM}/contacts/1")])
    crm = Crm(context, agent={"open_page": "ring"}).open(ringing)
    expect(crm.frame.get_by_role("heading", name="Anna Rossi")).to_be_visible()
    crm.service.send(ringing | {"state": "talking", "answered_at": NOW})
    expect(crm.frame.get_by_text("Talking")).to_be_visible()
    # The answer to a dial comes after whatever the call's frame made the desk say.
    assert crm.settled() == []
    assert crm.heard("open-page") == []
    assert crm.page.url == f"{CRM}/tickets/7"


def test_the_title_tells_of_the_call_without_naming_anyone(context: BrowserContext) -> None:
    crm = Crm(context).open()
    crm.service.send(call())
    expect(crm.page).to_have_title("Incoming call – Ticket 7")
    crm.service.send(call("missed"))
    expect(crm.page).to_have_title("Ticket 7")


def test_the_pill_is_56_px_high_and_grows_with_a_live_call(context: BrowserContext) -> None:
    crm = Crm(context).open()
    crm.grows_to(360, 560)
    crm.frame.get_by_role("button", name="Make small").click()
    crm.grows_to(56, 56)
    crm.service.send(call())
    expect(crm.frame.get_by_text("Anna Rossi", exact=True)).to_be_visible()
    crm.grows_to(264, 56)
    crm.frame.get_by_role("button", name="Anna Rossi").click()
    expect(crm.frame.get_by_role("link", name="Open contact")).to_be_visible()


def test_the_edge_resizes_by_mouse_and_by_keys(context: BrowserContext) -> None:
    crm = Crm(context).open()
    crm.grows_to(360, 560)
    left, top, width, _ = crm.box()
    crm.page.mouse.move(left + 2, top + 300)
    crm.page.mouse.down()
    crm.page.mouse.move(left - 78, top + 300, steps=4)
    crm.page.mouse.up()
    crm.eventually(lambda: crm.box()[2], pytest.approx(width + 80, abs=4))
    crm.frame.get_by_role("separator", name="Width of the desk").press("ArrowRight")
    crm.eventually(lambda: crm.box()[2], pytest.approx(width + 60, abs=4))


def test_a_page_may_sign_its_agent_in_with_a_code(context: BrowserContext) -> None:
    crm = Crm(context, signed_in=False).open(live=False)
    expect(crm.frame.get_by_role("button", name="Sign in")).to_be_visible()
    crm.page.evaluate("linedesk.signIn('one-time')")
    expect(crm.frame.get_by_text("Mia Conti").first).to_be_visible()


def test_the_sign_in_window_hands_its_code_to_the_frame(context: BrowserContext) -> None:
    crm = Crm(context, signed_in=False)
    context.route(
        f"{ORIGIN}/sign-in?**",
        lambda route: route.fulfill(
            content_type="text/html",
            body="<script>opener.postMessage({linedesk: 1, type: 'code', code: 'one-time', slot: 'main'},"
            " location.origin); close()</script>",
        ),
    )
    crm.open(live=False)
    crm.frame.get_by_role("button", name="Sign in").click()
    expect(crm.frame.get_by_text("Mia Conti").first).to_be_visible()


def test_the_page_can_open_the_search(context: BrowserContext) -> None:
    crm = Crm(context).open()
    crm.page.evaluate("linedesk.search('ros')")
    expect(crm.frame.get_by_role("option", name="Call Anna Rossi, 02 1234 5678 Work")).to_be_visible()


def test_K01_markup_and_bidi_marks_of_a_caller_stay_text(context: BrowserContext) -> None:
    evil = "<img src=x onerror=document.title='owned'>\u202eexe"
    row_call = call(who=[contact(evil, evil, reason=evil)], queue=evil, network_name=evil, display=evil)
    crm = Crm(context).open(row_call)
    expect(
        crm.frame.get_by_role("heading", name="<img src=x onerror=document.title='owned'>exe")
    ).to_be_visible()
    assert crm.frame.locator("img").count() == 0
    assert crm.page.title() == "Incoming call – Ticket 7"
    assert crm.problems == []
