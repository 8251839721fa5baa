"""`/_sim` of the CRM: what a person would do in menus that the site does not have. For tests and the demo."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.wire import view
from linedesk.demo.seed import Person


class Hand:
    """Block, unblock and look at a contact, without a key and without counting for the minute."""

    def __init__(self, book: CrmBook) -> None:
        self._book = book

    def routes(self) -> list[web.RouteDef]:
        base = r"/_sim/contacts/{id:[0-9]{1,18}}"
        return [
            web.get(base, self.show),
            web.post(base + "/block", self.block),
            web.post(base + "/unblock", self.unblock),
        ]

    async def show(self, request: web.Request) -> web.Response:
        person = self._person(request)
        return web.json_response({**view(person), "state": person.state})

    async def block(self, request: web.Request) -> web.Response:
        return self._set(request, "blocked")

    async def unblock(self, request: web.Request) -> web.Response:
        return self._set(request, "active")

    def _set(self, request: web.Request, state: str) -> web.Response:
        person = self._book.put(replace(self._person(request), state=state))
        return web.json_response({**view(person), "state": person.state})

    def _person(self, request: web.Request) -> Person:
        person = self._book.people.get(int(request.match_info["id"]))
        if person is None:
            raise web.HTTPNotFound(text="The CRM has no such record.")
        return person
