"""The index gives what a plain look at every contact gives, whatever was put, changed and removed before."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linedesk.contacts import finding
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.search import folded, parse
from linedesk.contacts.search_rank import ranked
from linedesk.numbers import NumberPlan, read
from linedesk.store import search_read
from linedesk.store.migrate import Stores

IT = NumberPlan("IT")
NAMES = (
    "Anna Rossi",
    "Rossi",
    "Мария Росси",
    "Jürgen Müller",
    "Muller Anna",
    "Ann Marosi",
    "李 明",
    "O'Ross 347",
    "",
)
NUMBERS = ("+39 02 1234 5678", "347 000 1122", "06 1347 2211", "201", "")
TYPED = (
    *("a", "an", "anna", "rossi", "ross", "росси", "mueller an", "muller", "347", "3470", "02123", "1347 22"),
    *("ross 347", "anna rossi", "o'ross", "shop.test", "明", "rossi 201", "zz", "30001122", "anna 1122"),
)

people = st.builds(
    lambda record, name, number, book, last: Contact(
        f"{book}-{record}",
        book,
        "csv",
        str(record),
        name,
        emails=("anna@shop.test",) if record % 3 == 0 else (),
        numbers=(ContactNumber(number),) if number else (),
        archived=last,
    ),
    st.integers(0, 7),
    st.sampled_from(NAMES),
    st.sampled_from(NUMBERS),
    st.sampled_from(("crm", "hr")),
    st.booleans(),
)


def fits(contact: Contact, text: str) -> bool:
    """The rule of docs and `Query`, without any index."""
    query = parse(text, IT)
    words = folded([contact.name, contact.company, *contact.emails]).split()

    def has(wanted: tuple[tuple[str, ...], ...]) -> bool:
        return all(any(word.startswith(forms) for word in words) for forms in wanted)

    held = [re.sub(r"\D", "", each.raw) for each in contact.numbers]
    for each in contact.numbers:
        number = read(each.raw, IT)
        held += [value.lstrip("+") for value in (number.value, *number.candidates) if value]
    digits = any(form in number for form in query.digits for number in held)
    return bool((query.words and has(query.words)) or (digits and has(query.letters)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(people, st.tuples(st.sampled_from(("crm", "hr")), st.integers(0, 7))), max_size=12
    ),
    text=st.sampled_from(TYPED),
    books=st.sampled_from((None, frozenset({"crm"}), frozenset({"hr", "other"}))),
    many=st.booleans(),
)
async def test_C12_C21_the_index_and_a_plain_look_agree(
    stores: Stores,
    steps: list[Contact | tuple[str, int]],
    text: str,
    books: frozenset[str] | None,
    many: bool,
) -> None:
    directory = Directory(stores.books)
    for book in ("crm", "hr"):
        await directory.replace_book(book, [], IT)
    shelf: dict[tuple[str, str], Contact] = {}
    for step in steps:
        if isinstance(step, Contact):
            await directory.put([step], IT)
            shelf[step.book, step.record_id] = step
        else:
            await directory.remove(step[0], [str(step[1])])
            shelf.pop((step[0], str(step[1])), None)
    visible = [each for each in shelf.values() if books is None or each.book in books]
    wanted = {each.id for each in visible if fits(each, text)}
    query = parse(text, IT)
    page = await directory.search(text, books, 50, IT)
    exact = page.items[: len(wanted)]
    assert {each.id for each in exact} == wanted
    assert [each.archived for each in exact] == sorted(each.archived for each in exact)
    if many and wanted:
        # The way of more than a thousand hits, on few: the same contacts in the same order.
        def both(c: Any) -> tuple[list[int], list[int]]:
            hits = search_read.rowids(c, query, books, 1_001)
            best = finding._best_of_many(c, query, books, hits, 50)
            plain = ranked(query, search_read.candidates(c, hits))
            return [each.rowid for each in best], [each.rowid for each in plain]

        best, plain = await stores.books.read(both)
        assert best == plain
        assert len(best) == len(wanted)
