"""All calls of the tracker, and which incarnation of an id an observation belongs to.

Pure. A PBX may use an id again: a start more than a minute after the end is another call (design 3b).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from linedesk.calls.facts import Said, Saying
from linedesk.calls.records import Record, added, opened
from linedesk.calls.shelf import Shelf
from linedesk.numbers.model import NumberPlan

Key = tuple[str, str]
"""PBX account and the wire's call id."""

_PER_EXTENSION = 32  # calls of one extension that a presence is compared with


@dataclass(frozen=True, slots=True)
class Calls:
    """Persistent. `running` holds the ids whose newest incarnation lives, `over` all the others."""

    running: Shelf[Key, tuple[Record, ...]] = field(default_factory=Shelf)
    over: Shelf[Key, tuple[Record, ...]] = field(default_factory=Shelf)
    by_extension: Shelf[Key, tuple[tuple[str, Key], ...]] = field(default_factory=Shelf)

    def incarnations(self, key: Key) -> tuple[Record, ...]:
        """Oldest first."""
        return self.running.get(key) or self.over.get(key) or ()

    def live(self) -> Iterator[Record]:
        for records in self.running.values():
            yield records[-1]

    def of_extension(self, account: str, extension: str) -> list[Record]:
        """The newest calls in which the extension has a part."""
        entries = self.by_extension.get((account, extension)) or ()
        records = (self.find(key, record_id) for record_id, key in entries)
        return [record for record in records if record is not None]

    def find(self, key: Key, record_id: str) -> Record | None:
        return next((each for each in self.incarnations(key) if each.id == record_id), None)

    def keep(self, record: Record) -> Calls:
        """With `record` in place of the one with its id, or as the newest incarnation."""
        key = (record.account, record.call_id)
        old = self.incarnations(key)
        known = any(each.id == record.id for each in old)
        new = tuple(record if each.id == record.id else each for each in old)
        new = new if known else (*old, record)
        if new[-1].live:
            calls = replace(self, running=self.running.put(key, new), over=self.over.drop(key))
        else:
            calls = replace(self, running=self.running.drop(key), over=self.over.put(key, new))
        return calls._indexed(record, key)

    def forget(self, before_ms: int) -> Calls:
        """Without the ended calls last heard of before `before_ms` of our clock."""
        over = self.over
        for bucket in self.over.eldest():
            for key, records in bucket:
                if records[-1].heard_ms >= before_ms:
                    break
                over = over.drop(key)
        # `by_extension` may name calls that are gone; it is short, and `of_extension` skips them.
        return self if over is self.over else replace(self, over=over)

    def _indexed(self, record: Record, key: Key) -> Calls:
        index = self.by_extension
        for extension in record.story.views:
            at = (record.account, extension)
            entries = index.get(at) or ()
            if (record.id, key) not in entries:
                index = index.put(at, (*entries[1 - _PER_EXTENSION :], (record.id, key)))
        return self if index is self.by_extension else replace(self, by_extension=index)


def place(
    calls: Calls, key: Key, said: Said, *, now_ms: int, plan: NumberPlan, gap_ms: int
) -> tuple[Calls, Record | None, Record | None]:
    """Put an observation where it belongs: (calls, record before or None, record after or None: a repeat)."""
    records = calls.incarnations(key)
    if not records or _starts_anew(records[-1], said, gap_ms):
        return _open(calls, key, said, now_ms, plan)
    record = _belongs_to(records, said, gap_ms)
    after = added(record, said, now_ms, plan)
    if after is None:
        return calls, record, None
    return calls.keep(after), record, after


def _starts_anew(record: Record, said: Said, gap_ms: int) -> bool:
    ended_ms = record.call.ended_ms
    return said.saying is Saying.START and ended_ms is not None and said.at_ms > ended_ms + gap_ms


def _belongs_to(records: tuple[Record, ...], said: Said, gap_ms: int) -> Record:
    """The newest incarnation that was open by then. A late record is dated by the call it tells of."""
    at_ms = said.at_ms
    if said.saying is Saying.RECORD and said.started_ms is not None:
        at_ms = said.started_ms + gap_ms
    return next((each for each in reversed(records) if each.opened_ms <= at_ms), records[0])


def _open(
    calls: Calls, key: Key, said: Said, now_ms: int, plan: NumberPlan
) -> tuple[Calls, Record | None, Record | None]:
    """A new incarnation. Bodies of it that overtook its start lie with the old one, which drops them."""
    account, call_id = key
    log: tuple[Said, ...] = (said,)
    for old in calls.incarnations(key)[-1:]:
        early = tuple(
            each for each in old.log if each.at_ms > said.at_ms and each.saying is not Saying.RECORD
        )
        if early:
            log = (said, *early)
            calls = calls.keep(replace(old, log=tuple(each for each in old.log if each not in early)))
    record = opened(account, call_id, log, now_ms, plan)
    return calls.keep(record), None, record
