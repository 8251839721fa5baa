"""Who comes first and why: people in two apps, put away and blocked ones, tags, companies, colleagues."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linedesk.accounts.model import AppAccount
from linedesk.agents.model import Agent, Role
from linedesk.apps.registry import REGISTRY
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.contacts.people import People
from linedesk.contacts.policy import MatchPolicy, TagFinds, TagRule, TagText
from linedesk.messages import Catalogue
from linedesk.numbers import Certainty, NumberPlan, lookup_keys, read
from linedesk.store.migrate import open_stores

PLAN = NumberPlan("GB")
ALL = Agent("all", "all", "All", Role.AGENT, "office", "202")
CRM_ONLY = replace(ALL, books=frozenset({"crm"}))
MARIA = Agent("m", "maria", "Maria Rossi", Role.AGENT, "office", "201")
NUMBER = "+442079460018"


def contact(record: str, name: str, *raws: str, book: str = "crm", **more: Any) -> Contact:
    app = {"crm": "freshdesk", "pbx": "wildix-phonebook"}[book]
    made = Contact(
        contact_id(book, record),
        book,
        app,
        record,
        name,
        numbers=tuple(ContactNumber(raw, "work") for raw in raws),
        page_url=f"https://{book}.example.test/{record}" if book == "crm" else None,
    )
    return replace(made, **more)


class Apps:
    def apps(self) -> tuple[AppAccount, ...]:
        return (AppAccount("crm", "freshdesk", "https://acme.freshdesk.com"),)


class House:
    """A directory and people over it; counts the questions that the directory is asked."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.policy = MatchPolicy()
        self.people = People(
            directory,
            Apps(),
            REGISTRY,
            lambda _: PLAN,
            Catalogue.load("en").text,
            matching=lambda: self.policy,
            colleague=lambda account, extension: MARIA if (account, extension) == ("office", "201") else None,
        )

    async def sure(self, agent: Agent = ALL, number: str = NUMBER) -> list[dict[str, Any]]:
        return list((await self.people.lookup(agent, number))["sure"])

    async def tagged(self, *tags: TagText, number: str = "020 7946 0999", agent: Agent = ALL) -> Any:
        return await self.people.known(read(number, PLAN), agent.books, PLAN, tags=tags)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    stores = await open_stores(tmp_path)
    yield House(Directory(stores.books))
    await stores.close()


async def test_the_same_person_in_two_apps_is_one_entry_with_two_pages(house: House) -> None:
    crm = contact("1", "Ada Example", NUMBER)
    book = contact("1", "example, ada", "020 7946 0018", book="pbx", emails=("ada@example.test",))
    await house.directory.put([crm, book], PLAN)
    (ada,) = await house.sure()
    assert [(page["id"], page["account"]) for page in ada["pages"]] == [(crm.id, "crm"), (book.id, "pbx")]
    assert (ada["id"], ada["page_url"]) == (crm.id, crm.page_url)
    assert ada["emails"] == ["ada@example.test"]
    assert len(ada["numbers"]) == 1
    assert ada["reason"] == "Work number in Freshdesk and Wildix phonebook"
    page = await house.people.search(ALL, "ada", 20)
    assert (len(page["items"]), page["total"], page["more"]) == (1, 1, False)
    assert [len(each["pages"]) for each in await house.sure(CRM_ONLY)] == [1]


async def test_which_page_opens_first_is_a_setting_and_an_address_comes_before_none(house: House) -> None:
    crm = contact("1", "Ada Example", NUMBER)
    book = contact("1", "Ada Example", NUMBER, book="pbx")
    await house.directory.put([crm, book], PLAN)
    house.policy = MatchPolicy(("pbx",))
    assert (await house.sure())[0]["id"] == crm.id
    with_page = replace(book, page_url="https://pbx.example.test/1")
    await house.directory.put([with_page], PLAN)
    assert (await house.sure())[0]["page_url"] == with_page.page_url


async def test_a_number_is_read_as_the_pbx_of_its_book_writes_it(house: House) -> None:
    italy = NumberPlan("IT")
    house.people._book_plan = lambda book: italy if book == "pbx" else PLAN
    rome = contact("1", "Anna", "06 1234 5678", "201", book="pbx")
    await house.directory.put([rome], italy)
    (anna,) = await house.sure(number="+390612345678")
    assert [each["e164"] for each in anna["numbers"]] == ["+390612345678"]


async def test_C04_put_away_and_blocked_contacts_come_last_and_are_marked(house: House) -> None:
    await house.directory.put(
        [
            contact("1", "Aaron", NUMBER, blocked=True),
            contact("2", "Abel", NUMBER, archived=True),
            contact("3", "Zoe", NUMBER),
        ],
        PLAN,
    )
    found = await house.sure()
    marks = {each["name"]: (each["archived"], each["blocked"]) for each in found}
    assert next(iter(marks)) == "Zoe"
    assert marks == {"Zoe": (False, False), "Aaron": (False, True), "Abel": (True, False)}


async def test_C03_the_company_that_all_share_is_offered(house: House) -> None:
    firm = contact("f", "Example Ltd", type=ContactType.COMPANY)
    people = [contact(str(n), f"Person {n}", NUMBER, company="Example Ltd") for n in (1, 2)]
    await house.directory.put([firm, *people], PLAN)
    company = (await house.people.lookup(ALL, NUMBER))["company"]
    assert company == {
        "id": firm.id,
        "app": "freshdesk",
        "app_title": "Freshdesk",
        "name": "Example Ltd",
        "page_url": firm.page_url,
    }
    await house.directory.put([contact("3", "Person 3", NUMBER, company="Other")], PLAN)
    assert (await house.people.lookup(ALL, NUMBER))["company"] is None


async def test_a_company_on_its_own_number_says_so(house: House) -> None:
    await house.directory.put([contact("f", "Example Ltd", NUMBER, type=ContactType.COMPANY)], PLAN)
    assert [each["reason"] for each in await house.sure()] == ["Number of Example Ltd in Freshdesk"]


async def test_a_reading_of_a_company_is_no_switchboard(house: House) -> None:
    italy = NumberPlan("IT")
    firm = contact("f", "Example Srl", "0212345678/79", type=ContactType.COMPANY)
    await house.directory.put([firm], italy)
    known = await house.people.known(read("+390212345679", italy), None, italy)
    assert [each["reason"] for each in known.possible] == ["One way to read this number, in Freshdesk"]


async def test_a_popup_asks_the_directory_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.directory.put([contact("1", "Ada", NUMBER), contact("2", "Bob", NUMBER)], PLAN)
    asked: list[str] = []
    books = house.directory._books
    reading = books.read

    async def counted(work: Any, **more: Any) -> Any:
        asked.append("read")
        return await reading(work, **more)

    monkeypatch.setattr(books, "read", counted)
    await house.sure()
    assert len(asked) == 1
    await house.people.known(read("anonymous", PLAN), None, PLAN)
    assert len(asked) == 1


RECORD = TagRule(r"customer:(\d+)", TagFinds.RECORD)
KEYED = TagRule(r"\d+", TagFinds.NUMBER)


async def test_C18_a_record_that_a_tag_names_is_possible_and_says_the_tag(house: House) -> None:
    ada = contact("1042", "Ada", "020 7946 0001")
    await house.directory.put([ada], PLAN)
    known = await house.tagged(TagText("customer:1042", "1042", RECORD))
    (found,) = known.possible
    assert (known.sure, found["id"], found["found_by"]) == ([], ada.id, "tag")
    assert found["reason"] == "Tag customer:1042, found in Freshdesk"


async def test_C18_a_rule_may_say_sure(house: House) -> None:
    await house.directory.put([contact("1042", "Ada")], PLAN)
    rule = replace(RECORD, certainty=Certainty.SURE)
    (found,) = (await house.tagged(TagText("customer:1042", "1042", rule))).sure
    assert (found["certainty"], found["found_by"]) == ("sure", "tag")


async def test_C18_a_number_that_a_tag_carries_is_looked_up(house: House) -> None:
    await house.directory.put([contact("1", "Ada", NUMBER)], PLAN)
    tag = TagText("02079460018", "02079460018", KEYED)
    (found,) = (await house.tagged(tag)).possible
    assert (found["name"], found["found_by"]) == ("Ada", "tag")
    sure = replace(tag, rule=replace(KEYED, certainty=Certainty.SURE))
    assert [each["found_by"] for each in (await house.tagged(sure)).sure] == ["tag"]


async def test_a_rule_never_makes_a_mere_reading_sure(house: House) -> None:
    await house.directory.put([contact("f", "Firm", "+44 121 496 00", type=ContactType.COMPANY)], PLAN)
    rule = replace(KEYED, certainty=Certainty.SURE)
    known = await house.tagged(TagText("01214960023", "01214960023", rule))
    assert (known.sure, [each["name"] for each in known.possible]) == ([], ["Firm"])


async def test_a_contact_found_both_ways_is_sure_by_number_and_comes_first(house: House) -> None:
    await house.directory.put([contact("1", "Ada", NUMBER), contact("1042", "Zoe", NUMBER)], PLAN)
    known = await house.tagged(TagText("customer:1042", "1042", RECORD), number=NUMBER)
    assert [(each["name"], each["found_by"]) for each in known.sure] == [("Zoe", "number"), ("Ada", "number")]
    assert known.sure[0]["reason"] == "Work number in Freshdesk"
    assert known.possible == []


@pytest.mark.parametrize("rule", [RECORD, replace(RECORD, book="pbx")])
async def test_a_tag_shows_no_book_that_the_agent_may_not_see(house: House, rule: TagRule) -> None:
    await house.directory.put([contact("1042", "Ada", book="pbx")], PLAN)
    tag = TagText("customer:1042", "1042", rule)
    assert len((await house.tagged(tag)).possible) == 1
    assert (await house.tagged(tag, agent=CRM_ONLY)).possible == []


async def test_a_rule_with_a_book_looks_there_alone(house: House) -> None:
    await house.directory.put([contact("1042", "Ada"), contact("1042", "Bob", book="pbx")], PLAN)
    known = await house.tagged(TagText("customer:1042", "1042", replace(RECORD, book="pbx")))
    assert [each["name"] for each in known.possible] == ["Bob"]


async def test_a_tag_is_only_text(house: House) -> None:
    await house.directory.put([contact("1042", "Ada")], PLAN)
    tag = "customer:\u202e1042\n" + "x" * 200
    (found,) = (await house.tagged(TagText(tag, "1042", RECORD))).possible
    assert not {"\u202e", "\n"} & set(found["reason"])
    assert len(found["reason"]) < 100


async def test_B05_an_internal_number_is_its_colleagues_and_nobody_elses_for_sure(house: House) -> None:
    await house.directory.put([contact("1", "Customer", "201"), contact("2", "Rossi Maria", "201")], PLAN)
    found = await house.people.lookup(ALL, "201")
    assert found["colleague"] == {"extension": "201", "name": "Maria Rossi"}
    assert [each["name"] for each in found["sure"]] == ["Rossi Maria"]
    assert [(each["name"], each["reason"]) for each in found["possible"]] == [
        ("Customer", "The same internal number in Freshdesk, but here it is a colleague's")
    ]


async def test_B05_without_a_colleague_an_internal_number_matches_exactly_and_says_what_it_is(
    house: House,
) -> None:
    await house.directory.put([contact("1", "Ada", "12345"), contact("2", "Bob", "+44 12345")], PLAN)
    found = await house.people.lookup(ALL, "12345")
    assert found["colleague"] is None
    assert [(each["name"], each["reason"]) for each in found["sure"]] == [
        ("Ada", "Internal number in Freshdesk")
    ]


_RAWS = st.sampled_from(
    ["+442079460018", "020 7946 0018", "+4420794600", "201", "2011", "anonymous", "", "000", "112", "0018"]
)


@given(
    stored=st.lists(st.tuples(_RAWS, _RAWS, st.sampled_from(list(ContactType))), max_size=4),
    caller=_RAWS,
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_C4_whoever_is_shown_as_sure_owns_the_key_of_the_caller(
    house: House, stored: list[tuple[str, str, ContactType]], caller: str
) -> None:
    names = ["Ada Example", "Bob", "Ada Example", "Cleo"]
    contacts = [
        contact(str(n), names[n], *raws, book="pbx" if n % 2 else "crm", type=kind)
        for n, (*raws, kind) in enumerate(stored)
    ]
    await house.directory.replace_book("crm", [each for each in contacts if each.book == "crm"], PLAN)
    await house.directory.replace_book("pbx", [each for each in contacts if each.book == "pbx"], PLAN)
    found = await house.people.lookup(replace(ALL, account=None), caller)
    keys = {key.text for key in lookup_keys(read(caller, PLAN)) if key.certainty is Certainty.SURE}
    for item in found["sure"]:
        ids = {page["id"] for page in item["pages"]}
        owned = {
            key.text
            for each in contacts
            if each.id in ids
            for number in each.numbers
            for key in lookup_keys(read(number.raw, PLAN))
        }
        assert owned & keys
    owners = {
        each.id
        for each in contacts
        if keys & {key.text for number in each.numbers for key in lookup_keys(read(number.raw, PLAN))}
    }
    assert {page["id"] for item in found["sure"] for page in item["pages"]} >= owners
    told = (await house.people.explain(replace(ALL, account=None), caller))["candidates"]
    for verdict in Certainty:
        shown = [page["id"] for item in found[verdict.value] for page in item["pages"]]
        assert [each["id"] for each in told if each["verdict"] == verdict.value] == shown


async def test_a_page_is_full_although_people_in_two_apps_become_one(house: House) -> None:
    people = [
        contact(f"{at}", f"Ada Byron{at}", f"020 7946 0{at:03}", book=book)
        for at in range(12)
        for book in ("crm", "pbx")
    ]
    await house.directory.put(people, PLAN)
    page = await house.people.search(ALL, "ada", 5)
    assert len(page["items"]) == 5
    assert page["more"]
    page = await house.people.search(ALL, "ada", 12)
    assert (len(page["items"]), page["total"], page["more"]) == (12, 12, False)
