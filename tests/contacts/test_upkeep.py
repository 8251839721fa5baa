"""After an update the form of the index is brought up once, without reading a number."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.contacts import upkeep as module
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.upkeep import mend_index
from linedesk.numbers import NumberPlan, read
from linedesk.store import documents, search_refill
from linedesk.store.migrate import Stores

IT = NumberPlan("IT")
ADA = Contact("crm-1", "crm", "csv", "1", "Ada Rossi", numbers=(ContactNumber("02 12345678", "work"),))


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return Directory(stores.books)


async def test_an_index_of_this_version_is_left_alone_and_nothing_is_noted(
    directory: Directory, stores: Stores
) -> None:
    assert not await mend_index(stores.books, directory)
    await directory.put([ADA], IT)
    assert not await mend_index(stores.books, directory)
    assert await stores.books.read(lambda c: documents.get(c, "contact_index")) is None


async def test_a_new_form_of_the_index_is_made_from_what_is_stored_once(
    directory: Directory, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory.put([ADA], IT)

    def empty(c: Any) -> None:
        c.exec_driver_sql("DELETE FROM contact_keys")

    await stores.books.write(empty)
    monkeypatch.setattr(module, "INDEX", 2)
    assert await mend_index(stores.books, directory)
    assert (await directory.lookup(read("+390212345678", IT), None)).sure
    assert not await mend_index(stores.books, directory)


async def test_an_index_that_was_left_half_made_is_completed(directory: Directory, stores: Stores) -> None:
    await directory.put([ADA], IT)
    await stores.books.write(search_refill.start)
    assert await mend_index(stores.books, directory)
    assert not await stores.books.read(search_refill.unfinished)
    assert (await directory.search("rossi", None, 5, IT)).items == (ADA,)
    assert not await mend_index(stores.books, directory)
