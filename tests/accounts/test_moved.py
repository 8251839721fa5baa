"""An account that is another book than before keeps no pair, copy or contact of the old one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection as Rows

from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.apps.records import Cursor
from linedesk.contacts.index import Indexed
from linedesk.contacts.model import Contact, ContactType
from linedesk.store import connections, contacts, links, records
from linedesk.store.database import Database
from linedesk.sync.model import Link

ApplyText = Callable[[str], Awaitable[ApplyPlan]]

MOVES = {
    "another phonebook": ('[accounts.book]\nphonebook = "Others"', "accounts.book", "book"),
    "another address of the CRM": ('[accounts.crm]\nurl = "https://b.freshdesk.com"', "accounts.crm", "crm"),
    "another address of the PBX": (
        '[accounts.office]\nurl = "https://b.wildixin.com"',
        "accounts.office",
        "book",
    ),
    "another PBX": (
        '[accounts.second]\napp = "wildix"\nurl = "https://b.wildixin.com"\nregion = "IT"\n'
        '[accounts.book]\npbx = "second"',
        "accounts.book",
        "book",
    ),
}
STAYS = {
    "another key": '[accounts.crm]\napi_key = "another-key-1"',
    "another token": '[accounts.office]\ntoken = "access_another1"',
    "another rhythm": "[connections.customers]\nevery_s = 0",
    "another reading": "[accounts.book]\ncomplete_scan_s = 7200",
    "the same address": '[accounts.crm]\nurl = "https://acme.freshdesk.com/"',
    "another number plan": "[accounts.office]\nregion = 'GB'",
}


@pytest.fixture
async def linked(connected: str, apply_text: ApplyText, books: Database) -> None:
    """A connection that has run: a pair, a place in both books, a contact in the directory."""
    await apply_text(connected)

    def work(c: Rows) -> None:
        links.put(c, "customers", [Link("p1", "1", "7", {})], 1)
        for account in ("crm", "book"):
            records.put_place(c, account, records.Place(Cursor("here"), 1), 1)
            held = Contact(f"{account}-1", account, "freshdesk", "1", "Anna", ContactType.PERSON)
            contacts.put(c, [Indexed(held, (), (), "anna", "", "")])

    await books.write(work)


async def pairs(books: Database) -> list[Link]:
    return await books.read(lambda c: links.page(c, "customers", "", 10))


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("move", MOVES)
async def test_S07_another_book_under_the_same_name_forgets_its_pairs_and_says_so(
    apply_text: ApplyText, applier: Applier, books: Database, move: str
) -> None:
    text, target, moved = MOVES[move]
    assert await pairs(books)
    await books.write(lambda c: connections.set_paused(c, "customers", True))
    plan = await apply_text(text)
    [change] = [each for each in plan.changes if each.target == target]
    assert change.note == "another book: the pairs of `customers` are forgotten and looked for anew"
    assert await pairs(books) == []
    kept = await books.read(lambda c: {name: records.place(c, name) for name in ("crm", "book")})
    assert [name for name, at in kept.items() if at is None] == [moved]
    assert await books.read(lambda c: contacts.record_ids(c, moved, None, 9)) == []
    [other] = {"crm", "book"} - {moved}
    assert await books.read(lambda c: contacts.record_ids(c, other, None, 9)) == ["1"]
    connection = (await applier.setup()).connections["customers"]
    assert connection.paused
    assert connection.every_s == 600


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("change", STAYS)
async def test_S07_any_other_change_keeps_the_pairs(
    apply_text: ApplyText, books: Database, change: str
) -> None:
    plan = await apply_text(STAYS[change])
    assert all(each.note == "" for each in plan.changes)
    assert len(await pairs(books)) == 1


async def test_a_book_that_is_only_imported_into_keeps_its_contacts_at_another_address(
    full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full)
    held = Contact("crm-1", "crm", "freshdesk", "1", "Anna", ContactType.PERSON)
    await books.write(lambda c: contacts.put(c, [Indexed(held, (), (), "anna", "", "")]))
    plan = await apply_text('[accounts.crm]\nurl = "https://b.freshdesk.com"')
    assert plan.changes[0].note == ""
    assert await books.read(lambda c: contacts.record_ids(c, "crm", None, 9)) == ["1"]
