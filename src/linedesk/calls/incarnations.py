"""All calls of the tracker, and which incarnation of an id an observation belongs to.

Pure. A PBX may use an id again: a start more than a minute after the end is another call (design 3b).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from linedesk.calls.aliases import opens, same_call
from linedesk.calls.facts import Said, Saying
from linedesk.calls.records import Record, added, opened, without
from linedesk.calls.shelf import Shelf
from linedesk.numbers.model import NumberPlan

Key = tuple[str, str]
"""PBX account and the wire's call id."""

_PER_EXTENSION = 32  # calls of one extension that a presence is compared with
_RECENT = 256  # calls of one account that one seen another way is compared with


@dataclass(frozen=True, slots=True)
class Past:
    """What is left of a call that ended a while ago: enough to know its late bodies, and a new call.

    `over_ms` is the time of the body that ended it, `heard_ms` when we last heard of it (our clock).
    `aliases` are its other ids.
    """

    id: str
    key: Key
    over_ms: int
    heard_ms: int
    aliases: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """Under which it is found."""
        account, call_id = self.key
        return tuple((account, each) for each in (call_id, *self.aliases))


@dataclass(frozen=True, slots=True)
class Calls:
    """Persistent. `running` holds the ids whose newest incarnation the PBX has not ended, `over` the ended.

    `past` holds the newest incarnation that was shrunk; its id may run again, and is then here and there.
    `aliases` leads from other ids to (key, record id). `recent` are the newest calls that webhooks, or with
    True polls, were the first to tell of.
    """

    running: Shelf[Key, tuple[Record, ...]] = field(default_factory=Shelf)
    over: Shelf[Key, tuple[Record, ...]] = field(default_factory=Shelf)
    past: Shelf[Key, Past] = field(default_factory=Shelf)
    by_extension: Shelf[Key, tuple[tuple[str, Key], ...]] = field(default_factory=Shelf)
    aliases: Shelf[Key, tuple[Key, str]] = field(default_factory=Shelf)
    recent: Shelf[tuple[str, bool], tuple[tuple[str, Key], ...]] = field(default_factory=Shelf)

    def incarnations(self, key: Key) -> tuple[Record, ...]:
        """Oldest first."""
        return self.running.get(key) or self.over.get(key) or ()

    def live(self) -> Iterator[Record]:
        """The calls that go on, as far as is known: neither the PBX nor silence ended them."""
        return (records[-1] for records in self.running.values() if records[-1].live)

    def unended(self) -> Iterator[Record]:
        """The calls that the PBX has not ended: they live, or silence closed them."""
        return (record for records in self.running.values() for record in records if record.story.live)

    def of_extension(self, account: str, extension: str) -> list[Record]:
        """The newest calls in which the extension has a part."""
        entries = self.by_extension.get((account, extension)) or ()
        records = (self.find(key, record_id) for record_id, key in entries)
        return [record for record in records if record is not None]

    def recently(self, account: str, *, by_poll: bool) -> Iterator[Record]:
        """The newest calls that polls, or webhooks, were the first to tell of."""
        records = (self.find(key, record_id) for record_id, key in self.recent.get((account, by_poll)) or ())
        return (record for record in records if record is not None)

    def aliased(self, key: Key) -> Record | None:
        """The call of which `key` is another id."""
        found = self.aliases.get(key)
        return self.find(*found) if found is not None else None

    def find(self, key: Key, record_id: str) -> Record | None:
        return next((each for each in self.incarnations(key) if each.id == record_id), None)

    def keep(self, record: Record) -> Calls:
        """With `record` in place of the one with its id, or as the newest incarnation."""
        key = (record.account, record.call_id)
        old = self.incarnations(key)
        known = any(each.id == record.id for each in old)
        new = tuple(record if each.id == record.id else each for each in old)
        new = new if known else (*old, record)
        if new[-1].story.live:
            calls = replace(self, running=self.running.put(key, new), over=self.over.drop(key))
        else:
            calls = replace(self, running=self.running.drop(key), over=self.over.put(key, new))
        calls = calls if known else calls._listed(record, key)
        return calls._indexed(record, key)

    def shrink(self, ended_before_ms: int, silent_before_ms: int) -> tuple[Calls, list[Record]]:
        """Keep only the past of calls last heard of before a moment of our clock; answers the calls without
        a row in history as well. `silent_before_ms` is for those that silence closed."""
        old = [*self._ended(ended_before_ms), *self._silent(ended_before_ms, silent_before_ms)]
        if not old:
            return self, []
        running, over, past, aliases = self.running, self.over, self.past, self.aliases
        for records in old:
            newest = records[-1]
            key = (newest.account, newest.call_id)
            running, over = running.drop(key), over.drop(key)
            for record in records:
                for alias in record.story.aliases:
                    aliases = aliases.drop((newest.account, alias))
            shrunk = past_of(newest)
            for each in shrunk.keys:
                past = past.drop(each).put(each, shrunk)
        # `by_extension` may name calls that are gone; it is short, and `of_extension` skips them.
        calls = replace(self, running=running, over=over, past=past, aliases=aliases)
        return calls, [record for records in old for record in records if not record.written]

    def _ended(self, before_ms: int) -> Iterator[tuple[Record, ...]]:
        for bucket in self.over.eldest():
            for _, records in bucket:
                if records[-1].heard_ms >= before_ms:
                    break
                yield records

    def _silent(self, ended_before_ms: int, silent_before_ms: int) -> Iterator[tuple[Record, ...]]:
        for records in self.running.values():
            newest = records[-1]
            # What polls alone told ends when they see it gone: nothing else will say so.
            final = newest.written and newest.story.gone_ms is not None
            if not newest.live and newest.heard_ms < (ended_before_ms if final else silent_before_ms):
                yield records

    def forget(self, before_ms: int) -> Calls:
        """Without the past last heard of before `before_ms` of our clock, unless its id runs again."""
        past = self.past
        for bucket in self.past.eldest():
            for key, call in bucket:
                if call.heard_ms >= before_ms:
                    break
                if not self.incarnations(key):
                    past = past.drop(key)
        return self if past is self.past else replace(self, past=past)

    def _indexed(self, record: Record, key: Key) -> Calls:
        index = self.by_extension
        for extension in record.story.views:
            at = (record.account, extension)
            entries = index.get(at) or ()
            if (record.id, key) not in entries:
                index = index.put(at, (*entries[1 - _PER_EXTENSION :], (record.id, key)))
        aliases = self.aliases
        for alias in record.story.aliases - {record.call_id}:
            if aliases.get((record.account, alias)) != (key, record.id):
                aliases = aliases.put((record.account, alias), (key, record.id))
        if index is self.by_extension and aliases is self.aliases:
            return self
        return replace(self, by_extension=index, aliases=aliases)

    def _listed(self, record: Record, key: Key) -> Calls:
        at = (record.account, not record.story.heard)
        newest = (*(self.recent.get(at) or ())[1 - _RECENT :], (record.id, key))
        return replace(self, recent=self.recent.put(at, newest))


def past_of(record: Record) -> Past:
    """What is kept of an ended call."""
    over_ms = record.over_ms if record.over_ms is not None else record.log[-1].at_ms
    aliases = tuple(sorted(record.story.aliases - {record.call_id}))
    return Past(record.id, (record.account, record.call_id), over_ms, record.heard_ms, aliases)


def place(
    calls: Calls, key: Key, said: Said, *, now_ms: int, plan: NumberPlan, gap_ms: int, keep_ms: int
) -> tuple[Calls, Record | None, Record | None]:
    """Put an observation where it belongs: (calls, record before or None, record after or None: no news)."""
    records, past = calls.incarnations(key), calls.past.get(key)
    newest = records[-1] if records else past
    if newest is None:
        return _unknown(calls, key, said, now_ms=now_ms, plan=plan, gap_ms=gap_ms, keep_ms=keep_ms)
    if _starts_anew(newest, said, gap_ms):
        return _open(calls, key, said, now_ms, plan) if opens(said) else (calls, None, None)
    record = _belongs_to(records, past, said, gap_ms)
    after = added(record, said, now_ms, plan) if record is not None else None
    if after is None:
        return calls, record, None
    return calls.keep(after), record, after


def _unknown(
    calls: Calls, key: Key, said: Said, *, now_ms: int, plan: NumberPlan, gap_ms: int, keep_ms: int
) -> tuple[Calls, Record | None, Record | None]:
    """`place` for an id under which no call is kept."""
    other = calls.aliased(key) or _seen_otherwise(calls, key, said, plan)
    if other is not None and not _starts_anew(other, said, gap_ms):
        said = replace(said, alias=key[1]) if said.glimpse is None else said
        after = added(other, said, now_ms, plan)
        return (calls.keep(after) if after is not None else calls), other, after
    # A final body of a call that is forgotten: its row was written in its time.
    forgotten = _is_final(said) and min(said.at_ms, said.started_ms or said.at_ms) < now_ms - keep_ms
    if forgotten or not opens(said):
        return calls, None, None
    return _open(calls, key, said, now_ms, plan)


def _seen_otherwise(calls: Calls, key: Key, said: Said, plan: NumberPlan) -> Record | None:
    """The call that another source told of under another id."""
    known = list(calls.recently(key[0], by_poll=True))
    if said.glimpse is not None:
        known += calls.recently(key[0], by_poll=False)
    return same_call(said, known, plan) if known else None


def _is_final(said: Said) -> bool:
    return said.saying in (Saying.END, Saying.RECORD)


def _starts_anew(newest: Record | Past, said: Said, gap_ms: int) -> bool:
    # Both times are of bodies. What a flow tells of its end may be another clock's.
    over_ms = newest.over_ms
    return said.saying is Saying.START and over_ms is not None and said.at_ms > over_ms + gap_ms


def _belongs_to(records: tuple[Record, ...], past: Past | None, said: Said, gap_ms: int) -> Record | None:
    """The newest incarnation that was open by then. A late record is dated by the call it tells of.

    None: it belongs to the past, of which nothing more is told.
    """
    at_ms = said.at_ms
    if said.saying is Saying.RECORD and said.started_ms is not None:
        at_ms = said.started_ms + gap_ms
    first = records[0] if past is None else None
    return next((each for each in reversed(records) if each.opened_ms <= at_ms), first)


def _open(
    calls: Calls, key: Key, said: Said, now_ms: int, plan: NumberPlan
) -> tuple[Calls, Record | None, Record | None]:
    """A new incarnation. Bodies of it that overtook its start lie with the old one, which drops them.

    The old one keeps at least the body that ended it, which is older than this start (`_starts_anew`).
    """
    log: tuple[Said, ...] = (said,)
    older, past = calls.incarnations(key), calls.past.get(key)
    for old in older[-1:]:
        early = tuple(
            each for each in old.log if each.at_ms >= said.at_ms and each.saying is not Saying.RECORD
        )
        if early:
            log = (said, *early)
            calls = calls.keep(without(old, early, plan))
    taken = {each.id for each in older} | ({past.id} if past is not None else set())
    record = opened(key, log, now_ms, plan, taken)
    return calls.keep(record), None, record
