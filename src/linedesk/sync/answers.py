"""What people said of records that waited, as the planner asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from linedesk.sync.model import Answer, Decision, Question, Side

Pair = tuple[str, str]
"""Ids of a record of A and of one of B."""


@dataclass(slots=True)
class Said:
    """`same`: id of A -> id of B. `skipped`: ids that are left alone. `conflicts`, `vanished`: by record."""

    same: dict[str, str] = field(default_factory=dict)
    different: set[Pair] = field(default_factory=set)
    skipped: dict[Side, set[str]] = field(default_factory=lambda: {side: set() for side in Side})
    conflicts: dict[tuple[Side, str], Decision] = field(default_factory=dict)
    vanished: dict[tuple[Side, str], Decision] = field(default_factory=dict)

    def is_same(self, pair: Pair) -> bool:
        return self.same.get(pair[0]) == pair[1]

    def add(self, decision: Decision) -> None:
        key = (decision.side, decision.record_id)
        match decision.question:
            case Question.CONFLICT:
                self.conflicts[key] = decision
            case Question.MERGED:
                self.vanished[key] = decision
            case Question.PAIR:
                self._add_pair(decision)

    def keeps(self, pair: Pair, about: str) -> Side | None:
        """The side whose values count in the conflict `about` of a pair, where somebody said so."""
        for key in ((Side.A, pair[0]), (Side.B, pair[1])):
            decision = self.conflicts.get(key)
            if decision is not None and decision.about == about:
                return {Answer.KEEP_A: Side.A, Answer.KEEP_B: Side.B}.get(decision.answer)
        return None

    def _add_pair(self, decision: Decision) -> None:
        chosen = () if decision.chosen_id is None else (decision.chosen_id,)
        match decision.answer:
            case Answer.SKIP:
                self.skipped[decision.side].add(decision.record_id)
            case Answer.SAME:
                self.same.update(pair_of(decision.side, decision.record_id, other) for other in chosen)
            case Answer.NOT_THE_SAME:
                others = (*decision.candidates, *chosen)
                self.different |= {pair_of(decision.side, decision.record_id, other) for other in others}


def said(decisions: Iterable[Decision]) -> Said:
    """All that was said, as one."""
    everything = Said()
    for decision in decisions:
        everything.add(decision)
    return everything


def pair_of(side: Side, one: str, other: str) -> Pair:
    """The pair of `one` of `side` and `other` of the other side."""
    return (one, other) if side is Side.A else (other, one)
