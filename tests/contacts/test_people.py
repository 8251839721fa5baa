"""Contacts in the protocol's shape, limited to what the asking agent may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linedesk.accounts.model import AppAccount
from linedesk.agents.model import Agent, Role
from linedesk.apps.registry import REGISTRY
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.contacts.people import People
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan
from linedesk.store.migrate import open_stores

PLAN = NumberPlan("GB")
ALL = Agent("all", "all", "All", Role.AGENT, "office", "201")
LIMITED = Agent("few", "few", "Few", Role.AGENT, "office", "202", books=frozenset({"other"}))
ADA = Contact(
    "crm:1",
    "crm",
    "freshdesk",
    "1",
    "Ada Example",
    company="Example Ltd",
    emails=("ada@example.test",),
    numbers=(ContactNumber("020 7946 0018", "work"), ContactNumber("not a number", "fax")),
    page_url="https://acme.freshdesk.com/a/contacts/1",
)
FIRM = Contact(
    "crm:2", "crm", "freshdesk", "2", "Firm", ContactType.COMPANY, numbers=(ContactNumber("+44 121 496 00"),)
)


class Apps:
    def apps(self) -> tuple[AppAccount, ...]:
        return (AppAccount("crm", "freshdesk", "https://acme.freshdesk.com"),)


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    stores = await open_stores(tmp_path)
    directory = Directory(stores.books)
    await directory.put([ADA, FIRM], PLAN)
    yield People(directory, Apps(), REGISTRY, lambda _: PLAN, Catalogue.load("en").text)
    await stores.close()


async def test_a_sure_contact_says_why_and_has_its_dialable_numbers(people: People) -> None:
    found = await people.lookup(ALL, "+442079460018")
    (ada,) = found["sure"]
    assert (ada["certainty"], ada["reason"]) == ("sure", "Work number in Freshdesk")
    assert ada["numbers"] == [
        {"e164": "+442079460018", "label": "work", "display": "020 7946 0018", "ext": None}
    ]
    assert (ada["name"], ada["company"], ada["emails"]) == (
        "Ada Example",
        "Example Ltd",
        ["ada@example.test"],
    )
    assert found["create"] == []


async def test_a_possible_company_is_named_as_a_switchboard(people: People) -> None:
    found = await people.lookup(ALL, "+441214960023")
    assert found["sure"] == []
    assert [each["reason"] for each in found["possible"]] == ["Switchboard of Firm in Freshdesk"]
    assert len(found["create"]) == 1


async def test_an_unknown_number_can_be_created_where_the_agent_may_see(people: People) -> None:
    (create,) = (await people.lookup(ALL, "020 7946 0999"))["create"]
    assert create["label"] == "Create contact in Freshdesk"
    assert create["url"].startswith("https://acme.freshdesk.com/a/contacts/new")
    assert (await people.lookup(LIMITED, "020 7946 0999"))["create"] == []


@pytest.mark.parametrize("text", ["", "anonymous", "112", "*21#", "rubbish"])
async def test_C05_what_is_no_public_number_finds_nobody_and_creates_nothing(
    people: People, text: str
) -> None:
    found = await people.lookup(ALL, text)
    assert (found["sure"], found["possible"], found["create"]) == ([], [], [])


async def test_books_limit_lookup_and_search(people: People) -> None:
    assert (await people.lookup(LIMITED, "+442079460018"))["sure"] == []
    assert (await people.search(LIMITED, "ada", 20)) == {
        "items": [],
        "total": 0,
        "total_exact": True,
        "more": False,
    }
    found = await people.search(ALL, "exa", 20)
    assert ([each["id"] for each in found["items"]], found["total"], found["more"]) == (["crm:1"], 1, False)
