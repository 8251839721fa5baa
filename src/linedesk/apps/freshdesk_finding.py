"""Looking for single contacts in Freshdesk: by a number while somebody waits, by Linedesk's own id."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from linedesk.apps.freshdesk_fields import EXTERNAL_ID
from linedesk.apps.freshdesk_listing import STATES, Listing
from linedesk.apps.freshdesk_wire import API, Row, Wire, id_of, refuses_name
from linedesk.apps.http import good, object_in, rows_in
from linedesk.clock import Clock
from linedesk.errors import VendorBusy, VendorError, VendorInvalid

_SPELLINGS = 5
EXACT = ("phone", "mobile")
"""Fields by which contacts can be listed."""
_QUERY_MAX = 512
_SEARCH_ROWS = 30
_SEARCH_PAGES = 10
_OVERLAP_MS = 300_000


class Finder:
    """`search_index`: ask the search, too, which is some minutes behind and knows more spellings."""

    def __init__(self, wire: Wire, listing: Listing, clock: Clock, *, search_index: bool) -> None:
        self._wire = wire
        self._listing = listing
        self._clock = clock
        self._search_index = search_index
        self._filter_works: bool | None = None
        self._by_external: dict[str, Row] = {}
        self._walked_ms: int | None = None

    async def by_phone(
        self, spellings: Sequence[str], names: Sequence[str] = EXACT, customs: Sequence[str] = ()
    ) -> tuple[Row, ...]:
        """Candidates, straight from the contacts; only when they have none, from the search.

        `names` are the fields that hold numbers, `customs` the custom ones among them as the wire calls
        them: these only the search knows.
        """
        usual = [name for name in EXACT if name in names]
        # Numbers are written in printable characters; nothing else gets into a query.
        texts = [text for text in dict.fromkeys(spellings) if text.strip() and text.isprintable()]
        del texts[_SPELLINGS:]
        found: dict[str, Row] = {}
        try:
            for rows in await self._all_exact(texts, usual):
                found.update((id_of(self._wire.who, row), row) for row in rows)
        except VendorBusy:
            # Lists have a small number of their own, which a few calls use up; the search has not.
            if not self._search_index:
                raise
        if not found and texts and self._search_index:
            for query in _queries(texts, usual):
                found.update((id_of(self._wire.who, row), row) for row in await self._searched(query))
        if not found and texts and self._search_index:
            for row in await self._in_customs(texts, customs):
                found[id_of(self._wire.who, row)] = row
        return tuple(found.values())

    async def by_external_id(self, external_id: str) -> tuple[Row, ...]:
        """Contacts that hold the id. The search knows it late or not at all, so it is never asked."""
        if self._filter_works is not False:
            query = {EXTERNAL_ID: external_id}
            reply = await self._wire.http.exchange(
                "GET", f"{API}/contacts", query=query, gate=self._wire.lists
            )
            if not refuses_name(reply, EXTERNAL_ID):
                if not good(reply):
                    raise self._wire.http.error(reply)
                rows = rows_in(reply)
                held = tuple(row for row in rows if _holds(self._wire.who, row, external_id))
                # Rows with other ids mean that the account knows no such filter and gave its first page.
                if len(held) == len(rows):
                    return held
            self._filter_works = False
        await self._walk()
        row = self._by_external.get(external_id)
        return () if row is None else (row,)

    async def _in_customs(self, texts: Sequence[str], customs: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for name in customs:
            for query in _queries(texts, (name,)):
                try:
                    rows += await self._searched(query)
                except VendorInvalid:
                    # Not every kind of custom field can be searched for; the others still can.
                    break
        return rows

    async def _all_exact(self, texts: Sequence[str], names: Sequence[str]) -> list[list[Row]]:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._exact(name, text), name=f"freshdesk {name}")
                    for text in texts
                    for name in names
                ]
        except* VendorError as failed:
            # One is as good as the others: they are the same account's.
            first = failed
        else:
            return [task.result() for task in tasks]
        raise next(_leaves(first))

    async def _exact(self, name: str, text: str) -> list[Row]:
        reply = await self._wire.http.ask(
            f"{API}/contacts", {name: text, "per_page": "100"}, gate=self._wire.lists, interactive=True
        )
        return list(rows_in(reply))

    async def _searched(self, query: str) -> list[Row]:
        rows: list[Row] = []
        for page in range(1, _SEARCH_PAGES + 1):
            reply = await self._wire.http.ask(
                f"{API}/search/contacts", {"query": f'"{query}"', "page": str(page)}, interactive=True
            )
            body = object_in(reply)
            results = body.get("results")
            given = [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []
            rows += given
            if len(given) < _SEARCH_ROWS:
                break
        return rows

    async def _walk(self) -> None:
        """Know every contact's id of ours: all lists once, then only what changed since."""
        since_ms = None if self._walked_ms is None else self._walked_ms - _OVERLAP_MS
        began_ms: int | None = None
        for state in STATES:
            filters = {"state": state} if state else {}
            walked = await self._listing.contacts(filters, since_ms, lambda _count: None)
            began_ms = self._listing.began.server_ms if began_ms is None else began_ms
            for row in walked.rows.values():
                if row.get(EXTERNAL_ID):
                    self._by_external[str(row[EXTERNAL_ID])] = row
        self._walked_ms = began_ms if began_ms is not None else self._clock.now_ms() - _OVERLAP_MS


def _holds(who: str, row: Row, external_id: str) -> bool:
    return bool(id_of(who, row)) and row.get(EXTERNAL_ID) == external_id


def _leaves(group: BaseExceptionGroup[VendorError]) -> Iterator[VendorError]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def _queries(texts: Sequence[str], names: Sequence[str] = EXACT) -> Iterator[str]:
    """Search queries for every spelling, each within the length that is allowed."""
    terms = [f"{name}:'{_escaped(text)}'" for text in texts for name in names]
    query = ""
    for term in terms:
        longer = f"{query} OR {term}" if query else term
        if len(longer) + 2 > _QUERY_MAX:
            yield query
            longer = term
        query = longer
    if query:
        yield query


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in "\\'\"" else each for each in text)
