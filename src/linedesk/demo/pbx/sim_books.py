"""`/_sim/phonebooks…`: books and contacts set up from outside, import jobs run, edits laid in wait."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.pbx.paging import Ambush, Edit
from linedesk.demo.pbx.shelves import TEXTS, TYPE_LDAP, TYPE_SHARED
from linedesk.demo.pbx.sim import read_object
from linedesk.demo.pbx.wire import API_BODY_MAX
from linedesk.errors import BadRequest, NotFound

Fields = dict[str, str]
Wish = TypeVar("Wish", bound=BaseModel)


class BookWish(BaseModel):
    """A phonebook to make. `sync_interval` in hours: `contacts` are then what its import job reads."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=500)
    type: int = TYPE_SHARED
    owner: str | None = None
    sync_interval: int = Field(0, ge=0, le=24)
    contacts: list[Fields] = Field(default=[], max_length=100_000)


class EditWish(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    op: Literal["insert", "update", "delete"]
    id: int = 0
    fields: Fields = {}


class AmbushWish(BaseModel):
    """`edits` that happen once `after` more pages of the book have been read; 0: at once."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    after: int = Field(1, ge=0, le=10_000)
    edits: list[EditWish] = Field(max_length=1000)


class SimBooks:
    """The handlers; `routes` puts them into an application."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._books = exchange.state.books

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/phonebooks", self.list_books),
            web.post("/_sim/phonebooks", self.make),
            web.get(r"/_sim/phonebooks/{id:\d{1,9}}/contacts", self.contacts),
            web.post(r"/_sim/phonebooks/{id:\d{1,9}}/contacts", self.fill),
            web.post(r"/_sim/phonebooks/{id:\d{1,9}}/import", self.run_import),
            web.post(r"/_sim/phonebooks/{id:\d{1,9}}/edits", self.edit),
        ]

    async def list_books(self, _request: web.Request) -> web.StreamResponse:
        """`{"phonebooks": [{"id","name","type","owner_id","sync_interval","contacts"}]}`."""
        books = [
            {
                "id": book.id,
                "name": book.name,
                "type": book.type,
                "owner_id": book.owner_id,
                "sync_interval": book.sync_interval,
                "contacts": self._books.find(Listing(count=1), [book.id])[0],
            }
            for book in self._books.phonebooks()
        ]
        return web.json_response({"phonebooks": books})

    async def make(self, request: web.Request) -> web.StreamResponse:
        """`{"name","type"?,"owner"?: EXT,"sync_interval"?,"contacts"?}` -> 201 `{"id"}`."""
        wish = _checked(BookWish, await read_object(request, most=API_BODY_MAX))
        owner = self._exchange.house.user(wish.owner) if wish.owner is not None else None
        if wish.owner is not None and owner is None:
            raise BadRequest("`owner` must be the extension of a user.")
        contacts = [_known(each) for each in wish.contacts]
        made = self._books.add_phonebook(
            wish.name,
            kind=wish.type,
            owner_id=int(owner.db_id) if owner is not None else 0,
            sync_interval=wish.sync_interval,
        )
        if wish.sync_interval or wish.type == TYPE_LDAP:
            self._books.set_source(made, contacts)
            self._books.run_import(made, self._now_s())
        else:
            self._books.add_many(made, contacts, self._now_s())
        return web.json_response({"id": made}, status=201)

    async def contacts(self, request: web.Request) -> web.StreamResponse:
        """Every contact of the book as it is kept, by id; `last_update` is epoch seconds."""
        _, rows = self._books.find(Listing(count=-1, sort="id"), [self._id(request)])
        return web.json_response({"contacts": rows})

    async def fill(self, request: web.Request) -> web.StreamResponse:
        """`{"contacts": [FIELDS…]}`: many at once, by another hand than the API's."""
        wish = _checked(BookWish, {"name": "-", **await read_object(request, most=API_BODY_MAX)})
        self._books.add_many(self._id(request), [_known(each) for each in wish.contacts], self._now_s())
        return await self.list_books(request)

    async def run_import(self, request: web.Request) -> web.StreamResponse:
        """The book's import job runs now."""
        self._books.run_import(self._id(request), self._now_s())
        return await self.contacts(request)

    async def edit(self, request: web.Request) -> web.StreamResponse:
        """`{"after": PAGES, "edits": [{"op","id"?,"fields"?}]}`: changes between two pages of a walk."""
        wish = _checked(AmbushWish, await read_object(request))
        book_id = self._id(request)
        edits = tuple(Edit(each.op, _known(each.fields), each.id) for each in wish.edits)
        self._exchange.pages.lay(Ambush(book_id, wish.after, edits))
        if not wish.after:
            self._exchange.pages.served(book_id, self._books, self._now_s())
        return web.json_response({"laid": len(edits)}, status=201)

    def _id(self, request: web.Request) -> int:
        book_id = int(request.match_info["id"])
        if self._books.phonebook(book_id) is None:
            raise NotFound("There is no such phonebook on the simulated PBX.")
        return book_id

    def _now_s(self) -> int:
        return self._exchange.now_ms() // 1000


def _known(fields: Fields) -> Fields:
    unknown = set(fields) - set(TEXTS)
    if unknown:
        raise BadRequest(f"A contact has no field `{min(unknown)[:40]}`.")
    return fields


def _checked(model: type[Wish], fields: dict[str, Any]) -> Wish:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadRequest(f"`{where}`: {first['msg'].lower()}.") from None
