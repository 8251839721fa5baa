"""After an update the index is brought up once, in the background, and a file's region is not forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.contacts import upkeep as module
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.upkeep import Upkeep, name_region
from linedesk.numbers import NumberPlan, read
from linedesk.store.migrate import Stores

IT, DE = NumberPlan("IT"), NumberPlan("DE")


def person(record: str, number: str, book: str = "crm") -> Contact:
    return Contact(
        f"{book}-{record}", book, "csv", record, "Ada Rossi", numbers=(ContactNumber(number, "work"),)
    )


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return Directory(stores.books)


async def test_an_empty_directory_is_up_to_date_and_so_is_one_that_was_done(
    directory: Directory, stores: Stores
) -> None:
    upkeep = Upkeep(stores.books, directory, lambda _book: IT)
    assert await upkeep.run_once() == ()
    await directory.put([person("1", "030 23125014")], IT)
    assert await upkeep.run_once() == ()


async def test_after_an_update_every_book_is_read_by_its_own_plan_once(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep = Upkeep(stores.books, directory, lambda book: DE if book == "crm" else IT)
    await upkeep.run_once()
    await directory.put([person("1", "030 23125014"), person("2", "02 12345678", "other")], IT)
    monkeypatch.setattr(module, "READING", 2)
    assert await upkeep.run_once() == ("reread",)
    assert (await directory.lookup(read("+493023125014", IT), None)).sure
    assert (await directory.lookup(read("+390212345678", IT), None)).sure
    assert await upkeep.run_once() == ()


async def test_a_new_form_of_the_index_is_made_from_what_is_stored(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep = Upkeep(stores.books, directory, lambda _book: DE)
    await upkeep.run_once()
    await directory.put([person("1", "02 12345678")], IT)

    def empty(c: Any) -> None:
        c.exec_driver_sql("DELETE FROM contact_keys")

    await stores.books.write(empty)
    monkeypatch.setattr(module, "INDEX", 2)
    assert await upkeep.run_once() == ("rebuild",)
    # Not read as German, which DE would do.
    assert (await directory.lookup(read("+390212345678", IT), None)).sure
    assert await upkeep.run_once() == ()


async def test_a_file_is_read_again_in_the_region_that_its_import_named(
    directory: Directory, stores: Stores
) -> None:
    await directory.put([person("1", "030 23125014", "files")], DE)
    await stores.books.write(lambda c: name_region(c, "files", "DE"))
    assert await Upkeep(stores.books, directory, lambda _book: IT).run_once() == ("reread",)
    assert (await directory.lookup(read("+493023125014", IT), None)).sure
