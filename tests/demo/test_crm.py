"""The CRM site: Freshdesk's addresses, text that stays text, records that survive a kill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from linedesk.clock import ManualClock
from linedesk.demo.crm.app import create_app, crm_sim
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.pages import Place
from linedesk.demo.crm.start import DemoAgent
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.seed import Person, make_seed
from linedesk.demo.web import bind, port_of, running

ADA = 103_000_000_001
HOSTILE = ADA + 6


@dataclass
class Site:
    """A running CRM site and what it told the rest of the demo."""

    url: str
    http: aiohttp.ClientSession
    book: CrmBook
    saved: list[Person]

    async def get(self, path: str, status: int = 200) -> str:
        async with self.http.get(self.url + path) as answer:
            assert answer.status == status, path
            return await answer.text()


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    saved: list[Person] = []

    async def note(person: Person) -> None:
        saved.append(person)

    async def code(request: web.Request) -> web.Response:
        good = request.headers.get("Authorization") == "Bearer luca-token"
        return web.json_response({"code": "one-time", "expires_at": 1}, status=200 if good else 401)

    service = web.Application()
    service.router.add_post("/api/session/code", code)
    for_service, for_crm = bind(0), bind(0)
    book = CrmBook(make_seed(40), folder / "crm.json")
    luca = DemoAgent("Luca", "201", "main", "luca", "pass-words", "luca-token")
    mia = DemoAgent("Mia", "202", "mia", "mia", "pass-words", "stale-token")
    app = create_app(
        book=book,
        switchboard=CrmSwitchboard(folder / "switches.json"),
        place=Place(f"http://127.0.0.1:{port_of(for_service)}", "http://127.0.0.1:1", "instance"),
        agents={"main": luca, "mia": mia},
        admin=("admin", "pass-words"),
        clock=ManualClock(),
        saved=note,
    )
    async with running(service, for_service), crm_sim(app, for_crm) as url, aiohttp.ClientSession() as http:
        yield Site(url, http, book, saved)


async def test_every_page_is_there_and_carries_the_loader(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        for path in (
            "/a/contacts", f"/a/contacts/{ADA}", "/a/contacts/new", "/a/companies",
            "/a/companies/203000000001",
            "/a/tickets", "/a/tickets/1001",
        ):  # fmt: skip
            text = await crm.get(path)
            assert '/widget.js" data-slot="main" defer></script>' in text, path
        await crm.get("/a/contacts/999", 404)
        await crm.get("/")
        await crm.get("/control")


async def test_a_contact_page_has_its_numbers_to_click(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        text = await crm.get(f"/a/contacts/{ADA}")
        assert 'href="tel:02079460018" data-linedesk-number="02079460018"' in text
        assert 'href="tel:+447700900018" data-linedesk-number="+447700900018"' in text


async def test_K01_markup_in_a_name_stays_text_on_every_page(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        name = crm.book.people[HOSTILE].name
        assert "<img" in name
        ticket = next(each for each in crm.book.tickets.values() if each.person_id == HOSTILE)
        for path in (
            "/a/contacts?q=mallory",
            f"/a/contacts/{HOSTILE}",
            "/a/tickets",
            f"/a/tickets/{ticket.id}",
        ):
            text = await crm.get(path)
            assert name in unescape(text), path
            assert "<img" not in text, path
        assert "<script>" not in await crm.get("/a/contacts?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert "<b>x" not in await crm.get("/a/contacts/new?name=%3Cb%3Ex&phone=%22%3E%3Cb%3Ex")


async def test_a_new_contact_is_prefilled_saved_told_and_kept(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        page = await crm.get("/a/contacts/new?phone=%2B442079460199&name=New%20Person")
        assert 'value="+442079460199"' in page
        form = {"name": "New Person", "phone": "+442079460199", "company": "northgate lanterns ltd"}
        async with crm.http.post(f"{crm.url}/a/contacts/new", data=form) as answer:
            assert answer.status == 200
            made = int(answer.url.name)
        assert [(each.id, each.company_id) for each in crm.saved] == [(made, 203_000_000_001)]
        await crm.http.post(f"{crm.url}/a/contacts/{ADA}/notes", data={"text": "Call back on Monday"})
        await crm.http.post(f"{crm.url}/a/tickets/1001/replies", data={"text": "We are on it"})
    async with site(tmp_path) as again:
        assert again.book.people[made].phone == "+442079460199"
        assert "Call back on Monday" in await again.get(f"/a/contacts/{ADA}")
        assert "We are on it" in await again.get("/a/tickets/1001")


async def test_a_contact_without_a_name_is_asked_for_one(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        async with crm.http.post(f"{crm.url}/a/contacts/new", data={"name": "  "}) as answer:
            assert "Type a name." in await answer.text()
        assert crm.saved == []


@pytest.mark.parametrize(("text", "found"), [("lindqvist", True), ("7946 0018", True), ("zzzz", False)])
async def test_contacts_are_found_by_name_and_digits(tmp_path: Path, text: str, found: bool) -> None:
    async with site(tmp_path) as crm:
        assert ("Ada Lindqvist" in await crm.get(f"/a/contacts?q={text}")) is found


async def test_only_the_sites_own_pages_get_a_sign_in_code(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        for origin, slot, status in (
            (crm.url, "main", 200),
            (None, "main", 403),
            ("http://localhost:1", "main", 403),
            ("https://elsewhere.example", "main", 403),
            (crm.url, "nobody", 400),
            (crm.url, "mia", 502),
        ):
            headers = {"Origin": origin} if origin else {}
            async with crm.http.post(f"{crm.url}/demo/code", json={"slot": slot}, headers=headers) as answer:
                assert answer.status == status, (origin, slot)
                if status == 200:
                    assert await answer.json() == {"code": "one-time"}
        # A name that somebody else's DNS leads here is no way in.
        rebound = {"Host": "crm.elsewhere.example", "Origin": "http://crm.elsewhere.example"}
        async with crm.http.post(f"{crm.url}/demo/code", json={"slot": "main"}, headers=rebound) as answer:
            assert answer.status == 421


async def test_switches_take_the_loader_away_and_are_kept(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        async with crm.http.put(f"{crm.url}/_sim/switches", json={"loader": False}) as answer:
            assert (await answer.json())["loader"] is False
        async with crm.http.put(f"{crm.url}/_sim/switches", json={"other": 1}) as answer:
            assert answer.status == 400
        assert "widget.js" not in await crm.get("/a/contacts")
    async with site(tmp_path) as again:
        assert "widget.js" not in await again.get("/a/contacts")


async def test_every_answer_carries_the_policy(tmp_path: Path) -> None:
    asked = [
        ("GET", "/", {}, 200),
        ("GET", "/assets/demo.css", {}, 200),
        ("GET", "/a/contacts/999", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/a/contacts", {}, 405),
        ("GET", "/a", {}, 302),
        ("POST", f"/a/contacts/{ADA}/notes", {}, 303),
        ("POST", "/a/contacts/new", {"Origin": "http://evil.example"}, 403),
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("PUT", "/_sim/switches", {}, 400),
    ]
    async with site(tmp_path) as crm:
        for method, path, headers, status in asked:
            async with crm.http.request(
                method, crm.url + path, headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status == status, path
                assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"], path
                assert answer.headers["X-Content-Type-Options"] == "nosniff", path
                assert answer.headers["X-Frame-Options"] == "SAMEORIGIN", path
                if status >= 400:
                    assert (await answer.json())["error"]["message"], path


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"slot":[]}', b'{"slot":{}}', b"[" * 60_000, b"\xff"])
async def test_a_wrong_wish_for_a_code_is_refused_and_no_fault(tmp_path: Path, body: bytes) -> None:
    async with (
        site(tmp_path) as crm,
        crm.http.post(f"{crm.url}/demo/code", data=body, headers={"Origin": crm.url}) as answer,
    ):
        assert answer.status == 400, await answer.text()
        assert (await answer.json())["error"]["code"] == "bad_request"


async def test_a_fault_is_told_as_json_without_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path) as crm:

        def broken(*_args: object) -> None:
            raise ValueError("hunter2")

        monkeypatch.setattr(crm.book, "find_people", broken)
        async with crm.http.get(f"{crm.url}/a/contacts") as answer:
            assert answer.status == 500
            assert (await answer.json())["error"]["code"] == "internal"
            assert "hunter2" not in await answer.text()


async def test_a_contact_is_edited_on_its_page_and_the_demo_hears_of_it(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        form = await crm.get(f"/a/contacts/{ADA}/edit")
        assert 'value="020 7946 0018"' in form
        given = {"name": "Ada Newname", "email": "ada@example.test", "phone": "020 7946 0990", "mobile": "",
                 "company": "northgate lanterns ltd", "address": "1 Quay Street"}  # fmt: skip
        async with crm.http.post(f"{crm.url}/a/contacts/{ADA}/edit", data=given) as answer:
            assert answer.status == 200
            assert "1 Quay Street" in await answer.text()
        ada = crm.book.people[ADA]
        assert (ada.name, ada.phone, ada.mobile) == ("Ada Newname", "020 7946 0990", "")
        assert ada.company_id == 203_000_000_001
        assert [each.name for each in crm.saved] == ["Ada Newname"]
        async with crm.http.post(f"{crm.url}/a/contacts/{ADA}/edit", data={**given, "name": " "}) as answer:
            assert "Type a name." in await answer.text()
        assert crm.book.people[ADA].name == "Ada Newname"


async def test_a_blocked_contact_is_marked_and_out_of_the_list(tmp_path: Path) -> None:
    async with site(tmp_path) as crm:
        async with crm.http.post(f"{crm.url}/_sim/contacts/{ADA}/block") as answer:
            assert (await answer.json())["state"] == "blocked"
        assert "blocked" in await crm.get(f"/a/contacts/{ADA}")
        assert "Ada Lindqvist" not in await crm.get("/a/contacts?q=Ada")
        async with crm.http.post(f"{crm.url}/_sim/contacts/{ADA}/unblock") as answer:
            assert (await answer.json())["state"] == "active"
        assert "Ada Lindqvist" in await crm.get("/a/contacts?q=Ada")
