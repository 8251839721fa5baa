"""The second half of a plan: records of the source without a link are paired, made, or wait for a person."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.errors import VendorInvalid
from linedesk.sync.doubts import doubt
from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.merge import draft
from linedesk.sync.model import Answer, Change, Decision, Link, Op, PairBy, Problem, Waiting
from linedesk.sync.pairing import Answers, Match, Pairing, pair_in_slices
from linedesk.sync.parts import LIGHT, STEPS, in_parts, let_go
from linedesk.sync.standing import Standing, standing
from linedesk.sync.work import Work


def plan_unlinked(work: Work, decisions: Iterable[Decision]) -> Generator[None, None, None]:
    """Pair, make or leave every record of the source that has no link. Comes after `linked.plan_links`."""
    said = _said(work, decisions)
    left: list[Record] = []
    right: list[Record] = []
    yield from in_parts(
        work.source.records.values(), lambda record: _look_at(work, record, said, left), LIGHT
    )
    if left:
        yield from in_parts(
            work.target.records.values(), lambda record: _look_for(work, record, right), LIGHT
        )
    pairing = (yield from _pair(work, left, right, said)) if left and right else Pairing({}, {})
    yield from doubt(work, pairing)
    yield from in_parts(left, lambda record: _place(work, record, pairing, said))
    yield from let_go(left)
    yield from let_go(right)
    yield from let_go(pairing.pairs)
    yield from let_go(pairing.waiting)


@dataclass(slots=True)
class _Said:
    """What people said, in terms of source and target ids."""

    same: dict[str, str] = field(default_factory=dict)
    different: set[tuple[str, str]] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)


def _said(work: Work, decisions: Iterable[Decision]) -> _Said:
    said = _Said()
    for decision in decisions:
        is_of_source = decision.side is work.source_side
        if decision.answer is Answer.SKIP and is_of_source:
            said.skipped.add(decision.record_id)
        for other in _others(decision):
            pair = (decision.record_id, other) if is_of_source else (other, decision.record_id)
            if decision.answer is Answer.SAME:
                said.same[pair[0]] = pair[1]
            elif decision.answer is Answer.NOT_THE_SAME:
                said.different.add(pair)
    return said


def _others(decision: Decision) -> tuple[str, ...]:
    chosen = () if decision.chosen_id is None else (decision.chosen_id,)
    return chosen if decision.answer is Answer.SAME else (*decision.candidates, *chosen)


def _look_at(work: Work, record: Record, said: _Said, found: list[Record]) -> None:
    """Collect a record of the source that wants a counterpart; the others are told with the reason."""
    if record.id in work.sources or record.id in work.source.gone:
        return
    stands = standing(work.source, record.id)
    if stands is not Standing.HERE:
        work.skip(record.id, f"It is {stands.value} in {work.source.account}.")
    elif record.id in said.skipped:
        work.skip(record.id, "A person said to leave it alone.")
    else:
        found.append(record)


def _look_for(work: Work, record: Record, found: list[Record]) -> None:
    """Collect a record of the target without a link, or with one that lost its source and may go on."""
    is_open = record.id not in work.targets or record.id in work.held
    if is_open and standing(work.target, record.id) is Standing.HERE:
        found.append(record)


def _pair(work: Work, left: list[Record], right: list[Record], said: _Said) -> Generator[None, None, Pairing]:
    """Pair those of `left` that share anything with `right`; the rest of a first run is not kept in memory.

    Numbers are read only where a name is on both sides: that halves the time of most first runs.
    """
    ours = Witness(work.source, external_ids=work.connection.external_ids)
    theirs = Witness(work.target, external_ids=work.connection.external_ids)
    names: set[tuple[str, ...]] = set()
    shared: set[tuple[str, ...]] = set()
    looked_for: dict[str, Evidence] = {}
    offered: dict[str, Evidence] = {}
    keys: dict[PairBy, set[Hashable]] = {by: set() for by in work.connection.pair_by}

    def note_shared(record: Record) -> None:
        name = ours.name(record)
        if name in names:
            shared.add(name)

    def look_for(record: Record) -> None:
        found = looked_for[record.id] = theirs.evidence(record, only=shared)
        for by, known in keys.items():
            known.update(found.keys(by))

    def offer(record: Record) -> None:
        found = ours.evidence(record, only=shared)
        if record.id in said.same or not all(found.keys(by).isdisjoint(keys[by]) for by in keys):
            offered[record.id] = found

    yield from in_parts(right, lambda record: names.add(theirs.name(record)), STEPS)
    yield from in_parts(left, note_shared, STEPS)
    yield from in_parts(right, look_for)
    yield from in_parts(left, offer)
    yield from let_go(names)
    for offers in keys.values():
        yield from let_go(offers)
    answers = Answers(said.same, frozenset(said.different))
    return (yield from pair_in_slices(offered, looked_for, work.connection.pair_by, answers))


def _place(work: Work, record: Record, pairing: Pairing, said: _Said) -> None:
    if (match := pairing.pairs.get(record.id)) is not None:
        _plan_pair(work, record, match, is_said=said.same.get(record.id) == match.id)
    elif (unsure := pairing.waiting.get(record.id)) is not None:
        work.waiting.append(Waiting(work.source_side, record.id, unsure.candidates, unsure.reason))
    else:
        _plan_new(work, record)


def _plan_pair(work: Work, record: Record, match: Match, *, is_said: bool) -> None:
    """Two records that belong together. What a deleted record left behind changes hands only by a person."""
    held = work.held.get(match.id)
    if held is not None and not is_said:
        reason = f"It may go on where a deleted record left off: {match.reason}."
        work.waiting.append(Waiting(work.source_side, record.id, (match.id,), reason))
        return
    if held is not None:
        work.bring_in_step(work.tie(held, record.id, match.id), held, f"Linked anew: {match.reason}.")
        return
    target = work.target.records[match.id]
    link = work.tie(Link(work.person_id(record, target), "", "", {}), record.id, match.id)
    work.bring_in_step(link, None, f"Found in {work.target.account}: {match.reason}.")


def _plan_new(work: Work, record: Record) -> None:
    drafted = draft(work.lanes, record)
    if drafted.lacking or not drafted.fields:
        lacking = ", ".join(drafted.lacking) or "any of the mapped fields"
        sentence = (
            f"The record {record.id} of {work.source.account} can't go to {work.target.account}: "
            f"it gives nothing for {lacking}."
        )
        work.problems.append(Problem(work.source_side, record.id, VendorInvalid.code, sentence))
        return
    work.changes.append(
        Change(
            side=work.lanes.to,
            op=Op.CREATE,
            link_id=work.person_id(record),
            record_id=None,
            source_id=record.id,
            fields=drafted.fields,
            reason=f"It is new in {work.source.account}.",
            notes=drafted.notes,
        )
    )
