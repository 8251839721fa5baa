"""The faults of the simulated Freshdesk: of answers, of listings, of lists that change meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.limits import too_many
from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.crm.wire import Answer, coded

T = TypeVar("T")

_HANG_S = 3600.0
_BYTE_S = 1.0
_HTML = "<!doctype html><html><head><title>Helpdesk</title></head><body><h1>Back soon</h1></body></html>"


class Faults:
    """What goes wrong, by the switches; counts requests for those that begin late or end."""

    def __init__(self, switchboard: CrmSwitchboard, book: CrmBook, clock: Clock) -> None:
        self._switchboard = switchboard
        self._book = book
        self._clock = clock
        self._seen = 0
        self._of = FreshdeskSwitches()

    def due(self) -> str:
        """The fault that hits this request, "none" for none; called once a request."""
        switches = self._switchboard.switches
        if switches.api_fault != self._of.api_fault or switches.fault_after != self._of.fault_after:
            self._seen = 0
        self._of = switches
        self._seen += 1
        past = self._seen - switches.fault_after
        if past < 1 or (switches.fault_for is not None and past > switches.fault_for):
            return "none"
        return switches.api_fault

    def instead(self, fault: str) -> Answer | None:
        """The answer that comes in place of the real one, without anything done; raises `Refusal`."""
        switches, now_s = self._switchboard.switches, self._clock.now_ms() / 1000
        match fault:
            case "401":
                raise coded(401, "invalid_credentials", "You have to be logged in to perform this action.")
            case "403":
                raise coded(403, "access_denied", "You are not authorized to perform this action.")
            case "429":
                return too_many(switches, now_s, 2, {})
            case "500" | "502" | "503" | "504":
                return Answer(int(fault), _HTML if fault != "500" else {"message": "Something went wrong"})
            case "html":
                return Answer(200, _HTML)
            case "error-in-200":
                return Answer(200, {"code": "internal_error", "message": "Something went wrong"})
        return None

    async def send(self, request: web.Request, answer: Answer, fault: str) -> web.StreamResponse:
        """Send `answer`, damaged as `fault` says."""
        body = encoded(answer)
        if fault == "hang":
            await self._clock.sleep(_HANG_S)
        if fault == "reset":
            return lost(request)
        if fault == "truncated":
            return await self._cut(request, answer, body)
        if fault == "slow":
            return await self._slowly(request, answer, body)
        return response(answer, body)

    def page(self, rows: Sequence[T], page: int, per_page: int) -> tuple[list[T], bool]:
        """One page of a listing and whether there is a next one, with the fault of the switch."""
        fault = self._switchboard.switches.listing_fault
        if fault == "empty-page" and page == 2:
            return [], True
        shown = page - 1 if fault == "empty-page" and page > 2 else page
        if fault == "repeat" and page > 1:
            shown = 1
        if fault == "skip" and page > 1:
            shown = page + 1
        start = (shown - 1) * per_page
        if fault == "duplicate-rows" and page > 1:
            start -= 1
        found = list(rows[start : shown * per_page])
        return found, len(rows) > (page if fault == "repeat" else shown) * per_page or fault == "loop"

    def link(self, next_url: str, first_url: str) -> str:
        """The address of the next page."""
        match self._switchboard.switches.listing_fault:
            case "loop":
                return first_url
            case "foreign-link":
                return "https://elsewhere.example.com/api/v2/contacts?page=2"
        return next_url

    def between_pages(self) -> None:
        """Once after the first page of a walk: the change that the switch asks for."""
        what = self._switchboard.switches.change_mid_walk
        people = [each for each in self._book.by_name() if each.state == "active"]
        if what == "none" or len(people) < 2:
            return
        self._switchboard.change_one("change_mid_walk", "none")
        if what == "insert":
            self._book.put(replace(self._book.draft(), name="Aaron Inserted", email="inserted@example.test"))
        elif what == "edit":
            self._book.put(replace(people[-1], name=f"Aaa {people[-1].name}"))
        else:
            self._book.put(replace(people[0], state="deleted"))

    async def _cut(self, request: web.Request, answer: Answer, body: bytes) -> web.StreamResponse:
        """Promise the whole body and break off in its middle."""
        stream = web.StreamResponse(status=answer.status, headers={**answer.headers, **_type(answer)})
        stream.content_length = len(body) + 64
        await stream.prepare(request)
        await stream.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.close()
        return stream

    async def _slowly(self, request: web.Request, answer: Answer, body: bytes) -> web.StreamResponse:
        stream = web.StreamResponse(status=answer.status, headers={**answer.headers, **_type(answer)})
        stream.content_length = len(body)
        await stream.prepare(request)
        for byte in body:
            await stream.write(bytes([byte]))
            await self._clock.sleep(_BYTE_S)
        return stream


def encoded(answer: Answer) -> bytes:
    """The body's bytes."""
    if answer.body is None:
        return b""
    if isinstance(answer.body, str):
        return answer.body.encode()
    return json.dumps(answer.body, ensure_ascii=False).encode()


def response(answer: Answer, body: bytes) -> web.Response:
    """The undamaged answer."""
    return web.Response(status=answer.status, body=body, headers={**_type(answer), **answer.headers})


def lost(request: web.Request) -> web.StreamResponse:
    """Break the connection without any answer."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _type(answer: Answer) -> dict[str, Any]:
    if answer.body is None:
        return {}
    kind = "text/html" if isinstance(answer.body, str) else "application/json"
    return {"Content-Type": f"{kind}; charset=utf-8"}
