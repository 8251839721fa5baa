"""The desk's page, `/open`, `/dial` and the pages for errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from linedesk.errors import ConfirmationNeeded, DestinationDenied
from linedesk.server.assets import Assets
from linedesk.server.open_page import is_page_link
from server.browser import Browser
from server.house import CRM, LUCA, PASSWORD, House, item, open_house

NUMBER = "+390212345678"
HOSTILE = "</script><img src=x onerror=alert(1)>\u202eAnna"


async def signed_in(house: House) -> Browser:
    browser = Browser(house)
    await browser.post("/sign-in", data={"user": "luca", "password": PASSWORD})
    return browser


async def test_the_desk_gets_its_boot_data(house: House) -> None:
    page = await (await signed_in(house)).get("/agent")
    found = re.search(r'id="boot">(.*?)</script>', page.text)
    assert found
    boot = json.loads(found[1])
    assert boot["embed"] is False
    assert boot["slot"] == "main"
    assert boot["region"] == "IT"
    assert boot["origins"] == [CRM]
    assert boot["messages"] == house.services.catalogue.area("desk")
    assert "/assets/desk.js?v=version-of-desk.js" in page.text


async def test_the_embedded_desk_needs_no_session_and_only_the_list_may_hold_it(house: House) -> None:
    page = await Browser(house).get("/agent?embed=1&slot=mia")
    assert page.status == 200
    assert f"frame-ancestors {CRM};" in page.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
    house.accounts.listed = frozenset()
    page = await Browser(house).get("/agent?embed=1")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


async def test_boot_data_can_not_end_its_element(house: House) -> None:
    house.accounts.listed = frozenset({"https://x.example", "</script><b>"})
    page = await Browser(house).get("/agent?embed=1")
    assert "<b>" not in page.text
    found = re.search(r'id="boot">(.*?)</script>', page.text)
    assert found
    assert "</script><b>" in json.loads(found[1])["origins"]


async def test_without_the_bundle_the_page_says_what_to_run(tmp_path: Path) -> None:
    async with open_house(tmp_path, assets=Assets({})) as house:
        page = await Browser(house).get("/agent?embed=1")
        assert page.status == 503
        assert "make setup" in page.text
        assert "desk.js" in page.text
        assert (await Browser(house).get("/widget.js")).status == 404


async def test_open_leads_to_the_one_sure_contact(house: House) -> None:
    house.people.found = {"sure": [item("Anna")], "possible": [item("Berta")]}
    browser = await signed_in(house)
    answer = await browser.get(f"/open?number=%2B{NUMBER[1:]}")
    assert (answer.status, answer.headers["Location"]) == (302, "https://crm.example.test/a/contacts/7")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert house.people.asked == [(LUCA.id, NUMBER)]
    answer = await Browser(house).get(f"/open?number={NUMBER}", headers=await house.bearer())
    assert answer.status == 302


async def test_a_link_token_opens_and_does_nothing_else(house: House) -> None:
    house.people.found = {"sure": [item("Anna")]}
    made = await Browser(house).post("/api/session/link", headers=await house.bearer())
    token = made.json["token"]
    assert (await Browser(house).get(f"/open?number={NUMBER}&link={token}")).status == 302
    for path in ("/api/me", f"/open?number={NUMBER}"):
        assert (await Browser(house).get(path, headers={"Authorization": f"Bearer {token}"})).status == 401
    for wrong in (f"{token}x", await house.token()):
        assert (await Browser(house).get(f"/open?number={NUMBER}&link={wrong}")).status == 401


async def test_open_with_a_bad_token_is_an_error_not_a_page(house: House) -> None:
    answer = await Browser(house).get("/open?number=1", headers={"Authorization": "Bearer wrong"})
    assert (answer.status, answer.json["error"]["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "found",
    [
        {"sure": [item("Anna"), item("Berta")]},
        {"possible": [item("Anna")]},
        {"sure": [item("Anna", None)]},
        {"sure": [item("Anna", "javascript:alert(1)")]},
        {
            "create": [
                {"app": "freshdesk", "label": "Create in Freshdesk", "url": "https://crm.example.test/new"}
            ]
        },
    ],
)
async def test_open_shows_a_page_to_choose_or_create_otherwise(house: House, found: dict[str, Any]) -> None:
    house.people.found = found
    page = await (await signed_in(house)).get(f"/open?number={NUMBER}")
    assert page.status == 200
    assert "javascript:" not in page.text
    for kind in ("sure", "possible"):
        for each in house.people.found.get(kind, []):
            assert each["name"] in page.text
    for each in house.people.found.get("create", []):
        assert f'href="{each["url"]}"' in page.text


async def test_C06_open_names_the_colleague_and_leads_to_no_contact_but_a_chosen_one(house: House) -> None:
    colleague = {"extension": "202", "name": HOSTILE}
    house.people.found = {"sure": [item("Anna")], "colleague": colleague}
    browser = await signed_in(house)
    page = await browser.get("/open?number=202")
    assert page.status == 200
    assert "your colleague" in page.text
    assert "<img" not in page.text
    assert 'href="/dial?number=202"' in page.text
    house.choosing.chosen[LUCA.id, "202"] = "crm:Anna"
    assert (await browser.get("/open?number=202")).status == 302


@pytest.mark.parametrize("number", ["", "anonymous", "000000", "hello"])
async def test_C05_open_says_of_a_number_that_nobody_has_that_it_is_none(house: House, number: str) -> None:
    browser = await signed_in(house)
    page = await browser.get("/open", params={"number": number})
    assert page.status == 200
    assert "nobody can be looked up" in page.text
    assert "/dial?" not in page.text
    assert ("hides the number" in page.text) is (number != "hello")


@pytest.mark.parametrize("address", ["/open", "/dial", "/dial?number="])
async def test_a_link_without_a_number_is_refused_in_words_for_people(house: House, address: str) -> None:
    page = await (await signed_in(house)).get(address)
    assert page.status == 400
    assert "The link holds no phone number." in page.text
    assert "openapi" not in page.text


async def test_K_text_from_outside_is_only_text_on_every_page(house: House) -> None:
    hostile = item(HOSTILE, company=HOSTILE)
    house.people.found = {"sure": [hostile, hostile], "possible": [hostile]}
    browser = await signed_in(house)
    for path in ("/open", "/dial"):
        page = await browser.get(path, params={"number": HOSTILE})
        assert page.status == 200
        assert "<img" not in page.text
        assert "</script><" not in page.text


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://crm.example.test/a", True),
        ("http://localhost:9000/a", True),
        ("http://127.0.0.1:9000/a", True),
        ("http://crm.example.test/a", False),
        ("http://localhost.evil.example/a", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//crm.example.test/a", False),
        ("/a", False),
        ("https://", False),
        ("https://[", False),
        ("https://crm.example.test/\r\nX: y", False),
        (None, False),
    ],
)
def test_only_https_links_are_followed_and_http_on_this_machine(url: str | None, good: bool) -> None:
    assert is_page_link(url) is good


async def test_C08_a_get_never_dials(house: House) -> None:
    browser = await signed_in(house)
    page = await browser.get(f"/dial?number={NUMBER}")
    assert page.status == 200
    assert NUMBER[-4:] in page.text.replace(" ", "")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert house.dialling.dialled == []


async def test_C09_the_form_dials_the_number_shown_once_for_its_key(house: House) -> None:
    browser = await signed_in(house)
    page = await browser.get(f"/dial?number={NUMBER}")
    form = {name: page.field(name) for name in ("number", "key", "csrf")}
    answer = await browser.post("/dial", data=form)
    assert answer.status == 202
    await browser.post("/dial", data=form)
    assert house.dialling.dialled == [(LUCA.id, NUMBER, form["key"], "page", False)] * 2
    assert (await browser.get(f"/dial?number={NUMBER}")).field("key") != form["key"]


async def test_no_dial_without_the_sessions_own_form(house: House) -> None:
    browser, other = await signed_in(house), await signed_in(house)
    page = await other.get(f"/dial?number={NUMBER}")
    form = {name: page.field(name) for name in ("number", "key", "csrf")}
    assert (await browser.post("/dial", data=form)).status == 403
    assert (await browser.post("/dial", data={"number": NUMBER, "key": "k"})).status == 403
    evil = {"Origin": "https://evil.example"}
    assert (await other.post("/dial", data=form, headers=evil)).status == 403
    answer = await Browser(house).post("/dial", data=form)
    assert (answer.status, answer.headers["Location"][:13]) == (303, "/sign-in?next")
    assert house.dialling.dialled == []


async def test_a_doubtful_number_is_asked_about_again_then_dialled(house: House) -> None:
    house.dialling.refusal = ConfirmationNeeded("This number is unusual.")
    browser = await signed_in(house)
    page = await browser.get("/dial?number=+39999999")
    answer = await browser.post("/dial", data={n: page.field(n) for n in ("number", "key", "csrf")})
    assert answer.status == 409
    assert "This number is unusual." in answer.text
    again = {n: answer.field(n) for n in ("number", "key", "csrf", "confirm")}
    assert (await browser.post("/dial", data=again)).status == 202
    assert [confirm for *_, confirm in house.dialling.dialled] == [False, True]


async def test_a_refused_number_says_why_and_what_to_do(house: House) -> None:
    house.dialling.refusal = DestinationDenied("Premium numbers are refused.")
    browser = await signed_in(house)
    page = await browser.get(f"/dial?number={NUMBER}")
    answer = await browser.post("/dial", data={n: page.field(n) for n in ("number", "key", "csrf")})
    assert answer.status == 403
    assert "Premium numbers are refused." in answer.text
    assert DestinationDenied.remedy.replace("`", "") in answer.text.replace("`", "")


async def test_people_get_error_pages(house: House) -> None:
    page = await Browser(house).get("/nothing-here")
    assert page.status == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert "There is nothing at this address." in page.text


async def test_the_bare_address_leads_to_the_desk(house: House) -> None:
    answer = await Browser(house).get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/agent")
