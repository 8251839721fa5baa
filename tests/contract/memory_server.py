"""The in-memory vendor: records with a history, a clock of its own making, and counters of what was done.

It outlives the apps that are opened on it, as a real vendor outlives a killed process; with `keep` it
outlives its own process too. What it does as an app is `contract.memory`.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contract.memory_faults import Fault, Faults, raise_if_request_fails
from linedesk.apps.records import Group, Record, RecordState, Value
from linedesk.clock import Clock


class WriteNotDue(AssertionError):
    """A write came where the test allows none."""


@dataclass(frozen=True, slots=True)
class Written:
    """One write that was stored. `by_user`: it came from outside, not through an app."""

    op: str
    id: str
    fields: Mapping[str, Value]
    by_user: bool = False


@dataclass(frozen=True, slots=True)
class _Version:
    at_ms: int
    seq: int
    record: Record | None
    merged_into: str | None = None


@dataclass(slots=True)
class _Shelf:
    """What a vendor keeps on its disk."""

    versions: dict[str, list[_Version]] = field(default_factory=dict)
    seq: int = 0
    next_id: int = 1000
    epoch: int = 0
    external_ids: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    activities: list[Any] = field(default_factory=list)


class MemoryServer:
    """`seed`, `edit`, `vanish`, `trash`, `merge` are what users do; the app calls the rest.

    `written`: every stored write, in order. `writes`: how many apps tried, row by row, by operation.
    `requests`: how many came, by operation. `on_request` is called at the start of each (edits during a run).
    `lag_s`: how long a write takes to show in listings and searches. `resolution_ms`: granularity of times.
    """

    def __init__(self, clock: Clock, *, keep: Path | None = None, page_size: int = 100) -> None:
        self.clock = clock
        self.who = "The memory"
        self.faults = Faults()
        self.page_size = page_size
        self.lag_s = 0.0
        self.external_ids_lag = False
        self.resolution_ms = 1
        self.stamps = True
        self.bumps = True
        self.requests: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.written: list[Written] = []
        self.on_request: Callable[[str], None] | None = None
        self._read_only = False
        self._keep = keep
        self._shelf: _Shelf = _Shelf()
        if keep is not None and keep.exists():
            self._shelf = pickle.loads(keep.read_bytes())

    # What users and tests do

    def seed(self, **fields: Value) -> str:
        """A record a user made; answers its id."""
        return self.insert(fields, by_user=True)

    def edit(self, record_id: str, **fields: Value) -> None:
        """A user changes fields."""
        self.change(record_id, fields, by_user=True)

    def set_state(self, record_id: str, state: RecordState) -> None:
        self._put(replace(self.truth(record_id), state=state))

    def trash(self, record_id: str) -> None:
        """A user deletes softly."""
        self.set_state(record_id, RecordState.DELETED)

    def vanish(self, record_id: str) -> None:
        """A user deletes for ever."""
        self._append(record_id, None)

    def merge(self, loser: str, winner: str) -> None:
        """A user merges `loser` into `winner`."""
        kept = self.truth(winner)
        formers = (*kept.former_ids, *self.truth(loser).former_ids, loser)
        self._append(loser, None, merged_into=winner)
        self._put(replace(kept, former_ids=formers))

    def lose_cursors(self) -> None:
        """Every cursor given so far is unknown from now on."""
        self._shelf.epoch += 1
        self._save()

    def add_group(self, group: Group) -> None:
        self._shelf.groups[group.id] = group
        self._shelf.members.setdefault(group.id, set())
        self._save()

    @contextmanager
    def no_write_due(self) -> Iterator[None]:
        """Inside, any write of an app fails the test, even when the app under test swallows it."""
        before = sum(self.writes.values())
        self._read_only = True
        try:
            yield
        finally:
            self._read_only = False
        if sum(self.writes.values()) != before:
            raise WriteNotDue("a write was tried where none was due")

    # The truth

    @property
    def records(self) -> dict[str, Record]:
        """Everything that exists now, soft-deleted records included, by id."""
        last = {key: versions[-1].record for key, versions in self._shelf.versions.items()}
        return {key: record for key, record in last.items() if record is not None}

    @property
    def active(self) -> list[Record]:
        return [each for each in self.records.values() if each.state is not RecordState.DELETED]

    @property
    def epoch(self) -> int:
        return self._shelf.epoch

    @property
    def seq(self) -> int:
        return self._shelf.seq

    @property
    def groups(self) -> Mapping[str, Group]:
        return self._shelf.groups

    @property
    def members(self) -> Mapping[str, set[str]]:
        return self._shelf.members

    @property
    def activities(self) -> list[Any]:
        return self._shelf.activities

    def truth(self, record_id: str) -> Record:
        record = self._shelf.versions[record_id][-1].record
        if record is None:
            raise KeyError(record_id)
        return record

    def versions_of(self, record_id: str) -> list[Record]:
        """Everything that a record ever was, the newest last; where it was gone in between is left out."""
        return [each.record for each in self._shelf.versions.get(record_id, []) if each.record is not None]

    def external_id(self, record_id: str) -> str:
        return self._shelf.external_ids.get(record_id, "")

    # What an app asks

    def begin(self, op: str) -> None:
        self.requests[op] += 1
        if self.on_request is not None:
            self.on_request(op)

    def allow_write(self, op: str) -> None:
        """Count a write that an app is about to make."""
        self.writes[op] += 1
        if self._read_only:
            raise WriteNotDue(f"{op}: no write is due here")

    def seen(self, record_id: str, *, lagging: bool) -> tuple[Record | None, int, str | None] | None:
        """The version that shows now: record or None for gone, its sequence number, its merge winner."""
        horizon_ms = self.clock.now_ms() - (round(self.lag_s * 1000) if lagging else 0)
        shown = [each for each in self._shelf.versions.get(record_id, ()) if each.at_ms <= horizon_ms]
        return (shown[-1].record, shown[-1].seq, shown[-1].merged_into) if shown else None

    def before_last_write(self, record_id: str) -> Record | None:
        versions = self._shelf.versions.get(record_id, [])
        return versions[-2].record if len(versions) > 1 else None

    def ids(self) -> list[str]:
        """Every id that ever was, in the order of creation."""
        return list(self._shelf.versions)

    def page(self, start: int, since_seq: int | None, since_ms: int | None) -> tuple[list[Record], int]:
        """One page of what shows now, and the total, with the faults of a listing."""
        fault = self.faults.take("list")
        raise_if_request_fails(fault, self.who)
        rows = self._rows(since_seq, since_ms)
        at = max(0, start - self.page_size) if fault is Fault.REPEAT_PAGE else start
        shown = [] if fault is Fault.EMPTY_PAGE else rows[at : at + self.page_size]
        return shown, len(rows)

    def tombstones(self, since_seq: int) -> list[tuple[str, str | None]]:
        """What was deleted for ever after a point of the sequence, and into what it was merged."""
        gone = []
        for record_id in self.ids():
            now = self.seen(record_id, lagging=True)
            if now is not None and now[0] is None and now[1] > since_seq:
                gone.append((record_id, now[2]))
        return gone

    def shown_seq(self) -> int:
        """The newest sequence number that shows in listings now."""
        horizon_ms = self.clock.now_ms() - round(self.lag_s * 1000)
        numbers = [v.seq for all_ in self._shelf.versions.values() for v in all_ if v.at_ms <= horizon_ms]
        return max(numbers, default=0)

    def insert(
        self, fields: Mapping[str, Value], *, external_id: str | None = None, by_user: bool = False
    ) -> str:
        self._shelf.next_id += 1
        record_id = str(self._shelf.next_id)
        if external_id:
            self._shelf.external_ids[record_id] = external_id
        saved = {name: self._saved(name, value, by_user) for name, value in fields.items()}
        self._put(Record(id=record_id, fields=saved), new=True)
        self.written.append(Written("create", record_id, saved, by_user))
        return record_id

    def change(
        self,
        record_id: str,
        fields: Mapping[str, Value],
        *,
        external_id: str | None = None,
        by_user: bool = False,
    ) -> None:
        if external_id and not self.external_id(record_id):
            self._shelf.external_ids[record_id] = external_id
        kept = self.truth(record_id)
        saved = {name: self._saved(name, value, by_user) for name, value in fields.items()}
        self._put(replace(kept, fields={**kept.fields, **saved}))
        self.written.append(Written("update", record_id, saved, by_user))

    def remove(self, record_id: str, *, softly: bool) -> None:
        if softly:
            self.trash(record_id)
        else:
            self.vanish(record_id)
        self.written.append(Written("delete", record_id, {}))

    def join(self, group_id: str, record_id: str, *, member: bool) -> None:
        members = self._shelf.members[group_id]
        if member:
            members.add(record_id)
        else:
            members.discard(record_id)
        self._save()

    def note(self, activity: Any) -> str:
        self._shelf.activities.append(activity)
        self._save()
        return f"activity-{len(self._shelf.activities)}"

    def _rows(self, since_seq: int | None, since_ms: int | None) -> list[Record]:
        rows = []
        for record_id in self.ids():
            now = self.seen(record_id, lagging=True)
            record, seq = (None, 0) if now is None else now[:2]
            if record is None:
                continue
            if since_seq is not None and seq <= since_seq:
                continue
            if since_ms is not None and record.modified_ms is not None and record.modified_ms < since_ms:
                continue
            rows.append(record)
        return rows

    def _saved(self, name: str, value: Value, by_user: bool) -> Value:
        return value if by_user else self.faults.saved(name, value)

    def _put(self, record: Record, *, new: bool = False) -> None:
        now_ms = self.clock.now_ms()
        stamp = now_ms - now_ms % self.resolution_ms if self.bumps or new else record.modified_ms
        version = f'"{self._shelf.seq + 1}"'
        self._append(record.id, replace(record, modified_ms=stamp if self.stamps else None, version=version))

    def _append(self, record_id: str, record: Record | None, merged_into: str | None = None) -> None:
        self._shelf.seq += 1
        entry = _Version(self.clock.now_ms(), self._shelf.seq, record, merged_into)
        self._shelf.versions.setdefault(record_id, []).append(entry)
        self._save()

    def _save(self) -> None:
        if self._keep is not None:
            fresh = self._keep.with_suffix(".new")
            fresh.write_bytes(pickle.dumps(self._shelf))
            fresh.replace(self._keep)
