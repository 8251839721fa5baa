"""Finds the counterparts of records that have no link yet. Pure; by indexes, never by comparing all with all.

A pair is sure only when it is one to one: a record with two candidates, and two records with one candidate,
wait for a person, whichever side one looks from. Linedesk's id is asked first. Number with name and e-mail
count alike: people who share an address are told apart by their names or numbers, and a record that is
pointed to two ways waits. Name with company comes last. Each step sees only what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
"""Id of one side -> ids of the other that it may be; never empty."""

Offers = Mapping[str, Evidence]


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
    """`pairs` and `waiting` by id of the left side, `claimed` by id of the right: those of it that wait.

    A record that is in none of them has no counterpart.
    """

    pairs: dict[str, Match] = field(default_factory=dict)
    waiting: dict[str, Unsure] = field(default_factory=dict)
    claimed: dict[str, Unsure] = field(default_factory=dict)


def pair(left: Offers, right: Offers, pair_by: Sequence[PairBy], answers: Answers | None = None) -> Pairing:
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
    yield from work.settle(_said(work, answers), ())
    turned = frozenset((other, one) for one, other in answers.different)
    for ways in _STEPS:
        chosen = [by for by in ways if by in pair_by]
        by_way: dict[PairBy, _Edges] = {}
        for by in chosen:
            ours = yield from _candidates(left, right, by, answers.different)
            theirs = yield from _candidates(right, left, by, turned)
            by_way[by] = _Edges(ours, theirs)
        if PairBy.EMAIL in by_way:
            yield from _settle_confirmed(work, by_way)
        united = yield from _united(by_way.values())
        yield from work.settle(united, chosen, confirmed=PairBy.EXTERNAL_ID in chosen)
    yield from let_go(left)
    yield from let_go(right)
    return work.pairing


def adoptable(record: Record, known: Known, holder: Record, held: Known, pair_by: Sequence[PairBy]) -> bool:
    """Whether `holder`, which an app says has a unique value already, is surely `record`'s counterpart.

    `known` is the side of `record`, `held` that of `holder`; the caller knows that the holder has no link.
    """
    if holder.state is not RecordState.ACTIVE:
        return False
    one, other = evidence(record, known), evidence(holder, held)
    return any(one.keys(by) & other.keys(by) for by in pair_by)


@dataclass(slots=True)
class _Edges:
    """Who may be whom, as each side sees it."""

    left: Found = field(default_factory=dict)
    right: Found = field(default_factory=dict)

    def is_one_to_one(self, one: str) -> bool:
        """Whether the left record `one` and its only candidate have nobody else."""
        others = self.left[one]
        return len(others) == 1 and len(self.right[next(iter(others))]) == 1


@dataclass(slots=True)
class _Work:
    """What is still to be paired, and what is settled.

    `doubtful`: ids of either side that share something with a record whose counterpart is another one.
    """

    left: dict[str, Evidence]
    right: dict[str, Evidence]
    doubtful_left: set[str] = field(default_factory=set)
    doubtful_right: set[str] = field(default_factory=set)
    pairing: Pairing = field(default_factory=Pairing)

    def settle(
        self, edges: _Edges, ways: Sequence[PairBy], *, confirmed: bool = True
    ) -> Generator[None, None, None]:
        """Take one-to-one candidates as pairs, and let the others wait; both are out of the rest.

        `edges` is used up. `ways`: how they were found; none when a person said it.
        """
        taken: set[str] = set()

        def judge(one: str) -> None:
            others = edges.left[one]
            why = _why(self.left, self.right, one, others, ways)
            if edges.is_one_to_one(one) and not self._is_doubtful(one, others):
                self.pairing.pairs[one] = Match(next(iter(others)), why, confirmed)
                taken.update(others)
            else:
                self.pairing.waiting[one] = _unsure(why, others, edges.right)

        def leave(other: str) -> None:
            if other not in taken:
                ones = edges.right[other]
                why = _why(self.right, self.left, other, ones, ways)
                self.pairing.claimed[other] = _unsure(why, ones, edges.left)

        yield from in_parts(edges.left, judge, STEPS)
        yield from in_parts(edges.right, leave, STEPS)
        yield from in_parts(edges.left, self.left.__delitem__, LIGHT)
        yield from in_parts(edges.right, self.right.__delitem__, LIGHT)
        for used in (edges.left, edges.right, taken):
            yield from let_go(used)

    def has_name(self, one: str, other: str) -> bool:
        return _have_one_name(self.left[one], self.right[other])

    def _is_doubtful(self, one: str, others: frozenset[str]) -> bool:
        return one in self.doubtful_left or not others.isdisjoint(self.doubtful_right)


def _said(work: _Work, answers: Answers) -> _Edges:
    said = _Edges()
    for one, other in answers.same.items():
        if one in work.left and other in work.right:
            said.left[one] = frozenset({other})
            said.right[other] = said.right.get(other, frozenset()) | {one}
    return said


def _settle_confirmed(work: _Work, by_way: Mapping[PairBy, _Edges]) -> Generator[None, None, None]:
    """Settle those with an e-mail in common whom the name or a number confirms, one to one."""
    emails, numbers = by_way[PairBy.EMAIL], by_way.get(PairBy.NUMBER_AND_NAME, _Edges())
    confirmed, sure = _Edges(), _Edges()

    def confirm(one: str) -> None:
        known = numbers.left.get(one, frozenset())
        found = frozenset(other for other in emails.left[one] if other in known or work.has_name(one, other))
        if found:
            confirmed.left[one] = found

    def confirm_back(other: str) -> None:
        known = numbers.right.get(other, frozenset())
        found = frozenset(one for one in emails.right[other] if one in known or work.has_name(one, other))
        if found:
            confirmed.right[other] = found

    def choose(one: str) -> None:
        if confirmed.is_one_to_one(one):
            others = sure.left[one] = confirmed.left[one]
            sure.right[next(iter(others))] = frozenset({one})

    yield from in_parts(emails.left, confirm, STEPS)
    yield from in_parts(emails.right, confirm_back, STEPS)
    yield from in_parts(confirmed.left, choose, LIGHT)
    for edges in by_way.values():
        yield from _without(edges.left, sure.left, sure.right, work.doubtful_left)
        yield from _without(edges.right, sure.right, sure.left, work.doubtful_right)
    yield from let_go(confirmed.left)
    yield from let_go(confirmed.right)
    yield from work.settle(sure, tuple(by_way))


def _without(
    found: Found, settled: Container[str], theirs: Found, doubtful: set[str]
) -> Generator[None, None, None]:
    """Take what is settled out of `found`. Who has something else in common with one of those is doubtful."""

    def drop(one: str) -> None:
        others = found[one]
        left = (
            others if others.isdisjoint(theirs) else frozenset(each for each in others if each not in theirs)
        )
        if one in settled or not left:
            del found[one]
        elif left is not others:
            doubtful.add(one)
            found[one] = left

    yield from in_parts(tuple(found), drop, LIGHT)


def _united(by_way: Iterable[_Edges]) -> Generator[None, None, _Edges]:
    """What any of the ways found."""
    united = _Edges()

    def add(into: Found, found: Found) -> Generator[None, None, None]:
        def unite(item: tuple[str, frozenset[str]]) -> None:
            one, others = item
            into[one] = into[one] | others if one in into else others

        yield from in_parts(found.items(), unite, LIGHT)
        yield from let_go(found)

    for edges in by_way:
        yield from add(united.left, edges.left)
        yield from add(united.right, edges.right)
    return united


def _candidates(
    offered: Offers, looked_for: Offers, by: PairBy, different: Container[tuple[str, str]]
) -> Generator[None, None, Found]:
    """The candidates of each of `offered` that has any."""
    index: dict[Hashable, list[str]] = {}
    found: Found = {}

    def enter(item: tuple[str, Evidence]) -> None:
        for key in item[1].keys(by):
            index.setdefault(key, []).append(item[0])

    def look(item: tuple[str, Evidence]) -> None:
        others = _open(item[0], item[1].keys(by), index, different)
        if others:
            found[item[0]] = others

    yield from in_parts(looked_for.items(), enter, STEPS)
    yield from in_parts(offered.items(), look, STEPS)
    yield from let_go(index)
    return found


def _open(
    one: str,
    keys: frozenset[Hashable],
    index: Mapping[Hashable, Sequence[str]],
    different: Container[tuple[str, str]],
) -> frozenset[str]:
    """Ids that share a key with `one` and of which nobody said that they are somebody else."""
    others: set[str] = set()
    for key in sorted(keys, key=repr) if len(keys) > 1 else keys:
        for other in index.get(key, ()):
            if (one, other) not in different:
                others.add(other)
                if len(others) == _MOST_LOOKED_AT:
                    return frozenset(others)
    return frozenset(others)


def _why(here: Offers, there: Offers, one: str, others: Iterable[str], ways: Sequence[PairBy]) -> str:
    if not ways:
        return "a person said that they are the same"
    offered, found = here[one], [there[other] for other in others]
    shared = [by for by in ways if any(not offered.keys(by).isdisjoint(each.keys(by)) for each in found)]
    words = [_WORDS[by] for by in shared]
    if shared == [PairBy.EMAIL] and all(_have_one_name(offered, each) for each in found):
        words = ["name and e-mail"]
    return f"they have the same {' and the same '.join(words)}"


def _have_one_name(one: Evidence, other: Evidence) -> bool:
    return bool(one.name) and one.name == other.name


def _unsure(why: str, others: frozenset[str], back: Found) -> Unsure:
    rivals = max(len(back[other]) for other in others)
    return Unsure(_some(others), unsure(why, len(others), rivals))


def _some(others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(others)[:MOST_CANDIDATES])


def unsure(why: str, candidates: int, rivals: int) -> str:
    if candidates > 1:
        return f"{candidates} records of the other side may be this one: {why}."
    if rivals > 1:
        return f"{rivals} records may belong to the same one of the other side: {why}."
    return f"A record of the other side may be this one, but others share that too: {why}."
