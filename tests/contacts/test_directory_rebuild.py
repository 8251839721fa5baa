"""The index is read and made anew while it is in use, and answers rightly all the while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from linedesk.contacts import rebuild as rebuilding
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.numbers import NumberPlan, read
from linedesk.store import search_refill
from linedesk.store.migrate import Stores

IT, DE = NumberPlan("IT"), NumberPlan("DE")


def person(record: int, *numbers: str, book: str = "crm", name: str = "") -> Contact:
    held = tuple(ContactNumber(number, "work") for number in numbers)
    return Contact(
        f"{book}-{record}", book, "csv", f"{record:05}", name or f"Person{record:05} Rossi", numbers=held
    )


def number(record: int) -> str:
    return f"02 4{record:07}"


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return Directory(stores.books)


async def objects(stores: Stores) -> set[str]:
    """The names of everything in the file."""

    def names(c: Any) -> set[str]:
        return set(c.exec_driver_sql("SELECT name FROM sqlite_master").scalars())

    return await stores.books.read(names)


async def found(directory: Directory, record: int) -> tuple[list[str], list[str]]:
    """The record ids that a lookup of its number and a search of its name give."""
    sure = (await directory.lookup(read(number(record), IT), None)).sure
    page = await directory.search(f"person{record:05}", None, 5, IT)
    return [each.contact.record_id for each in sure], [each.record_id for each in page.items]


def _failing(work: Callable[..., Any], after: int) -> Callable[..., Any]:
    """`work`, which fails once it was done `after` times."""
    left = iter(range(after))

    def fails(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise RuntimeError("cut")
        return work(*arguments)

    return fails


async def test_an_emptied_index_is_made_from_what_is_stored(directory: Directory, stores: Stores) -> None:
    await directory.put([person(n, number(n)) for n in range(900)], IT)
    before = await objects(stores)
    await stores.books.write(lambda c: c.exec_driver_sql("DELETE FROM contact_keys") and None)
    assert (await found(directory, 7))[0] == []
    assert await directory.rebuild(rest_share=0) == 900
    for record in (0, 7, 899):
        assert await found(directory, record) == ([f"{record:05}"], [f"{record:05}"])
    assert await objects(stores) == before


async def test_keys_that_nobody_has_are_dropped_and_wrong_certainty_is_mended(
    directory: Directory, stores: Stores
) -> None:
    await directory.put([person(1, number(1)), person(2, number(2))], IT)

    def spoil(c: Any) -> None:
        c.exec_driver_sql("INSERT INTO contact_keys VALUES ('+390299999999', 1, 0, 'sure')")
        c.exec_driver_sql("INSERT INTO contact_keys VALUES ('+390288888888', 77, 0, 'sure')")
        c.exec_driver_sql("UPDATE contact_keys SET certainty = 'possible' WHERE contact_rowid = 2")

    await stores.books.write(spoil)
    await directory.rebuild(rest_share=0)
    assert (await directory.lookup(read("+390299999999", IT), None)).sure == ()
    assert (await found(directory, 2))[0] == ["00002"]
    rows = await stores.books.read(
        lambda c: c.exec_driver_sql("SELECT contact_rowid FROM contact_keys").all()
    )
    assert sorted(rows) == [(1,), (2,)]


async def test_readers_and_writers_see_the_right_answers_all_the_while(
    directory: Directory, stores: Stores
) -> None:
    await directory.put([person(n, number(n)) for n in range(1_200)], IT)
    done = asyncio.Event()
    rounds = 0

    async def ask() -> None:
        nonlocal rounds
        while not done.is_set():
            record = rounds * 37 % 1_000
            assert await found(directory, record) == ([f"{record:05}"], [f"{record:05}"])
            rounds += 1

    async def change() -> int:
        at = 0
        while not done.is_set():
            await directory.put([person(2_000 + at, number(2_000 + at))], IT)
            await directory.put([replace(person(1_000 + at, number(3_000 + at)), name=f"Moved{at:05}")], IT)
            await directory.remove("crm", [f"{1_199 - at:05}"])
            at += 1
            assert await found(directory, 2_000 + at - 1) == ([f"{2_000 + at - 1:05}"],) * 2
        return at

    async with asyncio.TaskGroup() as group:
        group.create_task(ask())
        changing = group.create_task(change())
        await directory.rebuild()
        done.set()
    changed = min(changing.result(), 100)
    assert rounds
    assert changed
    for at in range(changed):
        assert await found(directory, 2_000 + at) == ([f"{2_000 + at:05}"],) * 2
        assert await found(directory, 1_199 - at) == ([], [])
        assert [c.name for c in (await directory.search(f"moved{at:05}", None, 5, IT)).items] == (
            [f"Moved{at:05}"] if at < 100 else []
        )


async def test_a_rebuild_that_was_cut_is_completed_by_the_next(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory.put([person(n, number(n)) for n in range(900)], IT)
    before = await objects(stores)
    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "_SLICE", 200)
        patch.setattr(search_refill, "fill", _failing(search_refill.fill, 2))
        with pytest.raises(RuntimeError):
            await directory.rebuild(rest_share=0)
    assert await stores.books.read(search_refill.unfinished)
    await directory.put([person(5, number(5), name="Renamed Verdi")], IT)
    assert [c.record_id for c in (await directory.search("renamed", None, 5, IT)).items] == ["00005"]
    await directory.rebuild(rest_share=0)
    assert not await stores.books.read(search_refill.unfinished)
    assert await objects(stores) == before
    assert [c.record_id for c in (await directory.search("renamed", None, 5, IT)).items] == ["00005"]
    assert (await found(directory, 5))[1] == []


async def test_two_rebuilds_at_once_make_one_whole_index(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "_SLICE", 50)
    await directory.put([person(n, number(n)) for n in range(600)], IT)
    before = await objects(stores)
    counts = await asyncio.gather(*(directory.rebuild(rest_share=0) for _ in range(2)))
    assert list(counts) == [600, 600]
    assert await found(directory, 0) == (["00000"], ["00000"])
    assert await found(directory, 599) == (["00599"], ["00599"])
    assert await objects(stores) == before


async def test_rereading_takes_the_new_plan_and_says_how_many_changed(directory: Directory) -> None:
    await directory.put([person(1, "030 23125014"), person(2, "+39 02 12345678"), person(3)], IT)
    await directory.put([person(9, "030 23125014", book="hr")], IT)
    assert await directory.reread("crm", DE) == 1
    assert await directory.reread("crm", DE) == 0
    sure = (await directory.lookup(read("+493023125014", IT), None)).sure
    assert [(each.contact.book, each.contact.record_id) for each in sure] == [("crm", "00001")]


async def test_rereading_leaves_alone_what_changes_meanwhile(directory: Directory) -> None:
    await directory.put([person(n, "030 23125014") for n in range(400)], IT)
    reading = asyncio.create_task(directory.reread("crm", DE))
    newer = person(399, "+390212345678", name="Newer Name")
    await directory.put([newer], IT)
    await directory.remove("crm", ["00398"])
    assert await reading == 398
    (hit,) = (await directory.lookup(read("+390212345678", IT), None)).sure
    assert hit.contact == newer
    assert "00398" not in await directory.record_ids("crm")


async def test_words_folded_in_another_way_are_stored_anew(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory.put([person(1, name="Müller"), person(2, name="Rossi")], IT)
    with monkeypatch.context() as patch:
        patch.setattr("linedesk.contacts.index.folded", lambda texts: " ".join(texts).upper()[::-1].lower())
        assert await directory.reread("crm", IT) == 2
        assert (await directory.search("issor", None, 5, IT)).total == 1
    assert await directory.reread("crm", IT) == 2
    assert (await directory.search("rossi", None, 5, IT)).total == 1
