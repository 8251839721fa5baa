"""Signing in and out: the page, the widget's window, cookies, codes and tokens."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.server.sign_in import own_path
from server.browser import Browser, Got
from server.house import LUCA, MIA, PASSWORD, House

CREDENTIALS = {"user": "luca", "password": PASSWORD}


def boot_of(page: Got) -> dict[str, str]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text)
    assert found
    document = json.loads(found[1])
    assert isinstance(document, dict)
    return document


async def signed_in(house: House) -> Browser:
    browser = Browser(house)
    assert (await browser.post("/sign-in", data=CREDENTIALS)).status == 303
    return browser


async def test_sign_in_sets_the_session_cookie_and_goes_on(house: House) -> None:
    browser = Browser(house)
    page = await browser.get("/sign-in?next=/open?number=1")
    assert page.status == 200
    assert page.field("next") == "/open?number=1"
    answer = await browser.post("/sign-in", data={**CREDENTIALS, "next": page.field("next")})
    assert (answer.status, answer.headers["Location"]) == (303, "/open?number=1")
    [line] = answer.set_cookies
    assert line.startswith("__Host-linedesk=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(line.split("; "))
    assert "Domain" not in line
    assert (await browser.get("/agent")).status == 200


async def test_a_form_of_a_page_that_sends_no_referrer_is_ours_by_fetch_site(house: House) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await Browser(house).post("/sign-in", data=CREDENTIALS, headers=headers)).status == 303
    headers["Sec-Fetch-Site"] = "cross-site"
    assert (await Browser(house).post("/sign-in", data=CREDENTIALS, headers=headers)).status == 403


async def test_a_wrong_password_shows_the_form_again_and_sets_nothing(house: House) -> None:
    answer = await Browser(house).post("/sign-in", data={"user": '"><b>x', "password": "no"})
    assert answer.status == 401
    assert answer.set_cookies == []
    assert "<b>x" not in answer.text
    assert "The user name or the password is wrong." in answer.text


async def test_a_new_sign_in_gets_a_new_session_and_ends_the_old_one(house: House) -> None:
    browser = await signed_in(house)
    before = dict(browser.cookies)
    await browser.post("/sign-in", data=CREDENTIALS)
    assert browser.cookies != before
    assert (await Browser(house, cookies=before).get("/agent")).status == 302


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil",
        "",
        None,
        "agent",
    ],
)
def test_next_never_leads_to_another_site(text: str | None) -> None:
    assert own_path(text) == "/agent"


@given(st.text(alphabet="/\\:@.aeh\t\n ?#%", max_size=12))
def test_next_is_always_one_path_of_our_own(text: str) -> None:
    path = own_path(text)
    assert path.startswith("/")
    assert path[1:2] not in {"/", "\\"}
    assert path.isprintable()


async def test_a_page_without_a_session_asks_to_sign_in_and_comes_back(house: House) -> None:
    answer = await Browser(house).get("/open?number=%2B390212345678")
    assert answer.status == 302
    assert answer.headers["Location"] == "/sign-in?next=%2Fopen%3Fnumber%3D%252B390212345678"


async def test_the_session_gives_tokens_that_end_with_it(house: House) -> None:
    browser = await signed_in(house)
    answer = await browser.post("/agent/token")
    assert answer.status == 200
    assert (await house.tokens.verify(answer.json["token"])).agent_id == LUCA.id
    assert (await browser.post("/sign-out")).status == 204
    assert browser.cookies == {}
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    assert (await Browser(house).get("/api/me", headers=headers)).status == 401
    assert (await browser.post("/agent/token")).status == 401


async def test_sign_out_from_a_form_leads_to_the_sign_in_page(house: House) -> None:
    browser = await signed_in(house)
    answer = await browser.post("/sign-out", data={"any": "thing"})
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.cookies == {}


async def test_a_code_becomes_the_cookie_and_the_tokens_of_one_slot(house: House) -> None:
    widget = Browser(house)
    code, _ = await house.tokens.mint_code(MIA.id)
    answer = await widget.post("/agent/frame", json={"code": code, "slot": "mia"})
    assert answer.status == 200
    [line] = answer.set_cookies
    assert line.startswith("__Host-linedesk-frame-mia=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(line.split("; "))
    assert (await house.tokens.verify(answer.json["token"])).agent_id == MIA.id
    fresh = await widget.post("/agent/token", json={"slot": "mia"})
    assert (await house.tokens.verify(fresh.json["token"])).agent_id == MIA.id
    assert (await widget.post("/agent/token", json={"slot": "main"})).status == 401
    assert (await widget.post("/agent/token")).status == 401, "a frame's cookie is no session"
    assert (await widget.post("/agent/frame", json={"code": code, "slot": "mia"})).status == 401


async def test_a_frames_cookie_opens_no_page(house: House) -> None:
    widget = Browser(house)
    code, _ = await house.tokens.mint_code(MIA.id)
    await widget.post("/agent/frame", json={"code": code})
    stolen = Browser(house, cookies={"__Host-linedesk": widget.cookies["__Host-linedesk-frame-main"]})
    assert (await stolen.get("/agent")).status == 302


async def test_signing_out_of_a_slot_leaves_the_others(house: House) -> None:
    browser = await signed_in(house)
    for slot in ("a", "b"):
        code, _ = await house.tokens.mint_code(LUCA.id)
        await browser.post("/agent/frame", json={"code": code, "slot": slot})
    assert (await browser.post("/sign-out", json={"slot": "a"})).status == 204
    assert set(browser.cookies) == {"__Host-linedesk", "__Host-linedesk-frame-b"}
    assert (await browser.post("/agent/token", json={"slot": "b"})).status == 200
    assert (await browser.post("/agent/token", json={"slot": "a"})).status == 401


@pytest.mark.parametrize("slot", ["", "A", "a b", "x" * 17, "../x", "a;b"])
async def test_a_slots_name_is_checked_everywhere(house: House, slot: str) -> None:
    browser = Browser(house)
    assert (await browser.get("/agent", params={"embed": "1", "slot": slot})).status == 400
    for path in ("/agent/token", "/sign-out"):
        assert (await browser.post(path, json={"slot": slot})).status == 400
    assert (await browser.post("/agent/frame", json={"code": "c", "slot": slot})).status == 400


async def test_the_widgets_window_hands_over_a_code_of_that_slot(house: House) -> None:
    browser = Browser(house)
    page = await browser.get("/sign-in?widget=1&slot=mia")
    form = {"widget": page.field("widget"), "slot": page.field("slot"), **CREDENTIALS}
    answer = await browser.post("/sign-in", data=form)
    assert answer.status == 200
    boot = boot_of(answer)
    assert boot["slot"] == "mia"
    assert (await house.tokens.take_code(boot["code"])).agent_id == LUCA.id
    assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none", "the frame must be reached"
    assert "__Host-linedesk" in browser.cookies


async def test_the_widgets_window_goes_on_with_the_session_there_is(house: House) -> None:
    browser = await signed_in(house)
    page = await browser.get("/sign-in?widget=1&slot=main")
    assert "Continue as Luca Rossi" in page.text
    form = {name: page.field(name) for name in ("widget", "slot", "continue", "csrf")}
    answer = await browser.post("/sign-in", data=form)
    assert (await house.tokens.take_code(boot_of(answer)["code"])).agent_id == LUCA.id
    forged = await browser.post("/sign-in", data={**form, "csrf": "guess"})
    assert forged.status == 403
    assert 'id="boot"' not in forged.text


async def test_another_agent_in_a_widget_does_not_take_over_the_browser(house: House) -> None:
    browser = await signed_in(house)
    before = dict(browser.cookies)
    page = await browser.get("/sign-in?widget=1&slot=mia&other=1")
    form = {"widget": "1", "slot": page.field("slot"), "user": "mia", "password": PASSWORD}
    answer = await browser.post("/sign-in", data=form)
    assert (await house.tokens.take_code(boot_of(answer)["code"])).agent_id == MIA.id
    assert browser.cookies == before


async def test_a_session_that_was_idle_too_long_has_ended(house: House) -> None:
    browser = await signed_in(house)
    house.clock.advance(121 * 60)
    assert (await browser.post("/agent/token")).status == 401


async def framed(browser: Browser, code: str, slot: str = "main") -> int:
    """Enter the frame with a code; the status of the frame's own token afterwards."""
    entered = await browser.post("/agent/frame", json={"code": code, "slot": slot})
    assert entered.status == 200
    return await still_in(browser, slot)


async def still_in(browser: Browser, slot: str = "main") -> int:
    return (await browser.post("/agent/token", json={"slot": slot})).status


@pytest.mark.parametrize("signed_in_before", [True, False])
async def test_signing_out_of_the_browser_ends_the_widgets_that_it_signed_in(
    house: House, signed_in_before: bool
) -> None:
    browser = await signed_in(house) if signed_in_before else Browser(house)
    page = await browser.get("/sign-in?widget=1&slot=main")
    if signed_in_before:
        form = {name: page.field(name) for name in ("widget", "slot", "continue", "csrf")}
    else:
        form = {"widget": "1", "slot": "main", **CREDENTIALS}
    code = boot_of(await browser.post("/sign-in", data=form))["code"]
    assert await framed(browser, code) == 200
    other, _ = await house.tokens.mint_code(MIA.id)
    assert await framed(browser, other, "mia") == 200
    assert (await browser.post("/sign-out")).status == 204
    assert await still_in(browser) == 401
    assert await still_in(browser, "mia") == 200, "Mia's widget came from elsewhere"


async def test_ending_a_token_ends_the_widget_that_its_code_signed_in(house: House) -> None:
    headers, browser = await house.bearer(), Browser(house)
    async with house.http.post(f"{house.base}/api/session/code", headers=headers) as answer:
        code = (await answer.json())["code"]
    assert await framed(browser, code) == 200
    async with house.http.delete(f"{house.base}/api/session", headers=headers) as answer:
        assert answer.status == 204
    assert await still_in(browser) == 401
