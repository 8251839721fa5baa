"""What a reading says against the copies of an account: what is new, other, or gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from linedesk.apps.records import Changes, Reading, Record
from linedesk.store.records import Copy
from linedesk.sync.copies import Book


def differences(book: Book, reading: Reading, now_ms: int) -> Iterator[Copy | None]:
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


def looked_up(
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
