"""Merges two records field by field, each against what both sides last agreed on. Pure.

Symmetric in A and B (S9). What one row does is `sync.merge_rows`, what both agreed on `sync.merge_base`.
Which records meet is for `plan` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps

from linedesk.apps.records import Record, Value
from linedesk.sync.json_values import value_to_json
from linedesk.sync.lanes import Lane, Lanes, PairLanes, PairRow, lanes_to, rows_between
from linedesk.sync.merge_base import as_written, base_after, base_of, is_as_agreed, is_settled
from linedesk.sync.merge_lists import decide_list
from linedesk.sync.merge_rows import SETTLED, Met, Outcome, RowConflict, decide
from linedesk.sync.model import Agreed, Side
from linedesk.sync.values import is_blank

__all__ = [
    "Drafted",
    "Lane",
    "Lanes",
    "MergedPair",
    "PairLanes",
    "PairRow",
    "RowConflict",
    "as_written",
    "base_after",
    "base_of",
    "conflict_about",
    "draft",
    "is_as_agreed",
    "is_settled",
    "lanes_to",
    "merge_pair",
    "rows_between",
]

Fields = Mapping[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class MergedPair:
    """What a pair lacks. `fields`: of each side that is written, real field -> (before, after).

    `notes`: by side, what was left out or cut. `base`: what both agree on before any of these writes, the
    given one itself where it still holds: a row that waits for a write or a person is as it was. `conflicts`:
    rows that both sides changed; those without a winner wait. `restores`: sides of which every write takes
    back what was changed there alone, against a one-way row.
    """

    fields: Mapping[Side, Fields]
    notes: Mapping[Side, tuple[str, ...]]
    base: Mapping[str, Agreed]
    conflicts: tuple[RowConflict, ...] = ()
    restores: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class Drafted:
    """A new record for the target. `lacking`: labels of fields without which the app refuses it."""

    fields: Mapping[str, tuple[Value, Value]]
    notes: tuple[str, ...]
    lacking: tuple[str, ...]


def draft(lanes: Lanes, source: Record) -> Drafted:
    """What a new record on the target is made with."""
    fields: dict[str, tuple[Value, Value]] = {}
    notes: list[str] = []
    for lane in lanes.each:
        told = lanes.tell(lane, source)
        if told is None or is_blank(told.value):
            continue
        made = lanes.make(lane, told.value)
        placed = lanes.place(lane, made.value, {})
        notes += made.notes + placed.notes
        fields |= {name: (None, value) for name, value in placed.fields.items() if not is_blank(value)}
        if told.stands_in:
            notes.append(f"{lane.source.label} is empty; {told.stands_in} stands in for it.")
    needed = (info for info in lanes.target.fields.values() if info.required and not info.read_only)
    lacking = tuple(info.label for info in needed if info.name not in fields)
    return Drafted(fields, tuple(notes), lacking)


def merge_pair(  # noqa: PLR0917 - a pair, and what was said of it
    lanes: PairLanes,
    a: Record,
    b: Record,
    base: Mapping[str, Agreed],
    ways: frozenset[Side],
    settled: Mapping[str, Side],
) -> MergedPair:
    """What each side lacks of the other's; a row without a base meets for the first time.

    `ways`: sides that may be written. `settled`: by row key, the side that a person chose.
    """
    if is_settled(lanes, a, b, base):
        return MergedPair(_NOTHING, _NO_NOTES, base)
    merging = _Merging(lanes, a, b, base, ways, settled)
    for row in lanes.rows:
        merging.add(row)
    return merging.merged()


_NOTHING: Mapping[Side, Fields] = {}
_NO_NOTES: Mapping[Side, tuple[str, ...]] = {}


@dataclass(slots=True)
class _Merging:
    """A pair in the making, row by row."""

    lanes: PairLanes
    a: Record
    b: Record
    before: Mapping[str, Agreed]
    ways: frozenset[Side]
    settled: Mapping[str, Side]
    fields: dict[Side, dict[str, tuple[Value, Value]]] = field(default_factory=dict)
    notes: dict[Side, tuple[str, ...]] = field(default_factory=dict)
    base: dict[str, Agreed] = field(default_factory=dict)
    conflicts: list[RowConflict] = field(default_factory=list)
    edited: set[Side] = field(default_factory=set)

    def add(self, row: PairRow) -> None:
        agreed = self.before.get(row.key)
        a, b = self.lanes.read(row, Side.A, self.a), self.lanes.read(row, Side.B, self.b)
        if a is None or b is None:  # what is not told is not empty
            if agreed is not None:
                self.base[row.key] = agreed
            return
        times = {Side.A: self.a.modified_ms, Side.B: self.b.modified_ms}
        readings = {Side.A: a, Side.B: b}
        if agreed is not None and (a.value, b.value) == (agreed.a, agreed.b):
            outcome = SETTLED
        else:
            met = Met(self.lanes, row, readings, agreed, self.ways, times, self.settled.get(row.key))
            outcome = decide_list(met) if row.is_list else decide(met)
        self._note(outcome)
        if outcome.settles:
            self.base[row.key] = Agreed(a.value, b.value)
        elif agreed is not None:
            self.base[row.key] = agreed

    def _note(self, outcome: Outcome) -> None:
        for side, fields in outcome.writes.items():
            self.fields.setdefault(side, {}).update(fields)
            if not outcome.restores:
                self.edited.add(side)
        for side, notes in outcome.notes.items():
            if notes:
                self.notes[side] = self.notes.get(side, ()) + notes
        if outcome.conflict is not None:
            self.conflicts.append(outcome.conflict)

    def merged(self) -> MergedPair:
        base = self.before if self.base == self.before else self.base
        restores = frozenset(self.fields) - self.edited
        return MergedPair(self.fields, self.notes, base, tuple(self.conflicts), restores)


def conflict_about(conflicts: Iterable[RowConflict]) -> str:
    """A name for the rows that wait and their values; an answer counts while it is the same."""
    told = sorted(
        (each.key, value_to_json(each.a), value_to_json(each.b)) for each in conflicts if each.winner is None
    )
    return sha256(dumps(told).encode()).hexdigest()[:32] if told else ""
