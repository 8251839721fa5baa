"""Phonebooks in the v1 API: list, get, create, rename, delete. What is in them: `api_contacts.py`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.books import Phonebook
from linedesk.demo.pbx.listing import Listing, pick, read_listing, select
from linedesk.demo.pbx.wire import Asked, Refused, number, result, total

_USUAL = Listing(search_fields=("name",))


async def phonebooks(asked: Asked) -> web.StreamResponse:
    listing = read_listing(asked.listing_query(), _USUAL)
    count, page = select([_record(asked, book) for book in visible(asked)], listing)
    records = [pick(each, listing.fields) for each in page]
    return result({"total": total(asked, count, int), "records": records})


async def phonebook(asked: Asked) -> web.StreamResponse:
    return result(_record(asked, named_book(asked)))


async def create(asked: Asked) -> web.StreamResponse:
    name = (await asked.data()).get("name", "").strip()
    if not name:
        raise Refused(asked.switches.invalid_contact_as, "Field name is required")
    check_public_write(asked)
    return result({"id": number(asked, asked.exchange.state.books.add_phonebook(name), int)})


async def rename(asked: Asked) -> web.StreamResponse:
    book = named_book(asked)
    check_write(asked, book)
    name = (await asked.data()).get("name", "").strip()
    if not name:
        raise Refused(asked.switches.invalid_contact_as, "Field name is required")
    asked.exchange.state.books.rename(book.id, name)
    return result({"id": number(asked, book.id, int)})


async def remove(asked: Asked) -> web.StreamResponse:
    book = named_book(asked)
    check_write(asked, book)
    asked.exchange.state.books.remove_phonebook(book.id)
    return result("Success")


def visible(asked: Asked) -> list[Phonebook]:
    """The shared books and the user's own; import jobs that are due have run."""
    books = asked.exchange.state.books
    books.run_due_imports(asked.exchange.now_ms() // 1000)
    own = _owner(asked)
    return [book for book in books.phonebooks() if book.owner_id in {0, own}]


def named_book(asked: Asked, book_id: str | None = None) -> Phonebook:
    """The book of the path, or of `book_id`; one that this user cannot see does not exist."""
    wanted = asked.path["book"] if book_id is None else book_id
    for book in visible(asked):
        if str(book.id) == wanted:
            return book
    raise Refused(404, "Phonebook not found")


def check_write(asked: Asked, book: Phonebook) -> None:
    """Raises `Refused` unless this credential may change what is in the book."""
    if book.refuses_writes:
        raise Refused(asked.switches.write_refused_as, f"Phonebook {book.name} is read only")
    if not book.owner_id:
        check_public_write(asked)


def check_public_write(asked: Asked) -> None:
    """Raises `Refused` for a user without the ability to modify public phonebooks."""
    if asked.token.extension in asked.switches.no_public_write:
        raise Refused(asked.switches.write_refused_as, "Permission denied: modify public phonebook")


def _owner(asked: Asked) -> int:
    """The owner id of the token's user, as personal books carry it."""
    user = asked.exchange.house.user(asked.token.extension or "")
    return int(user.db_id) if user is not None else 0


def _record(asked: Asked, book: Phonebook) -> dict[str, Any]:
    record = {**asdict(book), "id": number(asked, book.id, int)}
    if not asked.token.root:
        del record["sync_params"]
    return record
