"""The simulated PBX's phonebook pages: its books, and what is in them at this moment. Reading only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.books import Phonebook, Row
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.pbx.looks import page
from linedesk.demo.pbx.shelves import SEARCHED, TYPE_LDAP
from linedesk.errors import NotFound

_SHOWN = 50
_NUMBERS = (
    ("office", "Office"),
    ("mobile", "Mobile"),
    ("phone", "Main"),
    ("home", "Home"),
    ("home_mobile", "Home mobile"),
    ("fax", "Fax"),
    ("extension", "Extension"),
)
_SEARCHED = (*SEARCHED, "office", "home", "home_mobile")


class BookPages:
    """The handlers. Everybody who reaches the demo may look; nothing can be changed here."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._books = exchange.state.books

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.books),
            web.get("/phonebook", self.books),
            web.get(r"/phonebook/{id:\d{1,9}}", self.book),
        ]

    async def books(self, _request: web.Request) -> web.StreamResponse:
        return page(
            "pbx_books.html", title="Phonebooks", section="phonebooks", books=self._shelf(), current=None
        )

    async def book(self, request: web.Request) -> web.StreamResponse:
        """One book, by name; `q` searches, `page` counts from 1."""
        book = self._books.phonebook(int(request.match_info["id"]))
        if book is None:
            raise NotFound("There is no such phonebook on the simulated PBX.")
        text, number = request.query.get("q", "")[:200], request.query.get("page", "1")
        at = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
        listing = Listing((at - 1) * _SHOWN, _SHOWN, search=text.strip(), search_fields=_SEARCHED)
        total, rows = self._books.find(listing, [book.id])
        return page(
            "pbx_book.html",
            title=book.name,
            section="phonebooks",
            books=self._shelf(),
            current=book.id,
            book=book,
            kind=_kind(book),
            q=text,
            rows=[_shown(row) for row in rows],
            total=total,
            at=at,
            last=max(1, -(-total // _SHOWN)),
        )

    def _shelf(self) -> list[dict[str, Any]]:
        self._books.run_due_imports(self._exchange.now_ms() // 1000)
        return [
            {
                "id": book.id,
                "name": book.name,
                "kind": _kind(book),
                "total": self._books.find(Listing(count=1), [book.id])[0],
            }
            for book in self._books.phonebooks()
        ]


def _kind(book: Phonebook) -> str:
    if book.type == TYPE_LDAP:
        return "From the directory of users, read only"
    if book.sync_interval:
        return f"Imported every {book.sync_interval} hours, edits are overwritten"
    return "Personal" if book.owner_id else "Shared"


def _shown(row: Row) -> dict[str, Any]:
    numbers = [(label, row[name]) for name, label in _NUMBERS if row[name]]
    changed = datetime.fromtimestamp(row["last_update"], UTC)
    return {**row, "numbers": numbers, "changed": f"{changed:%Y-%m-%d %H:%M:%S} UTC"}
