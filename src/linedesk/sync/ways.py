"""Which sides of a pair may be written: where the connection writes and a rule takes the other record. Pure.

Leaving the rules stops updates and deletes nothing (S11). While a rule needs fields that are not read yet,
nothing is decided about the pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linedesk.apps.records import Record
from linedesk.sync.conditions import Scope, Verdict
from linedesk.sync.model import Side, SkipKind, Unread
from linedesk.sync.work import Work


@dataclass(frozen=True, slots=True)
class Ways:
    """`sides` may be written. `verdicts`: by written side, what the rules say of the record opposite."""

    sides: frozenset[Side]
    verdicts: Mapping[Side, Verdict]
    is_unread: bool = False


_SIDES = {
    (): frozenset[Side](),
    (Side.A,): frozenset({Side.A}),
    (Side.B,): frozenset({Side.B}),
    (Side.A, Side.B): frozenset(Side),
    (Side.B, Side.A): frozenset(Side),
}


def ways_between(work: Work, a: Record, b: Record) -> Ways:
    """The ways of two records that belong together."""
    verdicts = {
        side: judge.judge(a if side is Side.B else b, exists=True) for side, judge in work.judges.items()
    }
    is_unread = any(verdict.scope is Scope.UNKNOWN for verdict in verdicts.values())
    sides = tuple(side for side, verdict in verdicts.items() if verdict.scope is Scope.IN)
    return Ways(_SIDES[sides], verdicts, is_unread)


def takes_both(work: Work, a: Record, b: Record) -> bool:
    """Whether every side that the connection writes may be written."""
    for side, judge in work.judges.items():
        if judge.judge(a if side is Side.B else b, exists=True).scope is not Scope.IN:
            return False
    return True


def tell_no_way(work: Work, a: Record, b: Record, ways: Ways) -> None:
    """Say of each record that is read why it goes nowhere: its details are unread, or no rule takes it."""
    for side, verdict in ways.verdicts.items():
        source = a if side is Side.B else b
        if verdict.scope is Scope.UNKNOWN:
            unread(work, side.other, source, verdict)
        elif not ways.is_unread:
            exclude(work, side.other, source, verdict)


def unread(work: Work, side: Side, record: Record, verdict: Verdict) -> None:
    """Details of a record must be read before anything is decided about it (S19)."""
    work.unread.append(Unread(side, record.id, verdict.missing, verdict.trace))


def exclude(work: Work, side: Side, record: Record, verdict: Verdict) -> None:
    """No rule takes the record."""
    work.skip(side, record.id, "No rule takes it.", SkipKind.EXCLUDED, verdict.trace)
