"""Whatever is put, changed, removed, read anew and rebuilt, the index answers as the plain matcher does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linedesk.contacts.directory import Directory
from linedesk.contacts.match import Stored, match
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.numbers import NumberPlan, read
from linedesk.store.migrate import open_stores

PLANS = {"IT": NumberPlan("IT"), "DE": NumberPlan("DE")}
BOOKS = ("crm", "hr")
# Switchboards and direct lines, two readings, variants of a country, internal, withheld and unreadable ones.
NUMBERS = (
    "02 1234 5678",
    "0212345678/79",
    "+39 02 1234567890",
    "030 23125-0",
    "+49 30 23125014",
    "+49 30 23125",
    "+55 11 87654321",
    "+55 11 987654321",
    "201",
    "anonymous",
    "112",
    "3902123456",
    "+390212345678 +390287654321",
    "rubbish",
)
books = st.sampled_from(BOOKS)
records = st.sampled_from(["", "1", "2", "3", "Ä"])
regions = st.sampled_from(sorted(PLANS))
people = st.builds(
    lambda book, record, numbers, kind, archived, blocked: Contact(
        id=f"{book}:{record}",
        book=book,
        app="csv",
        record_id=record,
        name=f"Person {record}",
        type=kind,
        numbers=tuple(ContactNumber(number, str(at)) for at, number in enumerate(numbers)),
        archived=archived,
        blocked=blocked,
    ),
    books,
    records,
    st.lists(st.sampled_from(NUMBERS), max_size=3),
    st.sampled_from(list(ContactType)),
    st.booleans(),
    st.booleans(),
)


class Machine(RuleBasedStateMachine):
    """The directory, beside what it should hold: contacts and the region each was last read in."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = self.run(open_stores(Path(self.folder.name)))
        self.directory = Directory(self.stores.books)
        self.held: dict[tuple[str, str], tuple[Contact, str]] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.stores.close())
        self.loop.close()
        self.folder.cleanup()

    def take(self, contacts: list[Contact], region: str) -> None:
        self.held.update({(each.book, each.record_id): (each, region) for each in contacts})

    @rule(contacts=st.lists(people, max_size=5), region=regions)
    def put(self, contacts: list[Contact], region: str) -> None:
        self.run(self.directory.put(contacts, PLANS[region]))
        self.take(contacts, region)

    @rule(contacts=st.lists(people, max_size=4), book=books, region=regions)
    def replace_book(self, contacts: list[Contact], book: str, region: str) -> None:
        own = [each for each in contacts if each.book == book]
        self.run(self.directory.replace_book(book, own, PLANS[region]))
        self.held = {key: value for key, value in self.held.items() if key[0] != book}
        self.take(own, region)

    @rule(book=books, gone=st.lists(records, max_size=3))
    def remove(self, book: str, gone: list[str]) -> None:
        there = {(book, record) for record in gone} & set(self.held)
        assert self.run(self.directory.remove(book, gone)) == len(there)
        for key in there:
            del self.held[key]

    @rule(book=books, region=regions)
    def reread(self, book: str, region: str) -> None:
        self.run(self.directory.reread(book, PLANS[region]))
        for key, (contact, _) in list(self.held.items()):
            if key[0] == book:
                self.held[key] = (contact, region)

    @rule()
    def rebuild(self) -> None:
        assert self.run(self.directory.rebuild(rest_share=0)) == len(self.held)

    @rule(caller=st.sampled_from(NUMBERS), region=regions, seen=st.sets(books) | st.none())
    def a_call(self, caller: str, region: str, seen: set[str] | None) -> None:
        number = read(caller, PLANS[region])
        stored = [
            Stored(contact.id, read(each.raw, PLANS[home]), contact.type)
            for contact, home in self.held.values()
            if seen is None or contact.book in seen
            for each in contact.numbers
        ]
        plain = match(stored, number)
        found = self.run(self.directory.lookup(number, None if seen is None else frozenset(seen)))
        assert {each.contact.id for each in found.sure} == set(plain.sure)
        assert {each.contact.id for each in found.possible} == set(plain.possible)
        for hits in (found.sure, found.possible):
            lasts = [each.contact.last for each in hits]
            assert lasts == sorted(lasts)
        for each in (*found.sure, *found.possible):
            assert ContactNumber(each.raw, each.label) in each.contact.numbers
            assert each.key

    @invariant()
    def it_holds_what_was_put(self) -> None:
        for book in BOOKS:
            ids = {record for where, record in self.held if where == book}
            assert self.run(self.directory.record_ids(book)) == ids


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
