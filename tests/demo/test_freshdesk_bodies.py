"""Whatever a client sends, the simulated Freshdesk answers as its API does, and keeps nothing it refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.freshdesk import ADA, KEYS, freshdesk
from linedesk.clock import ManualClock
from linedesk.demo.crm.api import Ask, Route
from linedesk.demo.crm.api_contacts import Contacts
from linedesk.demo.crm.api_rest import Companies, Search, Tickets
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.faults import Faults
from linedesk.demo.crm.query import parse
from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.crm.wire import Answer, Refusal
from linedesk.demo.seed import make_seed

NAMES = (
    "name", "email", "phone", "tags", "other_emails", "other_companies", "company_id", "custom_fields",
    "unique_external_id", "view_all_tickets", "primary_contact_id", "secondary_contact_ids", "contact",
    "description", "domains", "note", "subject", "requester_id", "status", "source", "body", "private", "x",
)  # fmt: skip
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([ADA, ADA + 1, 203_000_000_001, 0, -1, 10**30, 1.5]),
    st.sampled_from(["", "Ada", "ada@example.test", "+44", "é" * 300]),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["company_id", "vip", "loyalty_level", "switchboard"]), inner),
    ),
    max_leaves=5,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)


def house() -> tuple[CrmBook, list[Route]]:
    clock = ManualClock()
    book = CrmBook(make_seed(8))
    faults = Faults(CrmSwitchboard(), book, clock)
    routes = [
        *Contacts(book, faults).routes(),
        *Companies(book, faults).routes(),
        *Tickets(book, faults, lambda: 0.0).routes(),
        *Search(book).routes(),
    ]
    return book, routes


def answered(route: Route, body: dict[str, Any], query: dict[str, str] | None = None) -> Answer:
    ids = {"/companies": 203_000_000_001, "/tickets": 1001}
    wanted = next((id_ for start, id_ in ids.items() if route.path.startswith(start)), ADA)
    url = "http://localhost/api/v2" + route.path
    ask = Ask(next(iter(KEYS.values())), query or {}, url, (wanted,), body, FreshdeskSwitches())
    try:
        return route.function(ask)
    except Refusal as refusal:
        return refusal.answer


WRITES = [route for route in house()[1] if route.method in {"POST", "PUT"}]


@pytest.mark.parametrize("route", WRITES, ids=lambda route: f"{route.method} {route.path}")
@settings(max_examples=30)
@given(body=BODIES)
def test_any_body_is_stored_or_refused_and_never_a_fault(route: Route, body: dict[str, Any]) -> None:
    book, routes = house()
    before = book.people, book.companies, book.tickets
    kept = tuple(dict(table) for table in before)
    same = next(each for each in routes if (each.method, each.path) == (route.method, route.path))
    answer = answered(same, body)
    if answer.status >= 400:
        assert tuple(dict(table) for table in before) == kept
    for each in routes:
        # What was stored can be listed and read.
        if each.method == "GET":
            assert answered(each, {}).status < 500


@given(
    query=st.dictionaries(
        st.sampled_from(["page", "per_page", "_updated_since", "state", "company_id", "contact_type"]),
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["1", "9" * 5000, "٣", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "deleted"]),
        ),
        max_size=3,
    )
)
@settings(max_examples=30)
def test_any_listing_is_given_or_refused(query: dict[str, str]) -> None:
    for route in house()[1]:
        if route.method == "GET" and route.path in {
            "/contacts",
            "/companies",
            "/tickets",
            "/search/contacts",
        }:
            assert answered(route, {}, query).status in {200, 400}


@given(text=st.text(alphabet="()\"' :ANDOR<>tagphone+1\\", max_size=60))
def test_any_query_is_read_or_refused(text: str) -> None:
    person = make_seed(1).people[0]
    for each in (text, f'"{text}"', '"' + "(" * 255 + "tag:1" + ")" * 250 + '"'):
        with suppress(Refusal):
            parse(each)(person)


async def test_a_merge_that_is_refused_loses_nobody() -> None:
    async with freshdesk() as desk:
        for body in (
            {"primary_contact_id": ADA, "secondary_contact_ids": [ADA]},
            {
                "primary_contact_id": ADA,
                "secondary_contact_ids": [ADA + 1],
                "contact": {"email": "no address"},
            },
        ):
            await desk.ask("POST", "/contacts/merge", json=body, status=400)
            assert {ADA, ADA + 1} <= set(desk.book.people)
        body = {"primary_contact_id": ADA, "secondary_contact_ids": [ADA + 1]}
        await desk.ask("POST", "/contacts/merge", json=body, status=204)
        assert ADA + 1 not in desk.book.people


async def test_a_company_keeps_what_is_written_to_it() -> None:
    async with freshdesk() as desk:
        body = {
            "name": "Plover Ltd", "note": "n", "industry": "Glass", "domains": ["plover.example"],
            "custom_fields": {"switchboard": "+44 20 7946 0777"},
        }  # fmt: skip
        made, _ = await desk.ask("POST", "/companies", json=body, status=201)
        await desk.ask("PUT", f"/companies/{made['id']}", json={"description": "d"}, status=200)
        read, _ = await desk.ask("GET", f"/companies/{made['id']}", status=200)
        assert {**read, **body, "description": "d"} == read
        await desk.ask("PUT", f"/companies/{made['id']}", json={"custom_fields": {"x": 1}}, status=400)


async def test_a_number_is_unique_where_the_switches_say_so_and_only_when_it_is_sent() -> None:
    async with freshdesk() as desk:
        ada, rosa = desk.book.people[ADA], desk.book.people[ADA + 1]
        desk.book.put(replace(rosa, phone=ada.phone))
        for name in ("phone", "mobile"):
            body = {"name": "Second", name: getattr(ada, name)}
            desk.switch(unique_phone=False, unique_mobile=False)
            made, _ = await desk.ask("POST", "/contacts", json=body, status=201)
            await desk.ask("DELETE", f"/contacts/{made['id']}/hard_delete?force=true", status=204)
            desk.switch(**{f"unique_{name}": True})
            said, _ = await desk.ask("POST", "/contacts", json=body, status=409)
            assert said["errors"][0]["field"] == name
            # Rosa shares Ada's number since before; her title can be changed all the same.
            await desk.ask("PUT", f"/contacts/{ADA + 1}", json={"job_title": "Owner"}, status=200)
            fields, _ = await desk.ask("GET", "/contact_fields", status=200)
            assert {each["name"] for each in fields if each["unique"]} == {"email", name}


async def test_contacts_are_filtered_by_external_id_and_type_where_that_is_allowed() -> None:
    async with freshdesk() as desk:
        await desk.ask("PUT", f"/contacts/{ADA}", json={"unique_external_id": "ld-7"}, status=200)
        await desk.ask("GET", "/contacts?unique_external_id=ld-7", status=400)
        desk.switch(external_id_filter=True)
        found, _ = await desk.ask("GET", "/contacts?unique_external_id=ld-7", status=200)
        assert [each["id"] for each in found] == [ADA]
        assert (await desk.ask("GET", "/contacts?contact_type=visitor", status=200))[0] == []
        assert len((await desk.ask("GET", "/contacts?contact_type=contact", status=200))[0]) > 1
        await desk.ask("GET", "/contacts?contact_type=other", status=400)


async def test_ids_of_the_gone_do_not_come_back_and_their_tickets_neither(tmp_path: Path) -> None:
    path = tmp_path / "crm.json"
    async with freshdesk(path=path) as desk:
        owner = desk.book.tickets[1001].person_id
        await desk.ask("DELETE", f"/contacts/{owner}/hard_delete?force=true", status=204)
        last = max(desk.book.companies)
        await desk.ask("DELETE", f"/companies/{last}", status=204)
    async with freshdesk(path=path) as desk:
        tickets, _ = await desk.ask("GET", "/tickets?per_page=100", status=200)
        assert owner not in {each["requester_id"] for each in tickets}
        made, _ = await desk.ask(
            "POST", "/contacts", json={"name": "N", "email": "n@example.test"}, status=201
        )
        assert ADA < made["id"] < 203_000_000_001
        company, _ = await desk.ask("POST", "/companies", json={"name": "Newest"}, status=201)
        assert company["id"] == last + 1
