"""Readings of a Freshdesk account: all that changed since a time, or everything, proven to be everything.

The lists stand in the order of names, so a row that leaves the part already read moves another one over a
page's border unseen. After a walk, what changed meanwhile is asked for; if a row left, the walk is repeated.
Short lists are read twice, which shows destroyed contacts too: of those Freshdesk tells nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from linedesk.apps.base import Watch
from linedesk.apps.freshdesk_companies import Companies
from linedesk.apps.freshdesk_fields import Fields
from linedesk.apps.freshdesk_listing import STATES, Began, Listing, Seen, Spelling, State
from linedesk.apps.freshdesk_wire import Row, Wire, to_ms, to_text
from linedesk.apps.records import Changes, Complete, Cursor, Reading, Record, RecordState
from linedesk.clock import Clock
from linedesk.errors import CursorLost, ListingBroken

T = TypeVar("T")

OVERLAP_MS = 300_000
_WALKS = 3
_LOOKS = 2
_TWICE_PAGES = 10
_COMPANIES = 20
_SLICE = 50
_LIGHT = 1000  # rows that take a microsecond or two each
_RECORD_STATES: Mapping[State, RecordState] = {
    "": RecordState.ACTIVE,
    "blocked": RecordState.BLOCKED,
    "deleted": RecordState.DELETED,
}


class _Proof(Enum):
    """`STIRRED`: rows moved while it was read. `GAPS`: nobody moved any, and the count is another."""

    WHOLE = "whole"
    STIRRED = "stirred"
    GAPS = "gaps"


@dataclass(frozen=True, slots=True)
class _Walk:
    """What one walk over the lists gave. `began_ms`: when it began, by the answer's date.

    `stirred`: it met a contact in two places. `long`: lists of more than one page. `floor_ms`: no change
    made during the walk is older, whatever the date says.
    """

    rows: dict[str, Seen]
    stirred: bool
    pages: int
    long: tuple[State, ...]
    began_ms: int
    floor_ms: int


class Reader:
    """Reads one account. `blocked` are the ids known to be blocked, None before any list of them was read."""

    def __init__(self, wire: Wire, listing: Listing, companies: Companies, clock: Clock) -> None:
        self._wire = wire
        self._listing = listing
        self._companies = companies
        self._clock = clock
        self._blocked: set[str] | None = None

    async def read(self, since: Cursor | None, fields: Fields, watch: Watch) -> Reading:
        """As `App.read`."""
        checkpoint_ms = None if since is None else self._place(since)
        since_ms = None if checkpoint_ms is None else max(checkpoint_ms - OVERLAP_MS, 0)
        rows, settled, began_ms = await self._settled(since_ms, watch)
        await self._learn_blocked(rows, whole=since_ms is None)
        if since_ms is None:
            await self._companies.load()
        else:
            await self._of_renamed_companies(rows, since_ms)
        await self._companies.ensure(seen.row for seen in rows.values())
        records = await self._records(rows.values(), fields)
        # Bounded by both clocks: one row with a time in the future must not hide what comes after it.
        reached_ms = min(began_ms, max((each.modified_ms or 0 for each in records), default=0))
        if since_ms is None and settled:
            return Complete(records, self._cursor(reached_ms))
        if checkpoint_ms is not None:
            reached_ms = max(checkpoint_ms, reached_ms) if settled else checkpoint_ms
        # Everything, but from lists that never stood still: nobody may conclude that a record is gone.
        return Changes(records, (), self._cursor(reached_ms))

    async def is_blocked(self, record_id: str) -> bool:
        """Whether a contact stands in the list of blocked ones: its own page does not say so."""
        if self._blocked is None:
            walked = await self._listing.contacts({"state": "blocked"}, None, _nobody)
            self._blocked = set(walked.rows)
        return record_id in self._blocked

    async def _settled(self, since_ms: int | None, watch: Watch) -> tuple[dict[str, Seen], bool, int]:
        """The rows, whether they are proven to be all, and the account's time when the reading began.

        Raises `ListingBroken` for lists that nobody changes and that don't hold together all the same.
        """
        everything: dict[str, Seen] = {}
        began_ms = 0
        stirred = False
        for _ in range(_WALKS):
            walk = await self._walk(since_ms, watch)
            began_ms = began_ms or walk.began_ms
            if since_ms is not None and not walk.long:
                return {**everything, **walk.rows}, True, began_ms
            rows, proof = await self._proven(walk, since_ms)
            if proof is _Proof.WHOLE:
                return (rows if since_ms is None else {**everything, **rows}), True, walk.began_ms
            stirred = stirred or proof is _Proof.STIRRED
            everything.update(rows)
        if not stirred:
            raise ListingBroken(f"{self._wire.who} leaves contacts out of its lists.")
        return everything, False, began_ms

    async def _proven(self, walk: _Walk, since_ms: int | None) -> tuple[dict[str, Seen], _Proof]:
        """What a walk gave and what was changed meanwhile, and whether that is everything."""
        rows = walk.rows
        for _ in range(_LOOKS):
            twice = walk.pages <= _TWICE_PAGES
            from_ms = since_ms if twice else max(walk.floor_ms - OVERLAP_MS, since_ms or 0)
            later = await self._walk(from_ms, _nobody)
            rows = {**rows, **later.rows}
            if _left(walk, later) or (twice and walk.rows.keys() - later.rows.keys()):
                return rows, _Proof.STIRRED
            counts: Counter[State] = Counter()
            async for seen in _in_slices(rows.values()):
                counts[seen.state] += 1
            # A short list came in one answer, so that nothing can be missing between its pages.
            fits = [await self._listing.holds(_filters(s), since_ms, counts[s]) for s in walk.long]
            if all(fits):
                return rows, _Proof.WHOLE
        return rows, _Proof.GAPS

    async def _walk(self, since_ms: int | None, watch: Watch) -> _Walk:
        rows: dict[str, Seen] = {}
        pages, stirred = 0, False
        long: list[State] = []
        begun: list[Began] = []
        for state in STATES:
            walked = await self._listing.contacts(_filters(state), since_ms, _after(len(rows), watch))
            begun.append(self._listing.began)
            stirred = stirred or bool(walked.altered or rows.keys() & walked.rows.keys())
            async for row_id, row in _in_slices(walked.rows.items()):
                if row_id not in rows or not _older(row, rows[row_id].row):
                    rows[row_id] = Seen(row, state)
            pages += walked.pages
            if walked.pages > 1:
                long.append(state)
        began_ms = begun[0].server_ms
        if began_ms is None:
            began_ms = self._clock.now_ms() - OVERLAP_MS
        return _Walk(rows, stirred, pages, tuple(long), began_ms, min(began_ms, begun[0].first_page_ms))

    async def _of_renamed_companies(self, rows: dict[str, Seen], since_ms: int) -> None:
        """A contact does not count as changed when its company gets another name, but here it is."""
        renamed = await self._companies.renamed(since_ms)
        if len(renamed) > _COMPANIES:
            # Each takes a list of its own, and a minute allows few; everything is read sooner.
            raise CursorLost(f"{self._wire.who}: {len(renamed)} companies may have another name now.")
        for company_id in renamed:
            walked = await self._listing.contacts({"company_id": str(company_id)}, None, _nobody)
            for row_id, row in walked.rows.items():
                rows.setdefault(row_id, Seen(row, ""))

    async def _records(self, rows: Iterable[Seen], fields: Fields) -> tuple[Record, ...]:
        return tuple([self._record(seen, fields) async for seen in _in_slices(rows, _SLICE)])

    def _record(self, seen: Seen, fields: Fields) -> Record:
        return fields.record(seen.row, self._companies.names, _RECORD_STATES[seen.state], listed=True)

    async def _learn_blocked(self, rows: Mapping[str, Seen], *, whole: bool) -> None:
        if whole:
            self._blocked = set()
        elif self._blocked is None:
            return
        async for row_id, seen in _in_slices(rows.items()):
            if seen.state == "blocked":
                self._blocked.add(row_id)
            else:
                self._blocked.discard(row_id)

    def _place(self, since: Cursor) -> int:
        try:
            place = json.loads(since.text)
            spelling, checkpoint_ms = Spelling(place["since_parameter"]), int(place["checkpoint_ms"])
            to_text(checkpoint_ms)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise CursorLost(f"{self._wire.who}: where the last reading stopped can't be read.") from None
        self._listing.recall(spelling)
        return checkpoint_ms

    def _cursor(self, checkpoint_ms: int) -> Cursor:
        return Cursor(
            json.dumps({"checkpoint_ms": checkpoint_ms, "since_parameter": self._listing.spelling.value})
        )


def _filters(state: State) -> dict[str, str]:
    return {"state": state} if state else {}


async def _in_slices(items: Iterable[T], size: int = _LIGHT) -> AsyncIterator[T]:
    """In slices of a few milliseconds: other work of the process does not wait."""
    for count, item in enumerate(items, 1):
        yield item
        if count % size == 0:
            await asyncio.sleep(0)


def _nobody(_done: int, _total: int | None = None) -> None:
    """Nobody is told how far this is."""


def _left(walk: _Walk, later: _Walk) -> bool:
    """Whether a row may have left the part of a list that was read already, so that another was missed.

    A contact that was only added pushes rows on; they come twice and none is missed.
    """
    if walk.stirred:
        return True
    for row_id, now in later.rows.items():
        then = walk.rows.get(row_id)
        if then is None:
            created_ms = to_ms(now.row.get("created_at")) or 0
            if now.state or created_ms < walk.began_ms - 1000:
                return True
        elif then.state != now.state or then.row.get("name") != now.row.get("name"):
            return True
    return False


def _after(before: int, watch: Watch) -> Callable[[int], None]:
    return lambda count: watch(before + count, None)


def _older(row: Row, than: Row) -> bool:
    return (to_ms(row.get("updated_at")) or 0) < (to_ms(than.get("updated_at")) or 0)
