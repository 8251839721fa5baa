"""Signing in with Wildix: off to the PBX and back, and every way in which it is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from linedesk.accounts.model import OAuthClient, PbxAccount
from linedesk.agents.model import Role
from linedesk.agents.wildix_sign_in import Back, WildixSignIn, agent_for
from linedesk.clock import ManualClock
from linedesk.errors import Forbidden, NotSignedIn
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import Me
from server.browser import Browser
from server.house import LUCA, MIA
from server.test_sign_in import boot_of
from server.wildix_house import DONE, WildixHouse, wildix_house


@pytest.fixture
async def wildix(tmp_path: Path) -> AsyncIterator[WildixHouse]:
    async with wildix_house(tmp_path) as running:
        yield running


async def signed_in_as(browser: Browser) -> str:
    token = (await browser.post("/agent/token")).json["token"]
    me = await browser.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    return str(me.json["id"])


async def test_the_sign_in_page_leads_to_the_pbx_and_back_to_where_the_person_was(
    wildix: WildixHouse,
) -> None:
    browser = Browser(wildix.house)
    page = await browser.get("/sign-in?next=/open?number=1")
    assert "/sign-in/wildix?account=office&amp;next=%2Fopen%3Fnumber%3D1" in page.text
    asked = await wildix.leave(browser, "?account=office&next=%2Fopen%3Fnumber%3D1")
    assert asked["redirect_uri"] == wildix.house.base + DONE
    done = await browser.get(await wildix.consent(asked))
    assert (done.status, done.headers["Location"]) == (303, "/open?number=1")
    assert await signed_in_as(browser) == LUCA.id
    [grant] = await wildix.stored()
    assert (grant.agent_id, grant.account) == (LUCA.id, "office")
    assert not any(token.encode() in grant.sealed for token in wildix.pbx.state.tokens)


async def test_the_attempt_is_bound_by_a_cookie_that_only_this_host_sees(wildix: WildixHouse) -> None:
    answer = await Browser(wildix.house).get("/sign-in/wildix")
    [line] = answer.set_cookies
    parts = set(line.split("; "))
    assert line.startswith("__Host-linedesk-wildix=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"} <= parts


async def test_a_state_is_good_once(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    path = await wildix.consent(await wildix.leave(browser))
    assert (await browser.get(path)).status == 303
    again = await browser.get(path)
    assert again.status == 401
    assert "used already" in again.text
    assert again.set_cookies == []


async def test_a_code_is_good_once(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    path = await wildix.consent(await wildix.leave(browser))
    await browser.get(path)
    code = path.partition("code=")[2].partition("&")[0]
    state = (await wildix.leave(browser))["state"]
    stranger = await browser.get(f"{DONE}?code={code}&state={state}")
    assert stranger.status == 401
    assert "refused the sign-in" in stranger.text


async def test_a_state_of_another_browser_signs_nobody_in_and_stays_good_for_its_own(
    wildix: WildixHouse,
) -> None:
    mine, other = Browser(wildix.house), Browser(wildix.house)
    path = await wildix.consent(await wildix.leave(mine))
    await wildix.leave(other)
    for thief in (other, Browser(wildix.house)):
        answer = await thief.get(path)
        assert answer.status == 401
        assert "another browser" in answer.text
        assert "__Host-linedesk" not in thief.cookies
    assert (await mine.get(path)).status == 303


def test_bytes_that_are_no_text_are_a_wrong_secret() -> None:
    office = PbxAccount(
        "office", "https://pbx.example", NumberPlan("IT"), sign_in=OAuthClient("id", "secret")
    )
    unused: Any = None
    sign_in = WildixSignIn(
        ManualClock(), unused, accounts=lambda: [office], agents=list, grant_for=unused, open_client=unused
    )
    begun = sign_in.begin("office", f"https://desk.example{DONE}", Back("/agent"), None, "192.0.2.1")
    state = parse_qs(urlsplit(begun.url).query)["state"][0]
    for wrong in ((state, "\udcff"), ("\udcff", begun.browser)):
        with pytest.raises(NotSignedIn):
            sign_in.take(*wrong)
    assert sign_in.take(state, begun.browser).account == "office"


async def test_a_state_is_good_for_ten_minutes(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    late, in_time = await wildix.leave(browser), await wildix.leave(browser)
    wildix.house.clock.advance(599)
    path, other = await wildix.consent(in_time), await wildix.consent(late)
    assert (await browser.get(path)).status == 303
    wildix.house.clock.advance(2)
    assert (await browser.get(other)).status == 401


async def test_an_invented_state_is_refused(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    await wildix.leave(browser)
    assert (await browser.get(f"{DONE}?code=x&state=y")).status == 401
    assert (await browser.get(DONE)).status == 401


@pytest.mark.parametrize(
    "text", ["https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:1"]
)
async def test_next_never_leads_to_another_site(wildix: WildixHouse, text: str) -> None:
    done = await wildix.sign_in(Browser(wildix.house), query=f"?account=office&next={text}")
    assert done.headers["Location"] == "/agent"


async def test_a_person_who_denies_is_told_so_and_may_try_again(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    asked = await wildix.leave(browser, "?account=office&next=/dial")
    answer = await browser.get(await wildix.consent(asked, answer="deny"))
    assert answer.status == 401
    assert "allow Linedesk" in answer.text
    assert 'href="/sign-in?next=%2Fdial"' in answer.text
    assert await wildix.stored() == []


async def test_what_the_pbx_calls_the_error_is_never_markup(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    for error, shown in (("<script>x", "ended the sign-in."), ("server_error", "(server_error)")):
        state = (await wildix.leave(browser))["state"]
        answer = await browser.get(DONE, params={"error": error, "state": state})
        assert shown in answer.text
        assert "<script" not in answer.text


async def test_a_pbx_user_who_is_no_agent_is_told_what_to_do(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    answer = await wildix.sign_in(browser, "203")
    assert answer.status == 403
    assert "extension 203" in answer.text
    assert "Ask an owner" in answer.text
    assert await wildix.stored() == []
    assert "__Host-linedesk" not in browser.cookies


async def test_an_agent_who_is_off_is_no_agent(wildix: WildixHouse) -> None:
    wildix.house.roster.agents[LUCA.id] = replace(LUCA, active=False)
    assert (await wildix.sign_in(Browser(wildix.house))).status == 403


async def test_another_agent_gets_a_new_session_and_the_old_one_ends(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    await wildix.sign_in(browser, "201")
    before = Browser(wildix.house, cookies=dict(browser.cookies))
    await wildix.sign_in(browser, "202")
    assert await signed_in_as(browser) == MIA.id
    assert (await before.post("/agent/token")).status == 401


async def test_the_widgets_window_hands_its_frame_a_code(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    page = await browser.get("/sign-in?widget=1&slot=left")
    assert "/sign-in/wildix?account=office&amp;widget=1&amp;slot=left" in page.text
    done = await wildix.sign_in(browser, query="?account=office&widget=1&slot=left")
    assert done.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    boot = boot_of(done)
    assert boot["slot"] == "left"
    frame = await Browser(wildix.house).post("/agent/frame", json=boot)
    me = {"Authorization": f"Bearer {frame.json['token']}"}
    assert (await browser.get("/api/me", headers=me)).json["id"] == LUCA.id


async def test_a_pbx_that_is_away_is_a_page(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    asked = await wildix.leave(browser)
    wildix.accounts[0] = replace(wildix.accounts[0], url="http://127.0.0.1:9")
    answer = await browser.get(f"{DONE}?code=x&state={asked['state']}")
    assert answer.status == 502
    assert "You are not signed in" in answer.text


async def test_an_account_without_sign_in_has_no_button(wildix: WildixHouse) -> None:
    wildix.accounts[0] = replace(wildix.accounts[0], sign_in=None)
    browser = Browser(wildix.house)
    assert "wildix" not in (await browser.get("/sign-in")).text
    assert (await browser.get("/sign-in/wildix?account=office")).status == 404


async def test_under_another_name_of_the_service_the_browser_is_first_sent_to_its_own(
    wildix: WildixHouse,
) -> None:
    host = wildix.house.base.removeprefix("http://").replace("127.0.0.1", "localhost")
    browser = Browser(wildix.house)
    answer = await browser.get("/sign-in/wildix?next=/dial", headers={"Host": host})
    assert answer.headers["Location"] == f"{wildix.house.base}/sign-in/wildix?next=%2Fdial&moved=1"
    assert browser.cookies == {}
    once = await browser.get("/sign-in/wildix?moved=1", headers={"Host": host})
    assert once.headers["Location"].startswith(wildix.pbx.pbx.url)


async def test_plain_http_is_for_this_machine_only(tmp_path: Path) -> None:
    async with wildix_house(tmp_path, public_url="http://desk.example.test") as wildix:
        answer = await Browser(wildix.house).get("/sign-in/wildix?moved=1")
    assert answer.status == 403
    assert "https://" in answer.text


async def test_one_address_begins_so_many_only(wildix: WildixHouse) -> None:
    browser = Browser(wildix.house)
    for _ in range(60):
        await wildix.leave(browser)
    assert (await browser.get("/sign-in/wildix?account=office")).status == 429
    wildix.house.clock.advance(61)
    await wildix.leave(browser)


# Who a PBX user is

MAIL = "desk@example.test"


def test_an_extension_decides_before_an_email() -> None:
    agents = [replace(MIA, email=MAIL), LUCA]
    assert agent_for(agents, "office", Me("x", "201", MAIL)) == LUCA


def test_an_email_decides_where_the_pbx_names_no_extension() -> None:
    mia = replace(MIA, email=" Desk@Example.test")
    assert agent_for([LUCA, mia], "office", Me("x", None, MAIL)) == mia


@pytest.mark.parametrize(
    ("agents", "me"),
    [
        ([replace(LUCA, email=MAIL), replace(MIA, email=MAIL)], Me("x", None, MAIL)),
        ([replace(LUCA, email=MAIL), replace(MIA, email=MAIL, extension=None)], Me("x", "9", MAIL)),
        ([replace(LUCA, email=MAIL)], Me("x", "999", MAIL)),  # C12: a shared mailbox
        ([replace(LUCA, email=MAIL, role=Role.OWNER)], Me("x", None, MAIL)),
        ([replace(LUCA, account="branch")], Me("x", "201")),
        ([replace(LUCA, active=False)], Me("x", "201")),
        ([LUCA], Me("x", None, None)),
        ([], Me("x", "201")),
    ],
    ids=["two", "two-one-phone", "other-phone", "owner", "other-pbx", "off", "nothing", "nobody"],
)
def test_nobody_and_more_than_one_are_refused(agents: list, me: Me) -> None:  # type: ignore[type-arg]
    with pytest.raises(Forbidden):
        agent_for(agents, "office", me)
