"""`/api/picks` and the forms of `/open`: choosing whom a number is. Sockets: `test_picks_live`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linedesk.errors import PickRefused
from server.browser import Browser
from server.house import LUCA, MIA, PASSWORD, House, item

NUMBER = "+390212345678"
CHOOSE = f"/open?number=%2B{NUMBER[1:]}&choose=1"
HOSTILE = "</form><script>alert(1)</script>\u202eAnna"


async def ask(house: House, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with house.http.request(method, house.base + path, **options) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def signed_in(house: House) -> Browser:
    browser = Browser(house)
    await browser.post("/sign-in", data={"user": "luca", "password": PASSWORD})
    return browser


def page(url: str | None, app: str = "Freshdesk", account: str = "crm") -> dict[str, Any]:
    return {"id": f"{account}:{url}", "app": app, "app_title": app, "account": account, "page_url": url}


async def test_C01_a_choice_is_put_and_deleted_as_the_agent_itself(house: House) -> None:
    headers = await house.bearer(MIA)
    body = {"number": NUMBER, "contact": "crm:Anna"}
    status, document = await ask(house, "PUT", "/api/picks", headers=headers, json=body)
    assert (status, document["number"], document["contact"]["id"]) == (200, NUMBER, "crm:Anna")
    assert house.choosing.chosen == {(MIA.id, NUMBER): "crm:Anna"}
    status, document = await ask(house, "DELETE", f"/api/picks?number={NUMBER}", headers=headers)
    assert (status, document, house.choosing.chosen) == (204, None, {})


async def test_a_refused_choice_says_what_to_do(house: House) -> None:
    house.choosing.refusal = PickRefused("This contact does not have this number.")
    body = {"number": NUMBER, "contact": "x"}
    status, document = await ask(house, "PUT", "/api/picks", headers=await house.bearer(), json=body)
    assert (status, document["error"]["code"]) == (409, "pick_refused")
    assert "Look the number up again" in document["error"]["remedy"]


@pytest.mark.parametrize(
    "body", [{}, {"number": NUMBER}, {"number": "", "contact": "a"}, {"number": NUMBER, "contact": ""}, []]
)
async def test_a_choice_that_is_not_whole_is_refused(house: House, body: Any) -> None:
    status, document = await ask(house, "PUT", "/api/picks", headers=await house.bearer(), json=body)
    assert (status, document["error"]["code"]) == (400, "bad_request")
    assert house.choosing.chosen == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_nobody_chooses_without_a_token(house: House, method: str) -> None:
    cookie = await house.cookie()
    status, _ = await ask(house, method, f"/api/picks?number={NUMBER}", headers=cookie, json={})
    assert status == 401


async def test_the_lookup_says_whom_the_agent_chose(house: House) -> None:
    house.people.found = {"sure": [item("Anna"), item("Berta")]}
    headers = await house.bearer()
    _, document = await ask(house, "GET", f"/api/lookup?number={NUMBER}", headers=headers)
    assert document["picked"] is None
    house.choosing.chosen[LUCA.id, NUMBER] = "crm:Berta"
    _, document = await ask(house, "GET", f"/api/lookup?number={NUMBER}", headers=headers)
    assert document["picked"] == "crm:Berta"


async def test_C01_open_leads_to_the_chosen_contact_and_choose_shows_all(house: House) -> None:
    other = "https://crm.example.test/a/contacts/8"
    house.people.found = {"sure": [item("Anna"), item("Berta", other)], "possible": [item("Cleo")]}
    browser = await signed_in(house)
    assert (await browser.get(f"/open?number={NUMBER}")).status == 200
    house.choosing.chosen[LUCA.id, NUMBER] = "crm:Berta"
    answer = await browser.get(f"/open?number=%2B{NUMBER[1:]}")
    assert (answer.status, answer.headers["Location"]) == (302, other)
    shown = await browser.get(CHOOSE)
    assert (shown.status, shown.text.count("<form")) == (200, 3)
    assert shown.text.count('name="forget" value="1"') == 1
    assert house.choosing.chosen == {(LUCA.id, NUMBER): "crm:Berta"}  # a GET changes nothing


async def test_the_only_sure_contact_can_be_looked_at_among_others(house: House) -> None:
    house.people.found = {"sure": [item("Anna")]}
    browser = await signed_in(house)
    assert (await browser.get(f"/open?number={NUMBER}")).status == 302
    assert (await browser.get(CHOOSE)).status == 200


async def test_C01_the_form_remembers_and_leads_to_the_page_then_forgets(house: House) -> None:
    house.people.found = {"sure": [item("Anna"), item("Berta")]}
    browser = await signed_in(house)
    form = await browser.get(CHOOSE)
    data = {"number": form.field("number"), "csrf": form.field("csrf"), "contact": "crm:Anna"}
    done = await browser.post("/open", data=data)
    assert (done.status, done.headers["Location"]) == (303, "https://crm.example.test/a/contacts/7")
    assert house.choosing.chosen == {(LUCA.id, NUMBER): "crm:Anna"}
    # The browser follows the form to the contact's page only if the policy of the form's page lets it.
    assert "form-action 'self' https://crm.example.test;" in form.headers["Content-Security-Policy"]
    done = await browser.post("/open", data={**data, "forget": "1"})
    assert (done.status, done.headers["Location"]) == (303, CHOOSE)
    assert house.choosing.chosen == {}


@pytest.mark.parametrize("csrf", [None, "", "wrong"])
async def test_the_form_of_another_session_changes_nothing(house: House, csrf: str | None) -> None:
    browser = await signed_in(house)
    data = {"number": NUMBER, "contact": "crm:Anna"} | ({} if csrf is None else {"csrf": csrf})
    assert (await browser.post("/open", data=data)).status == 403
    assert house.choosing.chosen == {}


async def test_another_sites_form_and_a_signed_out_browser_change_nothing(house: House) -> None:
    browser = await signed_in(house)
    house.people.found = {"sure": [item("Anna"), item("Berta")]}
    form = await browser.get(CHOOSE)
    data = {"number": NUMBER, "csrf": form.field("csrf"), "contact": "crm:Anna"}
    assert (await browser.post("/open", data=data, headers={"Origin": "https://evil.example"})).status == 403
    away = await Browser(house).post("/open", data=data)
    assert away.status == 303
    assert away.headers["Location"].startswith("/sign-in?next=%2Fopen%3Fnumber%3D")
    assert house.choosing.chosen == {}


async def test_a_link_token_opens_the_chosen_one_and_can_choose_nobody(house: House) -> None:
    house.people.found = {"sure": [item("Anna"), item("Berta", "https://crm.example.test/8")]}
    house.choosing.chosen[LUCA.id, NUMBER] = "crm:Berta"
    made = await Browser(house).post("/api/session/link", headers=await house.bearer())
    link = f"link={made.json['token']}"
    answer = await Browser(house).get(f"/open?number={NUMBER}&{link}")
    assert (answer.status, answer.headers["Location"]) == (302, "https://crm.example.test/8")
    shown = await Browser(house).get(f"{CHOOSE}&{link}")
    assert (shown.status, "<form" in shown.text) == (200, False)


async def test_a_chosen_contact_without_a_page_is_shown_as_chosen(house: House) -> None:
    house.people.found = {"sure": [item("Anna"), item("Berta", None)]}
    browser = await signed_in(house)
    form = await browser.get(CHOOSE)
    data = {"number": NUMBER, "csrf": form.field("csrf"), "contact": "crm:Berta"}
    house.choosing.chosen[LUCA.id, NUMBER] = "crm:Berta"
    assert (await browser.get(f"/open?number=%2B{NUMBER[1:]}")).status == 200
    assert data["csrf"]


async def test_one_person_in_two_apps_is_one_entry_with_two_pages(house: House) -> None:
    pages = [
        page("https://crm.example.test/7"),
        page("https://hub.example.test/9", "HubSpot", "hub"),
        page("javascript:alert(1)", "Odd", "odd"),
        page("https://crm.example.test/10", "HubSpot", "second"),
    ]
    found = item("Anna", "https://crm.example.test/7", pages=pages, reason="Work number in Freshdesk")
    house.people.found = {"sure": [found, item("Berta")]}
    shown = await (await signed_in(house)).get(CHOOSE)
    for expected in ("https://hub.example.test/9", "HubSpot (hub)", "HubSpot (second)", "Work number in"):
        assert expected in shown.text
    assert "javascript:" not in shown.text
    assert shown.text.count('href="https://crm.example.test/7"') == 1


async def test_C03_the_company_is_offered_if_it_has_a_page(house: House) -> None:
    company = {"id": None, "app": "freshdesk", "app_title": "Freshdesk", "name": "Acme & <b>Sons</b>"}
    house.people.found = {"sure": [item("Anna"), item("Berta")], "company": {**company, "page_url": None}}
    browser = await signed_in(house)
    assert "Sons" not in (await browser.get(CHOOSE)).text
    house.people.found["company"] = {**company, "page_url": "https://crm.example.test/companies/1"}
    shown = await browser.get(CHOOSE)
    assert "https://crm.example.test/companies/1" in shown.text
    assert "Acme &amp; &lt;b&gt;Sons" in shown.text


async def test_C04_put_away_and_blocked_contacts_are_marked(house: House) -> None:
    house.people.found = {"sure": [item("Anna"), item("Berta", archived=True), item("Cleo", blocked=True)]}
    shown = (await (await signed_in(house)).get(CHOOSE)).text
    words = house.services.catalogue.text
    assert (shown.count(words("pages.archived")), shown.count(words("pages.blocked"))) == (1, 1)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example;script-src *",
        "https://user:pw@crm.example.test/7",
        "https://b\u00fccher.example/7",
        "https://[2001:db8::1]/7",
        "https://a.example'none'/7",
    ],
)
async def test_K_no_address_of_a_contact_changes_the_pages_policy(house: House, url: str) -> None:
    house.people.found = {"sure": [item(HOSTILE, url, reason=HOSTILE), item("Berta", None)]}
    shown = await (await signed_in(house)).get(CHOOSE)
    assert "form-action 'self';" in shown.headers["Content-Security-Policy"]
    assert "<script>alert" not in shown.text


async def test_a_host_that_no_policy_can_name_is_not_followed_by_the_form(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    odd = item("Anna", "https://b\u00fccher.example/7")

    async def choose(*_: Any) -> dict[str, Any]:
        return {"number": NUMBER, "contact": odd}

    monkeypatch.setattr(house.choosing, "choose", choose)
    house.people.found = {"sure": [odd, item("Berta")]}
    browser = await signed_in(house)
    form = await browser.get(CHOOSE)
    data = {"number": NUMBER, "csrf": form.field("csrf"), "contact": "crm:Anna"}
    done = await browser.post("/open", data=data)
    assert (done.status, done.headers["Location"]) == (303, CHOOSE)
