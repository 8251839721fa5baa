"""Why each contact won or lost, and that the explanation never differs from the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linedesk.accounts.model import AppAccount
from linedesk.agents.model import Agent, Role
from linedesk.apps.registry import REGISTRY
from linedesk.contacts.directory import Directory
from linedesk.contacts.evidence import Why, best, evidence
from linedesk.contacts.explain import applied
from linedesk.contacts.explain_stored import explain_stored
from linedesk.contacts.match import Stored, match
from linedesk.contacts.model import Contact, ContactNumber, ContactType, contact_id
from linedesk.contacts.people import People
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan, PrefixRule, read
from linedesk.store.migrate import open_stores

ITALY = NumberPlan("IT")
GB = NumberPlan("GB")
WORDS = Catalogue.load("en").text
ALL = Agent("all", "all", "All", Role.AGENT, "office", "202")
FEW = replace(ALL, books=frozenset({"crm"}))
NUMBER = "+442079460018"


@pytest.mark.parametrize(
    ("stored", "of", "caller", "why"),
    [
        ("02079460018", ContactType.PERSON, "+442079460018", Why.OWNS),
        ("+442079461018", ContactType.PERSON, "+442079460018", Why.OTHER),
        ("+449020460018", ContactType.PERSON, "+447020460018", Why.SAME_ENDING),
        ("+44207946001", ContactType.COMPANY, "+442079460018", Why.SWITCHBOARD),
        ("+44207946001", ContactType.PERSON, "+442079460018", Why.PERSONS_BOARD),
        ("201", ContactType.PERSON, "+442079460201", Why.INTERNAL),
        ("201", ContactType.PERSON, "2011", Why.OTHER),
        ("rubbish", ContactType.PERSON, "+442079460018", Why.NO_NUMBER),
        ("999", ContactType.PERSON, "+442079460018", Why.NO_NUMBER),
        ("02079460018", ContactType.PERSON, "anonymous", Why.NOBODY),
    ],
)
def test_the_cause_of_a_pair(stored: str, of: ContactType, caller: str, why: Why) -> None:
    assert evidence(read(stored, GB), of, read(caller, GB)).why is why


def test_the_cause_names_whose_reading_it_is() -> None:
    whole, two = read("+3902123456", ITALY), read("3902123456", ITALY)
    assert evidence(whole, ContactType.PERSON, two).why is Why.READING_OF_CALLER
    assert evidence(two, ContactType.PERSON, whole).why is Why.READING_OF_STORED


def test_the_best_of_several_numbers_counts() -> None:
    caller = read(NUMBER, GB)
    found = [evidence(read(raw, GB), ContactType.PERSON, caller) for raw in ("201", NUMBER, "rubbish")]
    assert best(found) == (1, found[1])
    assert best([])[1].why is Why.NO_NUMBER


_TEXTS = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["+4930231", "030231", "+3902123", "02123", "39021", "+39"]),
        st.text("0169", max_size=6),
        st.sampled_from(["", "-0", "/79", " ::: +4930231250", " x12"]),
    ),
    st.sampled_from(["", "anonymous", "201", "2011", "112", "1254", "3902123456"]),
)


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), _TEXTS, st.sampled_from(list(ContactType))), max_size=6),
    _TEXTS,
)
@example([("a", "+39021230-0", ContactType.COMPANY)], "+390212304")
@settings(max_examples=200, deadline=None)
def test_the_explanation_never_differs_from_the_answer(
    contacts: list[tuple[str, str, ContactType]], text: str
) -> None:
    kinds: dict[str, ContactType] = {}
    stored = [Stored(name, read(raw, ITALY), kinds.setdefault(name, kind)) for name, raw, kind in contacts]
    caller = read(text, ITALY)
    found = match(stored, caller)
    told = explain_stored(stored, caller, ITALY, found, WORDS)["candidates"]
    verdicts = {each["id"]: each["verdict"] for each in told}
    for contact in kinds:
        wanted = "sure" if contact in found.sure else "possible" if contact in found.possible else "rejected"
        assert verdicts[contact] == wanted
    assert [each["place"] for each in told if each["place"]] == list(
        range(1, len(found.sure) + len(found.possible) + 1)
    )
    assert all(each["reasons"] for each in told)


def test_B24_the_rule_that_was_applied_is_named() -> None:
    plan = replace(GB, rules=(PrefixRule("9", ""), PrefixRule("8", "+39")))
    assert applied("902079460018", plan, WORDS) == ("The prefix 9 was taken off first.",)
    assert applied("80212345678", plan, WORDS) == ("The prefix rule 8 → +39 was applied first.",)
    assert applied("02079460018", plan, WORDS) == ()


class Apps:
    def apps(self) -> tuple[AppAccount, ...]:
        return ()


def contact(record: str, name: str, *raws: str, book: str = "crm", **more: Any) -> Contact:
    app = {"crm": "freshdesk", "pbx": "wildix-phonebook"}[book]
    numbers = tuple(ContactNumber(raw, "work") for raw in raws)
    return replace(Contact(contact_id(book, record), book, app, record, name, numbers=numbers), **more)


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    stores = await open_stores(tmp_path)
    directory = Directory(stores.books)
    await directory.put(
        [
            contact("1", "Ada", "020 7946 0018"),
            contact("1", "Ada", NUMBER, book="pbx"),
            contact("2", "Bob", NUMBER, archived=True),
            contact("3", "Firm", "+44 20 7946", type=ContactType.COMPANY),
            contact("4", "Near", "+44 121 946 0018"),
            contact("5", "Secret", NUMBER, book="pbx"),
        ],
        GB,
    )
    colleague = {("office", "201"): replace(ALL, name="Maria")}
    yield People(
        directory,
        Apps(),
        REGISTRY,
        lambda _: GB,
        WORDS,
        colleague=lambda account, extension: colleague.get((account, extension)),
    )
    await stores.close()


def row(told: dict[str, Any], name: str, account: str = "crm") -> dict[str, Any]:
    return next(each for each in told["candidates"] if (each["name"], each["account"]) == (name, account))


async def test_each_candidate_has_its_number_key_verdict_place_and_reasons(people: People) -> None:
    told = await people.explain(ALL, NUMBER)
    ada = row(told, "Ada")
    assert (ada["number"], ada["label"], ada["key"]) == ("020 7946 0018", "work", NUMBER)
    assert (ada["verdict"], ada["why"], ada["place"]) == ("sure", "owns", 1)
    assert ada["reasons"] == [
        f"Its number is the caller's: both have the key {NUMBER}.",
        "The same person as in Wildix phonebook: one entry, Freshdesk opens first.",
        "One of 3 sure contacts: the agent chooses.",
    ]
    assert row(told, "Ada", "pbx")["place"] == 1
    bob, near = row(told, "Bob"), row(told, "Near")
    assert "Archived in Freshdesk: offered last." in bob["reasons"]
    assert bob["place"] == 3
    assert (near["verdict"], near["why"], near["place"], near["key"]) == (
        "rejected",
        "same_ending",
        None,
        None,
    )
    assert told["readings"] == [{"value": NUMBER, "certain": True}]
    assert told["keys"] == [{"key": NUMBER, "certainty": "sure"}]
    assert "+44207946001" in told["switchboards"]


async def test_the_places_are_those_of_the_list(people: People) -> None:
    found = await people.lookup(ALL, NUMBER)
    told = await people.explain(ALL, NUMBER)
    order = [each["id"] for each in [*found["sure"], *found["possible"]]]
    places = {each["id"]: each["place"] for each in told["candidates"]}
    assert [places[id_] for id_ in order] == list(range(1, len(order) + 1))


async def test_a_switchboard_and_a_remembered_choice_say_so(people: People) -> None:
    told = await people.explain(ALL, "+44207946001")
    firm = row(told, "Firm")
    assert (firm["verdict"], firm["why"], firm["key"]) == ("possible", "switchboard", "+44207946")
    picked = await people.explain(ALL, NUMBER, pick=contact_id("pbx", "1"))
    for account in ("crm", "pbx"):
        assert row(picked, "Ada", account)["reasons"][-1].startswith("The agent chose this contact")
    assert row(picked, "Bob")["reasons"][-1].startswith("The agent chose another contact")


async def test_no_book_that_the_agent_may_not_see_is_named_but_to_an_administrator(people: People) -> None:
    told = await people.explain(FEW, NUMBER)
    assert {each["account"] for each in told["candidates"]} == {"crm"}
    told = await people.explain(FEW, NUMBER, everything=True)
    secret = row(told, "Secret", "pbx")
    assert (secret["verdict"], secret["place"]) == ("hidden", None)
    assert "the book pbx is not among those" in secret["reasons"][-1]
    assert row(told, "Ada")["place"] == 1
    told_of = [each["id"] for each in told["candidates"]]
    assert sorted(set(told_of)) == sorted(told_of)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("anonymous", "The number is withheld: it matches nobody."),
        ("999", "An emergency number belongs to nobody: it matches no contact."),
        ("rubbish", "This can't be read as a number: it matches nobody."),
    ],
)
async def test_C05_what_matches_nobody_says_so(people: People, text: str, sentence: str) -> None:
    told = await people.explain(ALL, text)
    assert told["notes"][-1] == sentence
    assert told["candidates"] == []
