"""What becomes of one row of a mapping between two records: the decision itself, symmetric in A and B. Pure.

A one-way row follows its source. A two-way row is a three-way merge against what both sides last agreed
on; lists are `sync.merge_lists`. Values are compared by their kind: what a vendor makes of a write is no
edit (S14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from linedesk.apps.records import Value
from linedesk.sync.composite import empty_like
from linedesk.sync.fitting import Made
from linedesk.sync.lanes import PairLanes, PairRow, Reading
from linedesk.sync.model import Agreed, Side
from linedesk.sync.policies import Blanks, Conflict
from linedesk.sync.values import is_blank

Fields = Mapping[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class RowConflict:
    """A row that both sides changed to different values. `winner` None: it waits for a person (`why`)."""

    key: str
    a: Value
    b: Value
    winner: Side | None
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row does. `writes`: of a side, real field -> (before, after); `notes`: what was cut or left out.

    `settles`: both sides count as agreed on what they hold now; else the base stays as it is, until a write
    is done, a person answered, or the side may be written again.
    """

    writes: Mapping[Side, Fields] = field(default_factory=dict)
    notes: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    settles: bool = False
    conflict: RowConflict | None = None
    restores: bool = False


SETTLED = Outcome(settles=True)
LEFT = Outcome()


@dataclass(frozen=True, slots=True)
class Met:
    """A row between two records. `times`: when each record was changed, by its app's clock, in ms.

    `ways`: sides that may be written. `settled`: the side that a person chose for this row.
    """

    lanes: PairLanes
    row: PairRow
    readings: Mapping[Side, Reading]
    agreed: Agreed | None
    ways: frozenset[Side]
    times: Mapping[Side, int | None]
    settled: Side | None = None

    def had(self, side: Side) -> Value:
        """What the side held when both last agreed."""
        if self.agreed is None:
            return None
        return self.agreed.a if side is Side.A else self.agreed.b

    def is_changed(self, side: Side) -> bool:
        return not self.lanes.is_same(self.row, side, self.readings[side].value, self.had(side))

    def is_edited(self, side: Side) -> bool:
        """Whether somebody put another value there. Where blanks never count, emptying a field is no edit."""
        is_emptied = is_blank(self.readings[side].value)
        return self.is_changed(side) and not (is_emptied and self.row.blanks is Blanks.NEVER)

    def made(self, to: Side) -> Made:
        """What the side `to` would get of the other one's value."""
        lanes = self.lanes.to(to)
        return lanes.make(self.row.lanes[to], self.readings[to.other].value, self.readings[to].raw)

    def is_fitting(self, to: Side, made: Made) -> bool:
        """Whether the side `to` holds already what it would get."""
        return not made.left_out and self.lanes.is_same(self.row, to, made.value, self.readings[to].raw)

    def says_same(self) -> bool:
        """Whether one side already holds what it would get of the other: a text that was cut is the same."""
        telling = [to for to in self.row.lanes if not is_blank(self.readings[to.other].value)]
        if not telling:
            return True
        return any(self.is_fitting(to, self.made(to)) for to in telling)


def decide(met: Met) -> Outcome:
    """What a row of one value on either side does."""
    if len(met.row.lanes) < 2:
        (to,) = met.row.lanes
        return _follow_source(met, to)
    if met.agreed is None:
        return SETTLED if met.says_same() else _meet(met)
    edited = [side for side in Side if met.is_edited(side)]
    if len(edited) > 1:
        edited = [side for side in edited if not met.readings[side].stands_in]
    if not edited or met.says_same():
        return SETTLED
    return carry(met, edited[0].other) if len(edited) == 1 else _resolve(met)


def _follow_source(met: Met, to: Side) -> Outcome:
    """The source's value counts wherever it has or had one; a target changed by itself is restored."""
    source = met.readings[to.other]
    is_as_it_was = met.agreed is not None and not met.is_changed(to.other)
    if is_as_it_was and not met.is_changed(to):
        return SETTLED
    if is_blank(source.value) and not _may_empty(met, to):
        return SETTLED
    outcome = carry(met, to)
    if is_as_it_was and outcome.writes:
        return Outcome(outcome.writes, outcome.notes, restores=True)
    return outcome


def _may_empty(met: Met, to: Side) -> bool:
    """By default an empty field empties the other one only if it became empty since both last agreed."""
    if met.row.blanks is Blanks.CLEARED:
        return not is_blank(met.had(to.other))
    return met.row.blanks is Blanks.ALWAYS


def carry(met: Met, to: Side) -> Outcome:
    """The side `to` gets the other one's value, if it may be written and can hold it.

    What only stands in for a value never replaces one that a person put there.
    """
    source, target = met.readings[to.other], met.readings[to]
    if source.stands_in and not _may_stand_in(met, to):
        return SETTLED
    made = met.made(to)
    if is_blank(made.value):
        if not is_blank(source.value) or met.row.lanes[to].target.required:
            return Outcome(notes={to: made.notes}, settles=True)
        made = replace(made, value=empty_like(target.raw))
    if made.left_out or met.is_fitting(to, made):
        return Outcome(notes={to: made.notes}, settles=True)
    return write(met, to, made)


def write(met: Met, to: Side, made: Made) -> Outcome:
    """The side `to` gets a value that it can hold, where it may be written and holds it nowhere yet."""
    held = met.readings[to].fields
    placed = met.lanes.to(to).place(met.row.lanes[to], made.value, held)
    notes = {to: made.notes + placed.notes}
    if not placed.fields:
        return Outcome(notes=notes, settles=True)
    if to not in met.ways:
        return LEFT
    return Outcome({to: {name: (held.get(name), after) for name, after in placed.fields.items()}}, notes)


def _may_stand_in(met: Met, to: Side) -> bool:
    """Where nothing stands, or where the value is still the one that both agreed on."""
    if met.readings[to].is_given:
        return met.agreed is not None and not met.is_changed(to) and not is_blank(met.had(to.other))
    return not met.readings[to].stands_in


def _meet(met: Met) -> Outcome:
    """Two records say something different and never agreed on anything in this row."""
    given = [side for side in Side if met.readings[side].is_given]
    if len(given) > 1:
        return _resolve(met)
    if not given:
        standing_in = [side for side in Side if met.readings[side].stands_in]
        return carry(met, standing_in[0].other) if len(standing_in) == 1 else SETTLED
    full = given[0]
    if met.row.blanks is Blanks.ALWAYS and not met.readings[full.other].stands_in:
        winner, _ = winner_of(met)
        if winner is full.other:
            return carry(met, full)
    return carry(met, full.other)


def _resolve(met: Met) -> Outcome:
    """Both sides have a value of their own: the policy says which counts. The loser is kept as `before`."""
    winner, why = winner_of(met)
    told = {side: met.readings[side].value for side in Side}
    conflict = RowConflict(met.row.key, told[Side.A], told[Side.B], winner, why)
    if winner is None:
        can_settle = any(not met.made(to).left_out for to in met.row.lanes)
        return Outcome(conflict=conflict) if can_settle else SETTLED
    outcome = carry(met, winner.other)
    if outcome.settles:
        return outcome
    return Outcome(outcome.writes, outcome.notes, conflict=conflict)


def winner_of(met: Met) -> tuple[Side | None, str]:
    """The side whose value counts, None while a person has not said it, and why."""
    if met.settled is not None:
        return met.settled, "a person said so."
    policy, tie = met.row.conflict, met.lanes.tie
    if policy is Conflict.ASK:
        return None, "a person says which value counts."
    if policy is not Conflict.NEWEST:
        side = Side.A if policy is Conflict.A else Side.B
        return side, f"{met.lanes.known(side).account} counts."
    a_ms, b_ms = met.times[Side.A], met.times[Side.B]
    if a_ms is None or b_ms is None or a_ms == b_ms:
        account = met.lanes.known(tie).account
        return tie, f"their times do not tell which is newer, and {account} counts then."
    last = Side.A if a_ms > b_ms else Side.B
    return last, f"{met.lanes.known(last).account} was changed last."
