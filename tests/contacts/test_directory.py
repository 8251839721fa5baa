"""The index gives the answer of a plain look at every contact, only of books that may be seen."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from linedesk.contacts.directory import Directory, Lookup
from linedesk.contacts.match import Stored, match
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.numbers import Certainty, Kind, NumberPlan, read
from linedesk.store import contacts as rows
from linedesk.store.migrate import Stores
from linedesk.store.tables import contact_keys, contact_numbers

IT = NumberPlan("IT")
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "matching.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def person(record: str, *numbers: str, book: str = "crm", name: str = "", **more: Any) -> Contact:
    return Contact(
        id=f"{book}-{record}",
        book=book,
        app="freshdesk",
        record_id=record,
        name=name or f"Person {record}",
        numbers=tuple(ContactNumber(number, "work") for number in numbers),
        **more,
    )


def names(lookup: Lookup) -> tuple[list[str], list[str]]:
    return (
        [each.contact.record_id for each in lookup.sure],
        [each.contact.record_id for each in lookup.possible],
    )


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return Directory(stores.books)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_matching_case(directory: Directory, case: dict[str, Any]) -> None:
    plan = NumberPlan(case["region"])
    merged: dict[str, Contact] = {}
    for at, stored in enumerate(case["stored"]):
        known = merged.get(
            stored["contact"], person(stored["contact"], type=ContactType(stored.get("type", "person")))
        )
        number = ContactNumber(stored["phone"], str(at))
        merged[stored["contact"]] = replace(known, numbers=(*known.numbers, number))
    await directory.put(merged.values(), plan)
    sure, possible = names(await directory.lookup(read(case["caller"], plan), None))
    assert set(sure) == set(case["want"]["sure"])
    assert set(possible) == set(case["want"]["possible"])


NUMBERS = (
    "02 1234 5678",
    "0212345678/79",
    "+39 02 12345678",
    "+39 02 1234567890",
    "030 23125-0",
    "+49 30 23125014",
    "+49 30 23125",
    "201",
    "anonymous",
    "",
    "112",
    "3902123456",
    "390 212 3456",
    "+390212345678 +390287654321",
    "rubbish",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stored=st.lists(
        st.tuples(st.lists(st.sampled_from(NUMBERS), max_size=3), st.sampled_from(list(ContactType))),
        max_size=6,
    ),
    caller=st.sampled_from(NUMBERS),
    region=st.sampled_from(["IT", "DE"]),
)
async def test_C4_index_and_plain_matcher_agree(
    directory: Directory, stored: list[tuple[list[str], ContactType]], caller: str, region: str
) -> None:
    plan = NumberPlan(region)
    contacts = [person(str(at), *numbers, type=kind) for at, (numbers, kind) in enumerate(stored)]
    await directory.replace_book("crm", contacts, plan)
    number = read(caller, plan)
    sure, possible = names(await directory.lookup(number, None))
    plain = match(
        [
            Stored(contact.record_id, read(each.raw, plan), contact.type)
            for contact in contacts
            for each in contact.numbers
        ],
        number,
    )
    assert set(sure) == set(plain.sure)
    assert set(possible) == set(plain.possible)


async def test_C5_withheld_and_unreadable_callers_match_nothing(directory: Directory) -> None:
    await directory.put([person("1", "", "anonymous", "000000", "rubbish"), person("2")], IT)
    for caller in ("", "anonymous", "000000", "rubbish", "sip:anonymous@anonymous.invalid"):
        assert await directory.lookup(read(caller, IT), None) == Lookup((), ())


async def test_internal_numbers_match_only_those_who_hold_them(directory: Directory) -> None:
    await directory.put([person("1", "201"), person("2", "+39 02 123201"), person("3", "2010")], IT)
    number = read("201", IT)
    assert number.kind is Kind.EXTENSION
    assert names(await directory.lookup(number, None)) == (["1"], [])


async def test_C12_only_contacts_of_visible_books_are_found(directory: Directory) -> None:
    await directory.put([person("1", "+390212345678"), person("2", "+390212345678", book="hr")], IT)
    number = read("+390212345678", IT)
    assert names(await directory.lookup(number, None)) == (["1", "2"], [])
    assert names(await directory.lookup(number, frozenset({"hr"}))) == (["2"], [])
    assert names(await directory.lookup(number, frozenset({"other"}))) == ([], [])
    assert names(await directory.lookup(number, frozenset())) == ([], [])


async def test_C04_archived_contacts_come_last(directory: Directory) -> None:
    await directory.put(
        [
            person("1", "+390212345678", name="Aaron", archived=True),
            person("2", "+390212345678", name="zoe"),
            person("3", "+390212345678", name="Bea"),
        ],
        IT,
    )
    assert names(await directory.lookup(read("+390212345678", IT), None)) == (["3", "2", "1"], [])


async def test_the_label_is_that_of_the_number_that_matched(directory: Directory) -> None:
    contact = replace(
        person("1"),
        numbers=(ContactNumber("+390287654321", "work"), ContactNumber("+393331234567", "mobile")),
    )
    await directory.put([contact], IT)
    (found,) = (await directory.lookup(read("+393331234567", IT), None)).sure
    assert (found.label, found.certainty, found.contact) == ("mobile", Certainty.SURE, contact)


async def test_a_sure_number_wins_over_a_possible_one_of_the_same_contact(directory: Directory) -> None:
    await directory.put([person("1", "0212345678/79", "+390212345679")], IT)
    assert names(await directory.lookup(read("+390212345679", IT), None)) == (["1"], [])


async def test_one_number_on_many_contacts_is_bounded(directory: Directory) -> None:
    await directory.put([person(f"{n:03}", "+390212345678") for n in range(90)], IT)
    sure, _ = names(await directory.lookup(read("+390212345678", IT), None))
    assert sure == [f"{n:03}" for n in range(30)]


async def test_putting_again_changes_nothing_and_replaces_what_changed(
    stores: Stores, directory: Directory
) -> None:
    contact = person(
        "1", "+390212345678", "+393331234567", emails=("a@crm.test",), page_url="https://crm.test/1"
    )

    def sizes(c: Any) -> list[int]:
        return [
            c.execute(select(func.count()).select_from(t)).scalar_one()
            for t in (contact_numbers, contact_keys)
        ]

    assert await directory.put([contact], IT) == 1
    before = await stores.books.read(sizes)
    await directory.put([contact, contact], IT)
    assert await stores.books.read(sizes) == before
    assert await directory.count() == 1
    moved = replace(contact, name="New", numbers=(ContactNumber("+390287654321", "home"),))
    await directory.put([moved], IT)
    assert names(await directory.lookup(read("+390212345678", IT), None)) == ([], [])
    (found,) = (await directory.lookup(read("+390287654321", IT), None)).sure
    assert found.contact == moved
    assert (await directory.search("Person", None, 10, IT)).total == 0
    assert (await directory.search("New", None, 10, IT)).total == 1


async def test_putting_again_writes_no_row(directory: Directory, stores: Stores) -> None:
    people = [person(str(n), f"+39 02 {n:08}", "0212345678/79") for n in range(60)]
    await directory.put(people, IT)
    before = await stores.books.write(lambda c: c.exec_driver_sql("SELECT total_changes()").scalar_one())
    await directory.put(people, IT)
    assert (
        await stores.books.write(lambda c: c.exec_driver_sql("SELECT total_changes()").scalar_one()) == before
    )
    changed = [replace(people[0], archived=True), *people[1:]]
    await directory.put(changed, IT)
    after = await stores.books.write(lambda c: c.exec_driver_sql("SELECT total_changes()").scalar_one())
    assert after > before


async def test_the_same_text_read_in_another_region_is_stored_anew(directory: Directory) -> None:
    contact = person("1", "030 23125014")
    await directory.put([contact], IT)
    assert names(await directory.lookup(read("+493023125014", IT), None)) == ([], [])
    await directory.put([contact], NumberPlan("DE"))
    assert names(await directory.lookup(read("+493023125014", IT), None)) == (["1"], [])


async def test_replace_book_removes_what_is_gone_and_touches_no_other_book(directory: Directory) -> None:
    await directory.put([person(str(n), f"+39021234{n:04}") for n in range(600)], IT)
    await directory.put([person("1", "+390212345678", book="hr")], IT)
    assert await directory.replace_book("crm", [person("1", "+390211111111"), person("new")], IT) == 599
    assert await directory.record_ids("crm") == {"1", "new"}
    assert await directory.count("hr") == 1
    assert names(await directory.lookup(read("+390212340500", IT), None)) == ([], [])
    assert (await directory.search("Person 500", None, 10, IT)).total == 0


async def test_replace_book_refuses_a_contact_of_another_book(directory: Directory) -> None:
    await directory.put([person("1")], IT)
    with pytest.raises(ValueError, match="another book"):
        await directory.replace_book("crm", [person("2", book="hr")], IT)
    assert await directory.record_ids("crm") == {"1"}


async def test_remove_says_how_many_there_were(directory: Directory) -> None:
    await directory.put([person("1", "+390212345678"), person("2")], IT)
    assert await directory.remove("crm", ["1", "missing"]) == 1
    assert await directory.remove("crm", []) == 0
    assert await directory.count() == 1


@given(name=st.text(max_size=30), company=st.text(max_size=30), raw=st.text(max_size=20))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_S24_any_text_comes_back_as_it_was(
    directory: Directory, name: str, company: str, raw: str
) -> None:
    numbers = (ContactNumber(raw), ContactNumber("+390212345678"))
    contact = Contact("1", "crm", "csv", "1", name, company=company, numbers=numbers)
    await directory.put([contact], IT)
    (found,) = (await directory.lookup(read("+390212345678", IT), None)).sure
    assert found.contact == contact


async def test_a_lone_surrogate_is_stored_as_a_replacement_mark(directory: Directory) -> None:
    await directory.put([person("1", "+390212345678", name="A\ud800B")], IT)
    (found,) = (await directory.lookup(read("+390212345678", IT), None)).sure
    assert found.contact.name == "A?B"


async def test_the_loop_and_the_writer_stay_free_while_a_book_comes_in(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    put = rows.put

    def counted(c: Any, entries: Any) -> int:
        written.append(len(entries))
        return put(c, entries)

    monkeypatch.setattr(rows, "put", counted)
    longest, stop = 0.0, False

    async def beat() -> None:
        nonlocal longest
        while not stop:
            # Time of this thread's own work: another process that has the machine takes none of it.
            began = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)

    watcher = asyncio.create_task(beat())
    await directory.put((person(str(n), f"+39 02 {n:08}", f"333 {n:07}") for n in range(1_500)), IT)
    stop = True
    await watcher
    # Whole, it is a third of a second.
    assert longest < 0.08
    assert sum(written) == 1_500
    assert max(written) <= 1_000
