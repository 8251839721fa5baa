"""Finds the counterparts of records that have no link yet. Pure; by indexes, never by comparing all with all.

A pair is sure only when it is one to one: a record with two candidates, and two records with one candidate,
wait for a person. In the order of `PairBy` each way sees only what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linedesk.apps.records import Record, RecordState
from linedesk.sync.evidence import Evidence, evidence
from linedesk.sync.model import Known, PairBy

_SLICE = 100
_WORDS = {
    PairBy.EXTERNAL_ID: "Linedesk's id",
    PairBy.NUMBER_AND_NAME: "number and name",
    PairBy.EMAIL: "e-mail",
    PairBy.NAME_AND_COMPANY: "name and company",
}
MOST_CANDIDATES = 20
"""A person is shown so many candidates of a record; more say nothing new."""

_MOST_LOOKED_AT = 2 * MOST_CANDIDATES
"""One switchboard address on 10,000 records must not make 100 million comparisons."""


@dataclass(frozen=True, slots=True)
class Match:
    """The sure counterpart, and what it was found by."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """What a record may belong to, and why that is not sure."""

    candidates: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said. `same`: left id -> right id; `different`: pairs (left, right) that are not one."""

    same: Mapping[str, str] = field(default_factory=dict)
    different: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Pairing:
    """By id of the left side. A left record that is in neither has no counterpart."""

    pairs: Mapping[str, Match]
    waiting: Mapping[str, Unsure]


def pair(
    left: Mapping[str, Evidence],
    right: Mapping[str, Evidence],
    pair_by: Sequence[PairBy],
    answers: Answers | None = None,
) -> Pairing:
    """Pair the records of two sides that have no link."""
    steps = pair_in_slices(left, right, pair_by, answers or Answers())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            pairing: Pairing = end.value
            return pairing


def pair_in_slices(
    left: Mapping[str, Evidence], right: Mapping[str, Evidence], pair_by: Sequence[PairBy], answers: Answers
) -> Generator[None, None, Pairing]:
    """`pair`, with a pause after every few milliseconds of work."""
    work = _Work(dict(left), dict(right))
    said = {one: frozenset({other}) for one, other in answers.same.items() if one in left and other in right}
    yield from work.settle(said, "a person said that they are the same")
    for by in PairBy:
        if by in pair_by:
            found = yield from _candidates(work, by, answers.different)
            yield from work.settle(found, f"they have the same {_WORDS[by]}")
    return Pairing(work.pairs, work.waiting)


def adoptable(record: Record, known: Known, holder: Record, held: Known, pair_by: Sequence[PairBy]) -> bool:
    """Whether `holder`, which an app says has a unique value already, is surely `record`'s counterpart.

    `known` is the side of `record`, `held` that of `holder`; the caller knows that the holder has no link.
    """
    if holder.state is not RecordState.ACTIVE:
        return False
    one, other = evidence(record, known), evidence(holder, held)
    return any(one.keys(by) & other.keys(by) for by in pair_by)


@dataclass(slots=True)
class _Work:
    """What is still to be paired, and what is settled."""

    left: dict[str, Evidence]
    right: dict[str, Evidence]
    pairs: dict[str, Match] = field(default_factory=dict)
    waiting: dict[str, Unsure] = field(default_factory=dict)

    def settle(self, found: Mapping[str, frozenset[str]], why: str) -> Generator[None, None, None]:
        """Take one-to-one candidates as pairs, and let the others wait; both are out of the rest."""
        claims: dict[str, int] = {}
        for others in found.values():
            for other in others:
                claims[other] = claims.get(other, 0) + 1
        yield
        for count, (one, others) in enumerate(found.items()):
            rivals = max(claims[other] for other in others)
            if len(others) == 1 and rivals == 1:
                self.pairs[one] = Match(next(iter(others)), why)
            else:
                self.waiting[one] = Unsure(_some(others), _unsure(why, len(others), rivals))
            del self.left[one]
            if count % _SLICE == _SLICE - 1:
                yield
        for other in claims:
            del self.right[other]
        yield


def _candidates(
    work: _Work, by: PairBy, different: frozenset[tuple[str, str]]
) -> Generator[None, None, dict[str, frozenset[str]]]:
    """The candidates of each left record that has any."""
    index: dict[Hashable, list[str]] = {}
    for count, (other, offered) in enumerate(work.right.items()):
        for key in offered.keys(by):
            same = index.setdefault(key, [])
            if len(same) < _MOST_LOOKED_AT:
                same.append(other)
        if count % _SLICE == _SLICE - 1:
            yield
    found: dict[str, frozenset[str]] = {}
    for count, (one, offered) in enumerate(work.left.items()):
        others = {other for key in offered.keys(by) for other in index.get(key, ())}
        others -= {other for other in others if (one, other) in different}
        if others:
            found[one] = frozenset(others)
        if count % _SLICE == _SLICE - 1:
            yield
    return found


def _some(others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(others)[:MOST_CANDIDATES])


def _unsure(why: str, candidates: int, rivals: int) -> str:
    if candidates > 1:
        return f"{candidates} records of the other side may be this one: {why}."
    return f"{rivals} records may belong to the same one of the other side: {why}."
