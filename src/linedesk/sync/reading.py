"""Reading one account into the store: what changed, what is gone, and where the next reading goes on.

The place moves in the transaction that stores the last of what was read, never before (S15). Only a
complete listing or a tombstone says that a record is gone (S12), and what a listing lacks is asked for by
its id first (`sync.absent`). What an app shows within its lag after a write of ours may be older than that
write: then our copy stays, and the record is looked at again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from linedesk.apps.base import App, Feed, Recalls, Vanished, Watch
from linedesk.apps.records import Complete, Cursor, Reading
from linedesk.budget_use import scanning
from linedesk.clock import Clock
from linedesk.errors import CursorLost
from linedesk.store import records
from linedesk.store.database import Database
from linedesk.store.records import Copy, Place
from linedesk.sync.absent import without_the_present
from linedesk.sync.compare import differences, looked_up
from linedesk.sync.copies import Book, load_copies
from linedesk.sync.entries import Entries
from linedesk.sync.journal import Checkpoint
from linedesk.sync.lag import is_late, lags, visibility_lag_ms
from linedesk.sync.slices import Breather

log = structlog.get_logger(__name__)

_STORE_SLICE = 250
_AGAIN_SLICE = 50
_COMPLETE_SCAN_S = 3_600.0  # where only a complete listing shows deletes, and the app names no time
_UNPROVEN_S = 3_600.0  # until a complete listing is tried again where the last try could not be proven


class Reader:
    """Reads accounts. Runs on one account must not overlap; the engine's locks see to it."""

    def __init__(self, books: Database, clock: Clock, entries: Entries, checkpoint: Checkpoint) -> None:
        self._books = books
        self._clock = clock
        self._entries = entries
        self._checkpoint = checkpoint
        self._unproven_ms: dict[str, int] = {}

    async def read(self, apps: Mapping[str, App], account: str, watch: Watch, *, whole: bool = False) -> Book:
        """Bring the copies of an account up to date; raises `VendorError`, and then nothing was moved.

        `whole`: read everything where only that shows deletes, whenever that was done last; but not while
        the app may still show how it was before a write of ours.
        """
        app = apps[account]
        place = await self._books.read(lambda c: records.place(c, account))
        began_ms = self._clock.now_ms()
        if place is not None and isinstance(app, Recalls):
            app.recall(place.cursor)
        is_full = place is None or self._full_due(app, place) or (whole and await self._may_ask_all(app))
        since = None if place is None or is_full else place.cursor
        scans = since is None and place is not None and app.capabilities.feed is not Feed.NONE
        with scanning() if scans else nullcontext():
            reading = await self._ask(app, since, watch)
        book = Book(account, await load_copies(self._books, account), whole=isinstance(reading, Complete))
        self._note_proof(account, asked_all=since is None, whole=book.whole)
        changed = await self._compare(book, reading, began_ms, _lag_ms(app))
        if isinstance(reading, Complete):
            with scanning() if scans else nullcontext():
                changed = await without_the_present(app, book, changed, now_ms=self._clock.now_ms())
        complete_ms = began_ms if book.whole else (place.complete_ms if place is not None else None)
        await self._checkpoint("read")
        # The directory first: cut in between, the next reading brings the same changes again.
        await self._entries.refresh(apps, account, changed)
        await self._checkpoint("directory")
        await self._store(account, changed, Place(reading.cursor, complete_ms))
        book.copies.update({copy.record.id: copy for copy in changed})
        await self._look_again(apps, book)
        return book

    async def take(self, apps: Mapping[str, App], account: str, asked: Sequence[str]) -> dict[str, Copy]:
        """Read these records whole and store them; those the app has no more are marked as gone.

        What we wrote within the app's lag is not asked for, and stays as it is: it is asked for later.
        """
        stored = await self._stored(account, asked)
        lag_ms, now_ms = _lag_ms(apps[account]), self._clock.now_ms()
        kept = {each: copy for each, copy in stored.items() if lags(copy, now_ms, lag_ms)}
        ids = [each for each in asked if each not in kept]
        return kept | (await self._taken(apps, account, ids, stored) if ids else {})

    async def look(self, apps: Mapping[str, App], account: str, asked: Sequence[str]) -> dict[str, Copy]:
        """As `take`, of records that are about to be written: also of those we wrote within the lag.

        Of them only what is newer than our write counts. One of which that can't be told stays as it is, to
        be looked at again.
        """
        return await self._taken(apps, account, asked, await self._stored(account, asked))

    async def _stored(self, account: str, asked: Sequence[str]) -> dict[str, Copy]:
        return await self._books.read(lambda c: records.some(c, account, list(asked)))

    async def _taken(
        self, apps: Mapping[str, App], account: str, ids: Sequence[str], stored: Mapping[str, Copy]
    ) -> dict[str, Copy]:
        lag_ms, now_ms = _lag_ms(apps[account]), self._clock.now_ms()
        found = await apps[account].get_many(ids)
        changed = [
            replace(old, look_again=True)
            if (old := stored.get(copy.record.id)) and is_late(old, copy, now_ms, lag_ms)
            else copy
            for copy in looked_up(ids, found, stored, now_ms)
        ]
        await self._entries.refresh(apps, account, changed)
        await self._books.write(lambda c: records.put(c, account, changed, now_ms))
        return {copy.record.id: copy for copy in changed}

    def _full_due(self, app: App, place: Place) -> bool:
        """Whether everything is to be read: there is no other way, or it is time again.

        A time that lies ahead was written before the clock was set back, and says nothing.
        """
        capabilities, now_ms = app.capabilities, self._clock.now_ms()
        if capabilities.feed is Feed.NONE:
            return True
        if place.complete_ms is None:
            tried_ms = self._unproven_ms.get(app.account)
            return tried_ms is None or not 0 <= now_ms - tried_ms < _UNPROVEN_S * 1000
        every_s = capabilities.complete_scan_s
        if every_s is None:
            every_s = _COMPLETE_SCAN_S if hides_deletes(app) else None
        return every_s is not None and not 0 <= now_ms - place.complete_ms < every_s * 1000

    async def _may_ask_all(self, app: App) -> bool:
        lag_ms = _lag_ms(app)
        if not hides_deletes(app) or not lag_ms:
            return hides_deletes(app)
        last_ms = await self._books.read(lambda c: records.last_written_ms(c, app.account), snapshot=False)
        return last_ms is None or abs(self._clock.now_ms() - last_ms) >= lag_ms

    def _note_proof(self, account: str, *, asked_all: bool, whole: bool) -> None:
        """An app that could not prove its listing is not made to walk all of it at each run."""
        if whole:
            self._unproven_ms.pop(account, None)
        elif asked_all:
            self._unproven_ms[account] = self._clock.now_ms()

    async def _ask(self, app: App, since: Cursor | None, watch: Watch) -> Reading:
        if since is None:
            return await app.read(None, watch)
        try:
            return await app.read(since, watch)
        except CursorLost as error:
            log.info("cursor_lost", account=app.account, reason=error.message)
            return await app.read(None, watch)

    async def _compare(self, book: Book, reading: Reading, began_ms: int, lag_ms: int) -> list[Copy]:
        breather = Breather()
        changed: dict[str, Copy] = {}
        now_ms = self._clock.now_ms()
        for copy in differences(book, reading, now_ms):
            if copy is not None:
                old = book.copies.get(copy.record.id)
                is_news = old is None or not is_late(old, copy, began_ms, lag_ms)
                new = copy if old is None or is_news else replace(old, look_again=True)
                if new != old:
                    changed[new.record.id] = new
            await breather.rest()
        return list(changed.values())

    async def _store(self, account: str, changed: Sequence[Copy], place: Place) -> None:
        now_ms = self._clock.now_ms()
        starts = range(0, len(changed), _STORE_SLICE)
        for start in starts[:-1]:
            await self._books.write(_putter(account, changed[start : start + _STORE_SLICE], now_ms))
            await self._checkpoint("copies")
        last = changed[starts[-1] :] if starts else []

        def finish(c: Connection) -> None:
            records.put(c, account, last, now_ms)
            records.put_place(c, account, place, now_ms)

        await self._books.write(finish)
        await self._checkpoint("cursor")

    async def _look_again(self, apps: Mapping[str, App], book: Book) -> None:
        """Read what a lagging listing left open, once the lag is over."""
        waiting = [each for each, copy in book.copies.items() if copy.look_again and not copy.gone]
        for start in range(0, len(waiting), _AGAIN_SLICE):
            book.copies.update(await self.take(apps, book.account, waiting[start : start + _AGAIN_SLICE]))


def _lag_ms(app: App) -> int:
    return visibility_lag_ms(app.capabilities)


def hides_deletes(app: App) -> bool:
    """Whether only a complete listing shows what is gone."""
    return app.capabilities.vanished is Vanished.ABSENT


def _putter(account: str, copies: Sequence[Copy], now_ms: int) -> Callable[..., None]:
    return lambda c: records.put(c, account, copies, now_ms)
