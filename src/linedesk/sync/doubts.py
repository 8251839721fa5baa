"""Pairs that look sure only because whoever shares the same e-mail or number is linked already. Pure.

One address may belong to a whole office. While all of its people are unlinked, `sync.pairing` lets those
wait whom nothing but the address points out; they must wait just so once the others have their links.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable

from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.model import Known, PairBy
from linedesk.sync.pairing import Match, Pairing, Unsure, unsure
from linedesk.sync.parts import in_parts
from linedesk.sync.standing import Standing, standing
from linedesk.sync.work import Work

_SHARED = (PairBy.EMAIL, PairBy.NUMBER_AND_NAME)
Keys = dict[Hashable, set[str]]


def doubt(work: Work, pairing: Pairing) -> Generator[None, None, None]:
    """Let those pairs wait that nothing confirms, and of which a linked record shares what they have."""
    pairs = {one: match for one, match in pairing.pairs.items() if not match.confirmed}
    if not pairs or PairBy.EMAIL not in work.connection.pair_by:
        return
    linked_targets = work.targets - work.held.keys()
    by_source: Keys = {}
    by_target: Keys = {}
    names: set[tuple[str, ...]] = set()
    ours, theirs = (Witness(side, external_ids=False) for side in (work.source, work.target))

    def note(item: tuple[str, Match]) -> None:
        one, match = item
        for witness, side, record_id, keys in (
            (ours, work.source, one, by_source),
            (theirs, work.target, match.id, by_target),
        ):
            found = witness.evidence(side.records[record_id])
            names.add(found.name)
            for key in _keys(work, found):
                keys.setdefault(key, set()).add(one)

    doubtful: set[str] = set()
    yield from in_parts(pairs.items(), note)
    # A source's like among linked targets, and a target's among linked sources: each could be the true one.
    for side, witness, linked, keys in (
        (work.target, theirs, linked_targets, by_source),
        (work.source, ours, work.sources, by_target),
    ):
        yield from _shared(work, side, witness, linked, keys, names, doubtful)
    for one in doubtful:
        match = pairing.pairs.pop(one)
        pairing.waiting[one] = Unsure((match.id,), unsure(match.reason, 1, 1))


def _shared(  # noqa: PLR0917 - one step of its only caller
    work: Work,
    side: Known,
    witness: Witness,
    linked: Iterable[str],
    keys: Keys,
    names: set[tuple[str, ...]],
    doubtful: set[str],
) -> Generator[None, None, None]:
    def look(record_id: str) -> None:
        if standing(side, record_id) is Standing.HERE:
            for key in _keys(work, witness.evidence(side.records[record_id], only=names)):
                doubtful.update(keys.get(key, ()))

    yield from in_parts(linked, look)


def _keys(work: Work, found: Evidence) -> Iterable[Hashable]:
    return [key for by in _SHARED if by in work.connection.pair_by for key in found.keys(by)]
