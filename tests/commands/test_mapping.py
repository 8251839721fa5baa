"""What `linedesk mapping` says: the usual rows, what was changed of them, and what is switched off."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from commands.running import Shell
from linedesk.apps.freshdesk_fields import DEFAULTS
from linedesk.apps.wildix_phonebook_fields import FIELDS
from linedesk.store import accounts, connections
from linedesk.store.accounts import AccountRow
from linedesk.store.migrate import open_stores
from linedesk.sync.known_fields import remember
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit

EDITS = (
    RowEdit(MappingRow("job_title", "note", Direction.TO_B)),
    RowEdit(MappingRow("address", "address"), off=True),
)
OFFICE = Connection("office", "crm", "book", Direction.BOTH, rows=EDITS)


async def _set_up(folder: Path) -> None:
    stores = await open_stores(folder / "data")
    try:
        for name, app in (("crm", "freshdesk"), ("book", "wildix-phonebook"), ("new", "freshdesk")):
            row = AccountRow(name, app, {})
            await stores.books.write(partial(accounts.put, row=row, now_ms=0))
        for each in (OFFICE, Connection("fresh", "new", "book")):
            await stores.books.write(partial(connections.put, connection=each, now_ms=0))
        await remember(stores.books, "crm", DEFAULTS)
        await remember(stores.books, "book", FIELDS)
    finally:
        await stores.close()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    folder = tmp_path_factory.mktemp("mapping")
    asyncio.run(_set_up(folder))
    return Shell(folder)


def test_mapping_shows_usual_rows_changed_ones_and_what_is_off(shell: Shell) -> None:
    document = shell.run("mapping", "office", "--json").document
    rows = {(row["from"], row["to"]): row for row in document["rows"]}
    assert rows["phone", "office"]["usual"] is True
    assert rows["phone", "office"]["direction"] == "both"
    assert (rows["job_title", "note"]["usual"], rows["job_title", "note"]["direction"]) == (False, "to")
    assert document["off"] == [{"from": "address", "to": "address"}]
    said = shell.run("mapping", "office").out
    assert "  phone <-> office: Both ways between" in said
    assert "  job_title  -> note  (changed): From" in said
    assert "  address and address: switched off." in said


def test_mapping_of_accounts_that_never_told_their_fields_says_what_to_do(shell: Shell) -> None:
    ran = shell.run("mapping", "fresh")
    assert ran.code != 0
    assert "linedesk sync fresh --preview" in ran.out + ran.err
    assert shell.run("mapping", "nowhere").code != 0
