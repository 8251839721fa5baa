"""Phonebooks and contacts of the test PBX: its paging, its forms, and hooks that edit between two pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_CONTACT = re.compile(r"/api/v1/(?:Phonebooks/\w+/)?Contacts/(\w+)/?")
_LIST = re.compile(r"/api/v1/Phonebooks/(\w+)/Contacts/")
_BOOK = re.compile(r"/api/v1/Phonebooks/(\w+)")


def by_number(row: dict[str, Any]) -> Any:
    return int(row["id"])


@dataclass
class WireBook:
    """One book, `book_id`. `between` runs before each page is answered, with the number of the page.

    `order` is what `sort=id` really sorts by; `frozen_start`: paging is ignored; `total` overrides the count.
    """

    book_id: str = "7"
    rows: list[dict[str, Any]] = field(default_factory=list)
    books: list[dict[str, Any]] = field(default_factory=list)
    page_max: int = 100
    order: Callable[[dict[str, Any]], Any] = by_number
    frozen_start: bool = False
    ignores_filter: bool = False
    total: Callable[[int], Any] = lambda count: count
    between: Callable[[int], None] = lambda _page: None
    pages: int = 0
    next_id: int = 1
    wiped: bool = False

    def fill(self, count: int, **fields: Any) -> None:
        for _ in range(count):
            self.add(name=f"Contact {self.next_id}", **fields)

    def add(self, **fields: Any) -> str:
        row = {"id": self.next_id, "phonebook_id": self.book_id, "last_update": 1_764_000_000, **fields}
        self.rows.append(row)
        self.next_id += 1
        return str(row["id"])

    def drop(self, contact: int | str) -> None:
        self.rows = [row for row in self.rows if str(row["id"]) != str(contact)]

    def row(self, contact: str) -> dict[str, Any]:
        return next(row for row in self.rows if str(row["id"]) == contact)

    def answer(self, request: web.Request, body: Any) -> web.Response | None:
        if (found := _LIST.fullmatch(request.path)) is not None:
            return self._list_or_create(request, body, found[1])
        if (found := _CONTACT.fullmatch(request.path)) is not None:
            return self._one(request, body, found[1])
        if request.path == "/api/v1/Phonebooks/":
            if request.method == "POST":
                self.books.append({"id": 40 + len(self.books), "name": body["data[name]"], "type": 2})
                return _result({"id": self.books[-1]["id"]})
            return _result({"total": len(self.books), "records": self.books[int(request.query["start"]) :]})
        if (found := _BOOK.fullmatch(request.path)) is not None:
            wanted = [book for book in self.books if str(book["id"]) == found[1]]
            return _result(wanted[0]) if wanted else _gone("Phonebook")
        return None

    def _list_or_create(self, request: web.Request, body: Any, book: str) -> web.Response:
        if book != self.book_id:
            return _gone("Phonebook")
        if request.method == "DELETE":
            self.wiped = True
            return _result(True)
        if request.method == "POST":
            return _result({"id": int(self.add(**_data(body)))})
        self.between(self.pages)
        self.pages += 1
        rows = self._sorted(request)
        start = 0 if self.frozen_start else int(request.query["start"])
        count = min(int(request.query["count"]), self.page_max)
        return _result({"total": self.total(len(rows)), "records": rows[start : start + count]})

    def _sorted(self, request: web.Request) -> list[dict[str, Any]]:
        rows = self.rows
        if not self.ignores_filter:
            for name, value in request.query.items():
                if (found := re.fullmatch(r"filter\[(\w+)\]", name)) is not None:
                    rows = [row for row in rows if str(row.get(found[1], "")) == value]
        if request.query["sort"] == "id":
            return sorted(rows, key=self.order)
        return sorted(rows, key=lambda row: str(row["last_update"]), reverse=True)

    def _one(self, request: web.Request, body: Any, contact: str) -> web.Response:
        if not any(str(row["id"]) == contact for row in self.rows):
            return _gone("Contact")
        row = self.row(contact)
        if request.method == "PUT":
            row.update(_data(body))
        if request.method == "DELETE":
            self.drop(contact)
        return _result(row)


def _data(body: Any) -> dict[str, str]:
    return {name.removeprefix("data[").removesuffix("]"): value for name, value in body.items()}


def _result(result: Any) -> web.Response:
    return web.json_response({"type": "result", "result": result})


def _gone(what: str) -> web.Response:
    return web.json_response({"type": "error", "reason": f"{what} not found", "code": 404}, status=404)
