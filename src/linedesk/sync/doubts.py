"""Pairs that look sure only because whoever shares the same e-mail or number is linked already. Pure.

One address may belong to a whole office. While all of its people are unlinked, `sync.pairing` lets those
wait whom nothing but the address points out; they must wait just so once the others have their links.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable
from dataclasses import dataclass, field

from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.model import PairBy, Side
from linedesk.sync.pairing import Match, Pairing, Unsure, unsure
from linedesk.sync.parts import in_parts
from linedesk.sync.standing import Standing, standing
from linedesk.sync.work import Work

_SHARED = (PairBy.EMAIL, PairBy.NUMBER_AND_NAME)


def doubt(work: Work, pairing: Pairing) -> Generator[None, None, None]:
    """Let those pairs wait that nothing confirms, and of which a linked record shares what they have."""
    pairs = {one: match for one, match in pairing.pairs.items() if not match.confirmed}
    if not pairs or PairBy.EMAIL not in work.connection.pair_by:
        return
    doubts = _Doubts(work)
    yield from in_parts(pairs.items(), doubts.note)
    # A record's like among the linked ones of the other side could be the true one.
    for side in Side:
        linked = work.linked[side] - work.held[side].keys()
        yield from in_parts(linked, lambda record_id, side=side: doubts.look(side, record_id))  # type: ignore[misc]
    for one in doubts.doubtful:
        match = pairing.pairs.pop(one)
        why = unsure(match.reason, 1, 1)
        pairing.waiting[one] = Unsure((match.id,), why)
        pairing.claimed[match.id] = Unsure((one,), why)


@dataclass(slots=True)
class _Doubts:
    """`keys`: by side, what a record of the other side offers -> the pairs that it is in, by id of A."""

    work: Work
    keys: dict[Side, dict[Hashable, set[str]]] = field(default_factory=lambda: {side: {} for side in Side})
    names: set[tuple[str, ...]] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    witnesses: dict[Side, Witness] = field(init=False)

    def __post_init__(self) -> None:
        self.witnesses = {side: Witness(self.work.known(side), external_ids=False) for side in Side}

    def note(self, item: tuple[str, Match]) -> None:
        one, match = item
        for side, record_id in ((Side.A, one), (Side.B, match.id)):
            found = self.witnesses[side].evidence(self.work.known(side).records[record_id])
            self.names.add(found.name)
            for key in self._shared(found):
                self.keys[side.other].setdefault(key, set()).add(one)

    def look(self, side: Side, record_id: str) -> None:
        known = self.work.known(side)
        if standing(known, record_id) is Standing.HERE:
            for key in self._shared(self.witnesses[side].evidence(known.records[record_id], only=self.names)):
                self.doubtful.update(self.keys[side].get(key, ()))

    def _shared(self, found: Evidence) -> Iterable[Hashable]:
        return [key for by in _SHARED if by in self.work.connection.pair_by for key in found.keys(by)]
