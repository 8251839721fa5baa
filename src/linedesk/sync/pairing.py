"""Finds the counterparts of records that have no link yet. Pure; by indexes, never by comparing all with all.

A pair is sure only when it is one to one: a record with two candidates, and two records with one candidate,
wait for a person. Linedesk's id is asked first. Number with name and e-mail count alike: people who share an
address are told apart by their names or numbers, and a record that is pointed to two ways waits. Name with
company comes last. Each step sees only what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from linedesk.apps.records import Record, RecordState
from linedesk.sync.evidence import Evidence, evidence
from linedesk.sync.model import Known, PairBy
from linedesk.sync.parts import LIGHT, STEPS, in_parts, let_go

_WORDS = {
    PairBy.EXTERNAL_ID: "Linedesk's id",
    PairBy.NUMBER_AND_NAME: "number and name",
    PairBy.EMAIL: "e-mail",
    PairBy.NAME_AND_COMPANY: "name and company",
}
_STEPS = (
    (PairBy.EXTERNAL_ID,),
    (PairBy.NUMBER_AND_NAME, PairBy.EMAIL),
    (PairBy.NAME_AND_COMPANY,),
)
"""Ways of one step are as good as each other."""

MOST_CANDIDATES = 20
"""A person is shown so many candidates of a record; more say nothing new."""

_MOST_LOOKED_AT = 2 * MOST_CANDIDATES
"""One switchboard address on 10,000 records must not make 100 million comparisons."""

Found = dict[str, frozenset[str]]
"""Left id -> ids of the right that it may be; never empty."""


@dataclass(frozen=True, slots=True)
class Match:
    """The sure counterpart, and what it was found by.

    `confirmed`: by a person, by Linedesk's id, or by an e-mail together with the name or a number.
    """

    id: str
    reason: str
    confirmed: bool = True


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

    pairs: dict[str, Match]
    waiting: dict[str, Unsure]


def pair(
    left: Mapping[str, Evidence],
    right: Mapping[str, Evidence],
    pair_by: Sequence[PairBy],
    answers: Answers | None = None,
) -> Pairing:
    """Pair the records of two sides that have no link."""
    steps = pair_in_slices(dict(left), dict(right), pair_by, answers or Answers())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            pairing: Pairing = end.value
            return pairing


def pair_in_slices(
    left: dict[str, Evidence], right: dict[str, Evidence], pair_by: Sequence[PairBy], answers: Answers
) -> Generator[None, None, Pairing]:
    """`pair`, with a pause after every few records. `left` and `right` are used up."""
    work = _Work(left, right)
    said = {one: frozenset({other}) for one, other in answers.same.items() if one in left and other in right}
    yield from work.settle(said, ())
    for ways in _STEPS:
        chosen = [by for by in ways if by in pair_by]
        by_way: dict[PairBy, Found] = {}
        for by in chosen:
            by_way[by] = yield from _candidates(work, by, answers.different)
        if PairBy.EMAIL in by_way:
            yield from _settle_confirmed(work, by_way)
        united = yield from _united(by_way.values())
        yield from work.settle(united, chosen, confirmed=PairBy.EXTERNAL_ID in chosen)
    yield from let_go(left)
    yield from let_go(right)
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
    """What is still to be paired, and what is settled.

    `doubtful`: ids of either side that share something with a record whose counterpart is another one.
    """

    left: dict[str, Evidence]
    right: dict[str, Evidence]
    doubtful_left: set[str] = field(default_factory=set)
    doubtful_right: set[str] = field(default_factory=set)
    pairs: dict[str, Match] = field(default_factory=dict)
    waiting: dict[str, Unsure] = field(default_factory=dict)

    def settle(
        self, found: Found, ways: Sequence[PairBy], *, confirmed: bool = True
    ) -> Generator[None, None, None]:
        """Take one-to-one candidates as pairs, and let the others wait; both are out of the rest.

        `found` is used up. `ways`: how it was found; none when a person said it.
        """
        claims = yield from _claims(found)

        def judge(one: str) -> None:
            others = found[one]
            rivals = max(claims[other] for other in others)
            why = self._why(one, others, ways)
            if len(others) == 1 and rivals == 1 and not self._is_doubtful(one, others):
                self.pairs[one] = Match(next(iter(others)), why, confirmed)
            else:
                self.waiting[one] = Unsure(_some(others), unsure(why, len(others), rivals))

        yield from in_parts(found, judge, STEPS)
        yield from in_parts(found, self.left.__delitem__, LIGHT)
        yield from in_parts(claims, self.right.__delitem__, LIGHT)
        yield from let_go(claims)
        yield from let_go(found)

    def _why(self, one: str, others: Iterable[str], ways: Sequence[PairBy]) -> str:
        if not ways:
            return "a person said that they are the same"
        shared = [by for by in ways if any(self.agree(one, other, by) for other in others)]
        words = [_WORDS[by] for by in shared]
        if shared == [PairBy.EMAIL] and all(self.has_name(one, other) for other in others):
            words = ["name and e-mail"]
        return f"they have the same {' and the same '.join(words)}"

    def agree(self, one: str, other: str, by: PairBy) -> bool:
        return not self.left[one].keys(by).isdisjoint(self.right[other].keys(by))

    def has_name(self, one: str, other: str) -> bool:
        name = self.left[one].name
        return bool(name) and name == self.right[other].name

    def _is_doubtful(self, one: str, others: frozenset[str]) -> bool:
        return one in self.doubtful_left or not others.isdisjoint(self.doubtful_right)


def _settle_confirmed(work: _Work, by_way: Mapping[PairBy, Found]) -> Generator[None, None, None]:
    """Settle those with an e-mail in common whom the name or a number confirms, one to one."""
    emails, numbers = by_way[PairBy.EMAIL], by_way.get(PairBy.NUMBER_AND_NAME, {})
    confirmed: Found = {}
    sure: Found = {}
    taken: set[str] = set()

    def confirm(one: str) -> None:
        by_number = numbers.get(one, frozenset())
        others = frozenset(other for other in emails[one] if other in by_number or work.has_name(one, other))
        if others:
            confirmed[one] = others

    def choose(item: tuple[str, frozenset[str]]) -> None:
        if len(item[1]) == 1 and claims[next(iter(item[1]))] == 1:
            sure[item[0]] = item[1]
            taken.update(item[1])

    yield from in_parts(emails, confirm, STEPS)
    claims = yield from _claims(confirmed)
    yield from in_parts(confirmed.items(), choose, LIGHT)
    for found in by_way.values():
        released: set[str] = set()
        yield from in_parts(tuple(found), partial(_drop, work, found, sure, taken, released), LIGHT)
        yield from in_parts(found.values(), partial(_doubt, work, released), LIGHT)
    yield from work.settle(sure, tuple(by_way))
    for each in (confirmed, claims, taken):
        yield from let_go(each)


def _drop(  # noqa: PLR0917 - one step of its only caller
    work: _Work, found: Found, sure: Found, taken: set[str], released: set[str], one: str
) -> None:
    """Take what is settled out of what a way found; what it also found of a settled one is `released`."""
    others = found[one]
    left = others - taken
    if one in sure:
        released |= left
    elif left and left != others:
        work.doubtful_left.add(one)
    if one in sure or not left:
        del found[one]
    else:
        found[one] = left


def _doubt(work: _Work, released: set[str], others: frozenset[str]) -> None:
    work.doubtful_right |= others & released


def _claims(found: Found) -> Generator[None, None, dict[str, int]]:
    """How many left records may be each of the right."""
    claims: dict[str, int] = {}

    def count(others: frozenset[str]) -> None:
        for other in others:
            claims[other] = claims.get(other, 0) + 1

    yield from in_parts(found.values(), count, STEPS)
    return claims


def _united(by_way: Iterable[Found]) -> Generator[None, None, Found]:
    """What any of the ways found."""
    united: Found = {}

    def add(item: tuple[str, frozenset[str]]) -> None:
        one, others = item
        united[one] = united[one] | others if one in united else others

    for found in by_way:
        yield from in_parts(found.items(), add, LIGHT)
        yield from let_go(found)
    return united


def _candidates(
    work: _Work, by: PairBy, different: frozenset[tuple[str, str]]
) -> Generator[None, None, Found]:
    """The candidates of each left record that has any."""
    index: dict[Hashable, list[str]] = {}
    found: Found = {}

    def enter(item: tuple[str, Evidence]) -> None:
        for key in item[1].keys(by):
            index.setdefault(key, []).append(item[0])

    def look(item: tuple[str, Evidence]) -> None:
        one, offered = item
        others = frozenset(islice(_open(one, offered.keys(by), index, different), _MOST_LOOKED_AT))
        if others:
            found[one] = others

    yield from in_parts(work.right.items(), enter, STEPS)
    yield from in_parts(work.left.items(), look, STEPS)
    yield from let_go(index)
    return found


def _open(
    one: str,
    keys: frozenset[Hashable],
    index: Mapping[Hashable, Sequence[str]],
    different: frozenset[tuple[str, str]],
) -> Iterator[str]:
    """Ids that share a key with `one` and of which nobody said that they are somebody else."""
    for key in sorted(keys, key=repr) if len(keys) > 1 else keys:
        yield from (other for other in index.get(key, ()) if (one, other) not in different)


def _some(others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(others)[:MOST_CANDIDATES])


def unsure(why: str, candidates: int, rivals: int) -> str:
    if candidates > 1:
        return f"{candidates} records of the other side may be this one: {why}."
    if rivals > 1:
        return f"{rivals} records may belong to the same one of the other side: {why}."
    return f"A record of the other side may be this one, but others share that too: {why}."
