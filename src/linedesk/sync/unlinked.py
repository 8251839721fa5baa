"""The second half of a plan: records of the source without a link are paired, made, or wait for a person."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.errors import VendorInvalid
from linedesk.sync.evidence import Evidence, evidence, name_of
from linedesk.sync.merge import draft
from linedesk.sync.model import Answer, Change, Decision, Known, Link, Op, Problem, Waiting
from linedesk.sync.pairing import Answers, Match, Pairing, pair_in_slices
from linedesk.sync.standing import Standing, standing
from linedesk.sync.work import Work, in_parts


def plan_unlinked(work: Work, decisions: Iterable[Decision]) -> Generator[None, None, None]:
    """Pair, make or leave every record of the source that has no link. Comes after `linked.plan_links`."""
    said = _said(work, decisions)
    left: list[Record] = []
    right: list[Record] = []
    yield from in_parts(work.source.records.values(), lambda record: _look_at(work, record, said, left))
    if left:
        yield from in_parts(work.target.records.values(), lambda record: _look_for(work, record, right))
    pairing = (yield from _pair(work, left, right, said)) if left and right else Pairing({}, {})
    yield from in_parts(left, lambda record: _place(work, record, pairing, said))


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
    """Numbers are read only where a name is on both sides: that halves the time of most first runs."""
    left_names: set[tuple[str, ...]] = set()
    right_names: set[tuple[str, ...]] = set()
    yield from in_parts(left, lambda record: left_names.add(name_of(record, work.source)))
    yield from in_parts(right, lambda record: right_names.add(name_of(record, work.target)))
    shared = left_names & right_names
    yield
    offered = yield from _evidence(work, work.source, left, shared)
    looked_for = yield from _evidence(work, work.target, right, shared)
    answers = Answers(said.same, frozenset(said.different))
    return (yield from pair_in_slices(offered, looked_for, work.connection.pair_by, answers))


def _evidence(
    work: Work, known: Known, records: list[Record], shared: set[tuple[str, ...]]
) -> Generator[None, None, dict[str, Evidence]]:
    found: dict[str, Evidence] = {}

    def take(record: Record) -> None:
        numbers = name_of(record, known) in shared
        found[record.id] = evidence(record, known, external_ids=work.connection.external_ids, numbers=numbers)

    yield from in_parts(records, take)
    return found


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
