"""A book's numbers are read again by one alone, once for each reason, and at rest nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from contract.memory import MemoryApp
from linedesk.accounts.apply import _forget as forget
from linedesk.accounts.model import AppAccount
from linedesk.contacts import readings
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.readings import imported
from linedesk.numbers import NumberPlan, read
from linedesk.store import documents
from linedesk.store.database import Database
from linedesk.sync import reshow as module
from sync.engine_house import house
from sync.test_reshow import Desk, desk

IT, DE = NumberPlan("IT"), NumberPlan("DE")
BERLIN = "+493023125014"


def of_file(record: str = "1", book: str = "files") -> Contact:
    numbers = (ContactNumber("030 23125014", "work"),)
    return Contact(f"{book}-{record}", book, "csv", record, "Ada Rossi", numbers=numbers)


async def import_file(it: Desk, *contacts: Contact, plan: NumberPlan = DE, whole: bool = True) -> None:
    await it.home.directory.put(contacts, plan)
    await it.home.stores.books.write(lambda c: imported(c, contacts[0].book, plan, whole=whole))


def watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every time that a database is asked for anything."""
    asked: list[str] = []
    for name in ("read", "write"):
        before = getattr(Database, name)

        def counted(
            self: Database,
            work: Callable[[Connection], Any],
            *,
            name: str = name,
            before: Any = before,
            **kw: Any,
        ) -> Any:
            asked.append(name)
            return before(self, work, **kw)

        monkeypatch.setattr(Database, name, counted)
    return asked


async def test_at_rest_each_look_is_one_query_and_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as it:
        await import_file(it, of_file())
        work = it.started()
        await work.step()
        asked = watch(monkeypatch)
        assert await work.step() == ()
        assert asked == ["read"]


async def test_an_empty_folder_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as home:
        it = Desk(home)
        it.accounts.clear()
        asked = watch(monkeypatch)
        assert await it.started().step() == ()
        assert asked == ["read"]


async def test_an_update_that_reads_in_another_way_reads_every_book_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as it:
        await import_file(it, of_file())
        await it.started().step()
        for place in (readings, module):
            monkeypatch.setattr(place, "READING", readings.READING + 1)
        work = it.started()
        assert set(await work.step()) == {"crm", "book", "files"}
        assert await work.step() == ()
        assert await it.started().step() == ()


async def test_a_book_that_nobody_has_a_note_of_is_read_as_now(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        await it.home.directory.put([of_file()], DE)
        assert "files" in await it.started().step()
        assert await it.found(BERLIN) == []


async def test_a_file_is_read_again_in_the_region_that_its_import_named(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        await import_file(it, of_file(), plan=DE)
        await it.started().step()
        it.plan = NumberPlan("IT", outside_line="9")
        assert "files" in await it.started().step()
        assert await it.found(BERLIN) == ["Ada Rossi"]


async def test_a_file_that_was_read_as_it_is_now_is_not_read_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        await work.step()
        await import_file(it, of_file())
        assert await work.step() == ()
        # The whole file once more, and in another region.
        await import_file(it, of_file(), plan=IT)
        assert await work.step() == ()


@pytest.mark.parametrize("whole", [True, False])
async def test_a_file_read_by_no_rules_of_the_pbx_is_read_by_them_while_the_service_runs(
    tmp_path: Path, *, whole: bool
) -> None:
    async with desk(tmp_path) as it:
        it.plan = NumberPlan("DE", internal_pattern=r"0\d{10}")
        await import_file(it, of_file(), plan=it.plan)
        work = it.started()
        await work.step()
        await import_file(it, of_file("2"), plan=DE, whole=whole)
        assert await work.step() == ("files",)
        found = (await it.home.directory.lookup(read("03023125014", it.plan), None)).sure
        assert {each.contact.record_id for each in found} == {"1", "2"}


async def test_an_import_in_the_middle_of_reading_again_is_read_again_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as it:
        await import_file(it, of_file(), plan=DE)
        work = it.started()
        it.plan = NumberPlan("IT", outside_line="9")
        reread = it.home.directory.reread

        async def meddled(book: str, plan: NumberPlan) -> int:
            changed = await reread(book, plan)
            if book == "files":
                await import_file(it, of_file("2"), plan=DE, whole=False)
            return changed

        with monkeypatch.context() as patch:
            patch.setattr(it.home.directory, "reread", meddled)
            await work.step()
        assert await work.step() == ("files",)
        assert await work.step() == ()


async def test_a_removed_books_region_goes_with_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.accounts["list"] = AppAccount("list", "memory", "")
        it.home.apps["list"] = MemoryApp(it.home.clock, account="list")
        await import_file(it, of_file(book="list"), plan=DE)
        await it.started().step()
        assert await it.found(BERLIN) == ["Ada Rossi"]
        books = it.home.stores.books
        assert await books.read(lambda c: documents.get(c, documents.read_as("list"))) == {"region": "DE"}
        await books.write(lambda c: forget(c, "list"))
        assert await books.read(lambda c: documents.get(c, documents.read_as("list"))) is None
        assert await books.read(lambda c: documents.get(c, documents.shown_as("list"))) is None
