"""Freshdesk's lists of contacts: walks in the order of names, told apart from a list that is broken.

A page has at most 100 rows and the next one is named by the `link` header only. Where an account shows no
further page, the walk goes on by time, which is the whole truth only if the list stands in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from linedesk.apps.freshdesk_wire import (
    API,
    Row,
    Wire,
    id_of,
    next_link,
    refuses_name,
    server_ms,
    to_ms,
    to_text,
)
from linedesk.apps.http import good, rows_in
from linedesk.apps.walk import Page, Walked, tried_again, walk
from linedesk.budget import Gate
from linedesk.errors import ListingBroken, VendorRefused

PER_PAGE = 100
_CHECK_PER_PAGE = 50
_TRIES = 3
_CEILINGS = frozenset({400, 404, 422})


class Spelling(StrEnum):
    """The two names of one parameter: accounts differ in which they know."""

    OLD = "_updated_since"
    NEW = "updated_since"

    @property
    def other(self) -> Spelling:
        return Spelling.NEW if self is Spelling.OLD else Spelling.OLD


State = Literal["", "blocked", "deleted"]
STATES: tuple[State, ...] = ("", "blocked", "deleted")


@dataclass(frozen=True, slots=True)
class Seen:
    """A row, and in which of the lists it stood last ("": the one of active contacts)."""

    row: Row
    state: State


@dataclass(frozen=True, slots=True)
class Began:
    """When a walk began: by the answer's own date, and by the newest time of change on the first page.

    Two clocks that may differ; the second is never later than what was changed during the walk.
    """

    server_ms: int | None = None
    first_page_ms: int = 0


class Listing:
    """The lists of one account. `spelling` is what it was found to know, `began` is about the last walk."""

    def __init__(self, wire: Wire, spelling: Spelling, *, fixed: bool) -> None:
        self._wire = wire
        self._fixed = fixed
        self.spelling = spelling
        self.began = Began()

    def recall(self, spelling: Spelling) -> None:
        """What an earlier process found out, unless a setting says it."""
        if not self._fixed:
            self.spelling = spelling

    async def contacts(
        self, filters: Mapping[str, str], since_ms: int | None, told: Callable[[int], None]
    ) -> Walked[Row]:
        """Every contact that fits, changed since a time or not. Raises `ListingBroken`."""
        walked = await self._walk("/contacts", filters, since_ms, told, self._wire.lists)
        began = self.began
        while walked.ceiling:
            walked = await self._beyond(walked, filters, since_ms, told)
        self.began = began
        return walked

    async def holds(self, filters: Mapping[str, str], since_ms: int | None, count: int) -> bool:
        """Whether a list of contacts ends after `count` rows, asked with pages of another size.

        A list that leaves pages out, or rows at the borders of pages, can't keep this up. True when the
        account does not let anyone look that far.
        """
        number, rest = divmod(count, _CHECK_PER_PAGE)
        query = {**filters, "per_page": str(_CHECK_PER_PAGE), "page": str(number + 1)}
        if since_ms is not None:
            query[self.spelling] = to_text(since_ms)
        reply = await self._wire.http.exchange("GET", API + "/contacts", query=query, gate=self._wire.lists)
        if number and reply.status in _CEILINGS:
            return True
        if not good(reply):
            raise self._wire.http.error(reply)
        return len(rows_in(reply)) == rest and next_link(reply) is None

    async def companies(self, since_ms: int | None) -> Walked[Row]:
        """Every company, changed since a time or not. Raises `ListingBroken`."""
        walked = await self._walk("/companies", {}, since_ms, _nobody, None)
        if walked.ceiling:
            raise ListingBroken(
                f"{self._wire.who} shows only the first {walked.pages} pages of its companies."
            )
        return walked

    async def _walk(
        self,
        path: str,
        filters: Mapping[str, str],
        since_ms: int | None,
        told: Callable[[int], None],
        gate: Gate | None,
    ) -> Walked[Row]:
        async def attempt() -> Walked[Row]:
            own = {**filters, "per_page": str(PER_PAGE)}
            if since_ms is not None:
                own[self.spelling] = to_text(since_ms)
            pages = _Pages(self._wire, API + path, own, gate)
            walked = await walk(self._wire.who, pages.first, pages.fetch, told=told)
            self.began = pages.began
            return walked

        try:
            return await tried_again(_TRIES, attempt)
        except _UnknownName:
            if self._fixed:
                raise
        self.spelling = self.spelling.other
        try:
            return await tried_again(_TRIES, attempt)
        except _UnknownName:
            self.spelling = self.spelling.other
            raise

    async def _beyond(
        self,
        cut: Walked[Row],
        filters: Mapping[str, str],
        since_ms: int | None,
        told: Callable[[int], None],
    ) -> Walked[Row]:
        times = [to_ms(row.get("updated_at")) or 0 for row in cut.rows.values()]
        newest_ms = max(times, default=0)
        if times != sorted(times) or newest_ms <= (since_ms or 0):
            raise ListingBroken(
                f"{self._wire.who} shows only the first {cut.pages - 1} pages of its contacts, "
                "so not all of them can be read.",
                remedy="Ask Freshdesk to lift the page limit of the list of contacts for your account.",
            )
        before = len(cut.rows)
        more = await self._walk(
            "/contacts", filters, newest_ms, lambda count: told(before + count), self._wire.lists
        )
        rows = {**cut.rows, **more.rows}
        altered = cut.altered | more.altered
        return Walked(rows, cut.moved | more.moved, altered, cut.pages + more.pages, more.ceiling)


class _UnknownName(VendorRefused):
    """The parameter for "changed since" is not known under the name that was used."""


class _Pages:
    """Fetches the pages of one walk; a place is a query as text."""

    def __init__(self, wire: Wire, path: str, own: Mapping[str, str], gate: Gate | None) -> None:
        self._wire = wire
        self._path = path
        self._own = dict(own)
        self._gate = gate
        self.first = urlencode({**self._own, "page": "1"})
        self.began = Began()

    async def fetch(self, place: str) -> Page[Row]:
        query = dict(parse_qsl(place))
        number = int(query["page"])
        reply = await self._wire.http.exchange("GET", self._path, query=query, gate=self._gate)
        for name in Spelling:
            if name in self._own and refuses_name(reply, name):
                raise _UnknownName(
                    f"{self._wire.who} does not know how to list what changed since a time ({name}).",
                    remedy="Set `since_parameter` of the account to auto.",
                )
        if number > 1 and reply.status in _CEILINGS:
            return Page((), None, ceiling=True)
        if not good(reply):
            raise self._wire.http.error(reply)
        rows = tuple((id_of(self._wire.who, row), row) for row in rows_in(reply))
        if number == 1:
            self.began = Began(server_ms(reply), _newest_ms(row for _, row in rows))
        link = next_link(reply)
        if link is None and len(rows) >= PER_PAGE:
            await self._prove_end(number)
        return Page(rows, None if link is None else self._next(link, number))

    async def _prove_end(self, number: int) -> None:
        """A full page without a next link is the last one, or a proxy took the link away."""
        query = {**self._own, "page": str(number + 1)}
        reply = await self._wire.http.exchange("GET", self._path, query=query, gate=self._gate)
        if good(reply) and rows_in(reply):
            raise ListingBroken(
                f"{self._wire.who} does not say where the next page of a list is, though there is one.",
                remedy="A proxy in between takes the `link` header away; let it pass.",
            )

    def _next(self, link: str, number: int) -> str:
        """The query of the next page: the link's, with our own filters, which it must not lose."""
        try:
            parts, own = urlsplit(link), urlsplit(self._wire.base)
        except ValueError:
            raise ListingBroken(f"{self._wire.who} names a next page that is no address.") from None
        if parts.netloc and parts.hostname != own.hostname:
            raise ListingBroken(f"{self._wire.who} names a next page on another host.")
        query = {**dict(parse_qsl(parts.query)), **self._own}
        if query.get("page") != str(number + 1):
            raise ListingBroken(
                f"{self._wire.who} leads from page {number} of a list to another than the next."
            )
        return urlencode(query)


def _newest_ms(rows: Iterable[Row]) -> int:
    return max((to_ms(row.get("updated_at")) or 0 for row in rows), default=0)


def _nobody(_count: int) -> None:
    """Nobody waits for the number of companies."""
