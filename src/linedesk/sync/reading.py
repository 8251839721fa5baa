"""Reading one account into the store: what changed, what is gone, and where the next reading goes on.

The place moves in the transaction that stores the last of what was read, never before (S15). Only a
complete listing or a tombstone says that a record is gone (S12). What an app shows within its lag after a
write of ours may be older than that write: then our copy stays, and the record is looked at again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from linedesk.apps.base import App, Capabilities, Feed, Vanished, Watch
from linedesk.apps.records import Changes, Complete, Cursor, Reading, Record
from linedesk.clock import Clock
from linedesk.errors import CursorLost
from linedesk.store import records
from linedesk.store.database import Database
from linedesk.store.records import Copy, Place
from linedesk.sync.copies import Book, load_copies
from linedesk.sync.entries import Entries
from linedesk.sync.journal import Checkpoint
from linedesk.sync.slices import Breather

log = structlog.get_logger(__name__)

_STORE_SLICE = 250
_AGAIN_SLICE = 50
_COMPLETE_SCAN_S = 86_400.0  # where only a complete listing shows deletes, and the app names no time


class Reader:
    """Reads accounts. Runs on one account must not overlap; the engine's locks see to it."""

    def __init__(self, books: Database, clock: Clock, entries: Entries, checkpoint: Checkpoint) -> None:
        self._books = books
        self._clock = clock
        self._entries = entries
        self._checkpoint = checkpoint

    async def read(self, apps: Mapping[str, App], account: str, watch: Watch) -> Book:
        """Bring the copies of an account up to date; raises `VendorError`, and then nothing was moved."""
        app = apps[account]
        place = await self._books.read(lambda c: records.place(c, account))
        began_ms = self._clock.now_ms()
        since = place.cursor if place is not None and not self._full_due(app.capabilities, place) else None
        reading = await self._ask(app, since, watch)
        book = Book(account, await load_copies(self._books, account), whole=isinstance(reading, Complete))
        lag_ms = round(app.capabilities.visibility_lag_s * 1000)
        changed = await self._compare(book, reading, began_ms, lag_ms)
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
        """Read these records whole and store them; those the app has no more are marked as gone."""
        found = await apps[account].get_many(asked)
        now_ms = self._clock.now_ms()
        stored = await self._books.read(lambda c: records.some(c, account, list(asked)))
        changed = list(_looked_up(asked, found, stored, now_ms))
        await self._entries.refresh(apps, account, changed)
        await self._books.write(lambda c: records.put(c, account, changed, now_ms))
        return {copy.record.id: copy for copy in changed}

    def _full_due(self, capabilities: Capabilities, place: Place) -> bool:
        if capabilities.feed is Feed.NONE or place.complete_ms is None:
            return True
        every_s = capabilities.complete_scan_s
        if every_s is None:
            every_s = _COMPLETE_SCAN_S if capabilities.vanished is Vanished.ABSENT else None
        return every_s is not None and self._clock.now_ms() - place.complete_ms >= every_s * 1000

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
        for copy in _differences(book, reading, now_ms):
            if copy is not None:
                old = book.copies.get(copy.record.id)
                lags = old is not None and old.written_ms is not None and began_ms < old.written_ms + lag_ms
                new = replace(old, look_again=True) if old is not None and lags else copy
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
        lag_ms = round(apps[book.account].capabilities.visibility_lag_s * 1000)
        now_ms = self._clock.now_ms()
        waiting = [
            record_id
            for record_id, copy in book.copies.items()
            if copy.look_again and not copy.gone and now_ms >= (copy.written_ms or 0) + lag_ms
        ]
        for start in range(0, len(waiting), _AGAIN_SLICE):
            book.copies.update(await self.take(apps, book.account, waiting[start : start + _AGAIN_SLICE]))


def _differences(book: Book, reading: Reading, now_ms: int) -> Iterator[Copy | None]:
    """What the reading says is different from the copies; None where a record is as it was."""
    for record in reading.records:
        yield _new_copy(book.copies.get(record.id), record, now_ms)
        for former in record.former_ids:
            yield _gone(book.copies.get(former), now_ms, merged_into=record.id)
    if isinstance(reading, Changes):
        for stone in reading.tombstones:
            yield _gone(book.copies.get(stone.id), now_ms, merged_into=stone.merged_into)
    else:
        seen = {record.id for record in reading.records}
        for record_id, copy in book.copies.items():
            yield None if record_id in seen else _gone(copy, now_ms)


def _new_copy(old: Copy | None, record: Record, now_ms: int) -> Copy | None:
    if old is None or old.gone:
        return Copy(record, changed_ms=now_ms)
    if _tells_the_same(old.record, record):
        return None
    return Copy(record, changed_ms=now_ms, written_ms=old.written_ms)


def _tells_the_same(old: Record, new: Record) -> bool:
    """Whether `new` tells nothing that `old` does not: what a listing leaves out is not looked at.

    Without a time or version of the app, what it leaves out may have changed unseen; the details that were
    read once stand until something else changes.
    """
    if old == new:
        return True
    if not new.missing or old.missing - new.missing:
        return False
    told = {name: value for name, value in old.fields.items() if name not in new.missing}
    return replace(old, fields=told, missing=new.missing) == new


def _gone(old: Copy | None, now_ms: int, merged_into: str | None = None) -> Copy | None:
    if old is None or (old.gone and old.merged_into == merged_into):
        return None
    return replace(old, gone=True, changed_ms=now_ms, merged_into=merged_into, look_again=False)


def _looked_up(
    asked: Iterable[str], found: Iterable[Record], stored: Mapping[str, Copy], now_ms: int
) -> Iterator[Copy]:
    """Copies of records that were read whole; `former_ids` among them lead to their winner."""
    present: set[str] = set()
    for record in found:
        present.update((record.id, *record.former_ids))
        old = stored.get(record.id)
        same = old is not None and not old.gone and old.record == record
        changed_ms = old.changed_ms if same and old is not None else now_ms
        yield Copy(record, changed_ms, written_ms=old.written_ms if old is not None else None)
        for former in record.former_ids:
            gone = _gone(stored.get(former), now_ms, merged_into=record.id)
            if gone is not None:
                yield gone
    for record_id in asked:
        gone = None if record_id in present else _gone(stored.get(record_id), now_ms)
        if gone is not None:
            yield gone


def _putter(account: str, copies: Sequence[Copy], now_ms: int) -> Callable[..., None]:
    return lambda c: records.put(c, account, copies, now_ms)
