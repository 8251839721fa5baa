"""Linked records that a new record of their side may be the successor of, where deletes show late. Pure.

Where only a complete listing tells of deletes, a person may delete a record and make it anew before the next
one: the new record is seen, and that the old one is gone is not. Its counterpart would get a double (S6,
S23), and so it would when there are several new ones of which only the last is still there. So they are all
asked for first (`sync.twins_look`).
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from linedesk.sync.content_hash import ContentHash
from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.model import Change, Known, Link, LinkState, Op, PairBy, Plan, Side, SkipKind, Skipped
from linedesk.sync.parts import LIGHT, STEPS, in_parts
from linedesk.sync.standing import Standing, standing
from linedesk.sync.work import end

_WAYS = (PairBy.EMAIL, PairBy.NUMBER_AND_NAME, PairBy.NAME_AND_COMPANY)
_TIED = (LinkState.ACTIVE, LinkState.HELD)


@dataclass(slots=True)
class Twins:
    """`linked`: records with a link -> the keys that they share with new ones; `new`: those, by key."""

    linked: dict[str, Sequence[Hashable]] = field(default_factory=dict)
    new: dict[Hashable, list[str]] = field(default_factory=dict)

    def doubtful(self) -> frozenset[str]:
        """What must be there still, or be gone, before anything is made: all that share a key."""
        shared = {key for keys in self.linked.values() for key in keys}
        alike = (ids for key, ids in self.new.items() if len(ids) > 1 or key in shared)
        return frozenset(self.linked) | frozenset(each for ids in alike for each in ids)

    def of(self, linked: Iterable[str]) -> frozenset[str]:
        """The new records that share a key with one of these."""
        keys = {key for record_id in linked for key in self.linked.get(record_id, ())}
        return frozenset(record_id for key in keys for record_id in self.new.get(key, ()))


def twins_in_slices(
    side: Side, known: Known, changes: Iterable[Change], links: Iterable[Link], pair_by: Sequence[PairBy]
) -> Generator[None, None, Twins]:
    """The twins on `side` (`known`) of its records that `changes` make anew on the other one.

    Costs nothing where there is none of these; else 0.02 ms a link and 0.3 ms a new record.
    """
    twins = Twins()
    made: list[str] = []

    def note_made(change: Change) -> None:
        if change.op is Op.CREATE and change.side is side.other and change.source_id in known.records:
            made.append(change.source_id)

    yield from in_parts(changes, note_made, LIGHT)
    if not made:
        return twins
    witness = Witness(known, external_ids=False)
    names: set[tuple[str, ...]] = set()
    ways = [by for by in _WAYS if by in pair_by]

    def note_keys(record_id: str) -> None:
        found = witness.evidence(known.records[record_id])
        names.add(found.name)
        for key in _keys(found, ways):
            twins.new.setdefault(key, []).append(record_id)

    def look(link: Link) -> None:
        record_id = end(link, side)
        if link.state in _TIED and standing(known, record_id) is Standing.HERE:
            found = witness.evidence(known.records[record_id], only=names)
            shared = [key for key in _keys(found, ways) if key in twins.new]
            if shared:
                twins.linked[record_id] = shared

    yield from in_parts(made, note_keys)
    yield from in_parts(links, look, STEPS)
    for record_id in made:  # one that an undo had taken back has a link of its own
        twins.linked.pop(record_id, None)
    return twins


def _keys(found: Evidence, ways: Iterable[PairBy]) -> Iterable[Hashable]:
    """What `sync.pairing` would go by."""
    return [(by, key) for by in ways for key in found.keys(by)]


def put_off(
    plan: Plan, new: Mapping[Side, frozenset[str]], accounts: Mapping[Side, str]
) -> Generator[None, None, Plan]:
    """The plan without making these new records of each side: whether they are doubles is not known yet."""
    content = ContentHash()
    changes: list[Change] = []
    skipped = list(plan.skipped)

    def judge(change: Change) -> None:
        side = change.side.other
        if change.op is Op.CREATE and change.source_id in new[side]:
            reason = (
                f"It may be a linked record of {accounts[side]} that was made anew: it waits until it is "
                "known whether that one is gone."
            )
            skipped.append(Skipped(side, change.source_id, reason, SkipKind.UNTOLD))
        else:
            changes.append(change)
            content.add(change)

    yield from in_parts(plan.changes, judge, STEPS)
    return replace(plan, changes=tuple(changes), skipped=tuple(skipped), hash=content.text())
