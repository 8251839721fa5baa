"""What stands in the text index for words, digits and books, and what a search reads of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from sqlalchemy import create_engine

from linedesk.contacts import finding
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.search import parse
from linedesk.contacts.search_typos import TYPO_MIN, stem, stem_keys, typed_keys
from linedesk.numbers import NumberPlan
from linedesk.store import search_match, search_read, search_refill
from linedesk.store.migrate import Stores
from linedesk.store.search_sqlite import BEGINNING_MAX, GRAM, IN_NAME, IN_REST, grams, grams_with, place

IT = NumberPlan("IT")
digits = st.text("0123456789", max_size=15)
letters = st.text("abc", min_size=TYPO_MIN, max_size=9)


def person(at: int, family: str) -> Contact:
    return Contact(
        f"crm-{at}",
        "crm",
        "csv",
        str(at),
        f"Anna{at} {family}",
        company=f"Firm{at} Srl",
        emails=(f"anna{at}@example.test",),
        numbers=(ContactNumber(f"02 1{at:07}"),),
    )


@given(st.lists(st.text(max_size=8), unique=True))
def test_C12_each_book_has_a_part_of_its_own_that_no_word_has(names: list[str]) -> None:
    parts = [place(name) for name in names]
    assert len(set(parts)) == len(names)
    assert not any(letter.isalnum() or letter.isspace() for part in parts for letter in part)


@given(number=digits, at=st.integers(0, 12), size=st.integers(3, 8))
def test_any_digits_in_a_row_are_found_by_the_parts_of_their_number(number: str, at: int, size: int) -> None:
    typed = number[at : at + size]
    if len(typed) == 3:
        assert not set(grams(number)).isdisjoint(grams_with(typed))
    elif len(typed) >= GRAM:
        assert set(grams(number)).issuperset(grams(typed)[:-1])


@given(number=digits, typed=st.text("0123456789", min_size=3, max_size=3))
def test_three_digits_are_found_in_no_other_number(number: str, typed: str) -> None:
    assert set(grams(number)).isdisjoint(grams_with(typed)) == (typed not in number)


@given(word=letters, at=st.integers(0, 9), letter=st.sampled_from("abcd"), edit=st.integers(0, 3))
def test_a_mistake_anywhere_leaves_a_key_in_common(word: str, at: int, letter: str, edit: int) -> None:
    at %= len(word)
    pair = word[at : at + 2][::-1]
    put = (letter + word[at], letter, "", pair)[edit]
    typed = word[:at] + put + word[at + (2 if edit == 3 else 1) :]
    assert OSA.distance(word, typed) <= 1
    if len(typed) >= TYPO_MIN:
        assert not stem_keys(stem(word)).isdisjoint(typed_keys(typed))


async def test_every_beginning_up_to_twelve_letters_has_a_list_of_its_own(stores: Stores) -> None:
    sql = "SELECT sql FROM sqlite_master WHERE name = 'contact_find'"
    made = await stores.books.read(lambda c: c.exec_driver_sql(sql).scalar_one())
    sizes = made.split("prefix = '")[1].split("'")[0].split()
    assert len(IN_NAME) == len(IN_REST) == 1
    assert [int(size) for size in sizes] == [1 + letters for letters in range(1, BEGINNING_MAX + 1)]


def _steps(file: Path, text: str) -> int:
    """How many steps of SQLite's machine a search takes."""
    engine = create_engine(f"sqlite:///{file}")
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += 1
        return 0

    with engine.connect() as c:
        driver = c.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(step, 1)
        page = finding._search(c, parse(text, IT), None, 20)
    engine.dispose()
    assert not page.exact
    return counted


async def test_C21_a_beginning_that_more_have_takes_no_more_steps(stores: Stores, tmp_path: Path) -> None:
    directory, file = Directory(stores.books), tmp_path / "data" / "books.db"
    texts = ("ro", "rossi", "srl", "example", "anna", "021", "rossi sr", "firm 021")
    await directory.put([person(at, "Rossi") for at in range(1_010)], IT)
    few = {text: _steps(file, text) for text in texts}
    await directory.put([person(at, "Rossi") for at in range(1_010, 2_200)], IT)
    for text in texts:
        # Other contacts may be among those looked at, and the index be merged less; more than twice as many
        # have each beginning now.
        assert _steps(file, text) <= few[text] * 1.5, text


async def test_words_with_a_mistake_are_found_all_through_a_refill(stores: Stores) -> None:
    directory = Directory(stores.books)
    await directory.put([person(at, "Garibaldi") for at in range(30)], IT)
    write = stores.books.write

    async def total(text: str) -> int:
        return (await directory.search(text, None, 5, IT)).total

    await write(search_refill.start)
    more, rounds = True, 0
    while more:
        assert await total("garibladi") == 30
        more = await write(lambda c: search_refill.fill(c, 10))
        if rounds == 1:
            await directory.put([person(40, "Michelangelo"), person(3, "Mastroianni")], IT)
        if rounds:
            assert (await total("michelagnelo"), await total("mastorianni")) == (1, 1)
            await directory.put([person(3, "Mastroianni")], IT)
        if rounds == 0:
            await directory.put([person(3, "Garibaldi")], IT)
        rounds += 1
        if rounds == 2:
            await directory.put([person(50, "Garibaldi")], IT)
        if rounds >= 2:
            assert await total("garibladi") == 30
    assert rounds > 5
    await write(search_refill.clean_up)
    assert (await total("michelagnelo"), await total("mastorianni"), await total("garibladi")) == (1, 1, 30)


async def test_what_is_changed_and_removed_leaves_no_pointer_behind(stores: Stores) -> None:
    directory = Directory(stores.books)
    await directory.put([person(at, "Rossi") for at in range(20)], IT)
    await directory.put([person(at, "Verdi") for at in range(10)], IT)
    await directory.remove("crm", [str(at) for at in range(5, 15)])

    def pointed(c: Any, text: str) -> list[int]:
        return search_read.rowids(c, parse(text, IT), None, 100)

    assert len(await stores.books.read(lambda c: pointed(c, "rossi"))) == 5
    assert len(await stores.books.read(lambda c: pointed(c, "verdi"))) == 5
    await directory.remove("crm", [str(at) for at in range(20)])
    sql = f"SELECT count(*) FROM contact_find WHERE contact_find MATCH '\"{place('crm')}\"'"
    assert await stores.books.read(lambda c: c.exec_driver_sql(sql).scalar_one()) == 0
    assert search_match.everywhere(parse("ro", IT), {"crm"}).count(place("crm")) == 1
