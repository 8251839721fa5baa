"""The second half of a plan: records without a link are paired, made, or wait for a person. Pure.

The unlinked records of both sides are paired before any is made (S6, G05). A record that no rule takes is a
counterpart for those of the other side all the same, but is never made there.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Mapping, Sequence
from dataclasses import replace

from linedesk.apps.records import Record
from linedesk.sync.conditions import Scope
from linedesk.sync.doubts import doubt
from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.in_step import bring_in_step
from linedesk.sync.model import Link, LinkState, PairBy, Side, SkipKind, Waiting
from linedesk.sync.new import plan_new
from linedesk.sync.pairing import Answers, Match, Pairing, Unsure, pair_in_slices
from linedesk.sync.parts import LIGHT, STEPS, in_parts, let_go
from linedesk.sync.standing import Standing, standing
from linedesk.sync.ways import Ways, exclude, tell_no_way, unread, ways_between
from linedesk.sync.work import Work, tied

_LEFT_ALONE = "A person said to leave it alone."
_LIKE_LEFT_ALONE = "It may be the same as a record that a person said to leave alone."
_STANDS = {Standing.BLOCKED: SkipKind.BLOCKED, Standing.DELETED: SkipKind.GONE}


def plan_unlinked(work: Work) -> Generator[None, None, None]:
    """Pair, make or leave every record of a source that has no link. Comes after `linked.plan_links`."""
    pools: dict[Side, list[Record]] = {side: [] for side in Side}
    for side in (work.first, work.first.other):
        if work.is_source(side) or pools[side.other]:
            yield from _collect(work, side, pools[side])
    a, b = pools[Side.A], pools[Side.B]
    pairing = (yield from _pair(work, a, b)) if a and b else Pairing()
    yield from doubt(work, pairing)
    pairs = {match.id: one for one, match in pairing.pairs.items()}
    yield from in_parts(a, lambda record: _place(work, Side.A, record, pairing.pairs, pairing.waiting))
    yield from in_parts(b, lambda record: _place(work, Side.B, record, pairs, pairing.claimed))
    for used in (a, b, pairs, pairing.pairs, pairing.waiting, pairing.claimed):
        yield from let_go(used)


def _collect(work: Work, side: Side, pool: list[Record]) -> Generator[None, None, None]:
    """The records of a side that have no link, or one that lost its other record and may go on."""
    known, linked, held = work.known(side), work.linked[side], work.held[side]

    def look(record: Record) -> None:
        if (record.id in linked and record.id not in held) or record.id in known.gone:
            return
        stands = standing(known, record.id)
        if stands is Standing.HERE:
            pool.append(record)
        elif work.is_source(side):
            work.skip(side, record.id, f"It is {stands.value} in {known.account}.", _STANDS[stands])

    yield from in_parts(known.records.values(), look, LIGHT)


def _pair(work: Work, left: list[Record], right: list[Record]) -> Generator[None, None, Pairing]:
    """Pair those of `left` that share anything with `right`; the rest of a first run is not kept in memory.

    Numbers are read only where a name is on both sides: that halves the time of most first runs.
    """
    ours = Witness(work.a, external_ids=work.connection.external_ids)
    theirs = Witness(work.b, external_ids=work.connection.external_ids)
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
        if record.id in work.said.same or not all(found.keys(by).isdisjoint(keys[by]) for by in keys):
            offered[record.id] = found

    yield from in_parts(right, lambda record: names.add(theirs.name(record)), STEPS)
    yield from in_parts(left, note_shared, STEPS)
    yield from in_parts(right, look_for)
    yield from in_parts(left, offer)
    yield from let_go(names)
    for offers in keys.values():
        yield from let_go(offers)
    answers = Answers(work.said.same, frozenset(work.said.different))
    return (yield from pair_in_slices(offered, looked_for, work.connection.pair_by, answers))


def _place(
    work: Work,
    side: Side,
    record: Record,
    pairs: Mapping[str, Match] | Mapping[str, str],
    waiting: Mapping[str, Unsure],
) -> None:
    """Deal with one record of `side`. A pair is dealt with once, when its record of A is placed."""
    match = pairs.get(record.id)
    if isinstance(match, Match):
        _plan_pair(work, record, work.b.records[match.id], match)
    elif match is None and _may_be_made(work, side, record.id):
        _plan_alone(work, side, record, waiting.get(record.id))


def _may_be_made(work: Work, side: Side, record_id: str) -> bool:
    """Whether a record goes to the other side if it has no counterpart there."""
    is_left_over = record_id in work.held[side] and record_id not in work.again[side]
    return work.is_source(side) and not is_left_over


def _plan_alone(work: Work, side: Side, record: Record, unsure: Unsure | None) -> None:
    """A record of a source that nobody is surely the counterpart of."""
    skipped = work.said.skipped
    counterpart = work.asked[side].get(record.id)
    if unsure is None and counterpart is not None:
        unsure = Unsure((counterpart,), "It may be what a record that vanished was merged into.")
    if record.id in skipped[side]:
        work.skip(side, record.id, _LEFT_ALONE, SkipKind.PERSON)
    elif unsure is None:
        plan_new(work, side, record, work.again[side].get(record.id))
    elif skipped[side.other].issuperset(unsure.candidates):
        work.skip(side, record.id, _LIKE_LEFT_ALONE, SkipKind.PERSON)
    else:
        _wait(work, side, record, unsure)


def _wait(work: Work, side: Side, record: Record, unsure: Unsure) -> None:
    """Ask a person, unless no rule takes any of those that may be one."""
    to = side.other
    verdict = work.judges[to].judge(record, exists=True)
    if verdict.scope is Scope.UNKNOWN:
        unread(work, side, record, verdict)
    elif verdict.scope is Scope.IN or _is_any_taken(work, to, unsure):
        work.waiting.append(Waiting(side, record.id, unsure.candidates, unsure.reason))
    else:
        exclude(work, side, record, verdict)


def _is_any_taken(work: Work, side: Side, unsure: Unsure) -> bool:
    judge, records = work.judges.get(side.other), work.known(side).records
    return judge is not None and any(
        judge.judge(records[each], exists=True).scope is not Scope.OUT for each in unsure.candidates
    )


def _plan_pair(work: Work, a: Record, b: Record, match: Match) -> None:
    """Two records that belong together. What a deleted record left behind changes hands only by a person."""
    held = {side: work.held[side].get(record.id) for side, record in ((Side.A, a), (Side.B, b))}
    left = [link for link in held.values() if link is not None]
    is_said = work.said.is_same((a.id, b.id))
    if not is_said and _is_left_alone(work, a, b):
        return
    ways = ways_between(work, a, b)
    if ways.is_unread or not ways.sides:
        tell_no_way(work, a, b, ways)
    elif left and not is_said:
        _ask_to_go_on(work, a, b, held, match)
    elif left:
        _link_anew(work, a, b, left if work.first is Side.A else left[::-1], match, ways)
    else:
        link = Link(work.person_id(a, b), a.id, b.id, {})
        account = work.known(work.first.other).account
        bring_in_step(work, link, None, f"Found in {account}: {match.reason}.", ways)


def _ask_to_go_on(work: Work, a: Record, b: Record, held: Mapping[Side, Link | None], match: Match) -> None:
    """Ask of the record that has no link yet, or of the first one where both lost their counterparts."""
    free = [side for side in Side if held[side] is None]
    side = work.told_of(free[0] if free else work.first)
    record, other = (a, b) if side is Side.A else (b, a)
    reason = f"It may go on where a deleted record left off: {match.reason}."
    work.waiting.append(Waiting(side, record.id, (other.id,), reason))


def _link_anew(  # noqa: PLR0917 - a pair, and what there was of it
    work: Work, a: Record, b: Record, left: Sequence[Link], match: Match, ways: Ways
) -> None:
    """One of the links that are left goes on, and a second one ends.

    What it agreed on counts no more where that was of a record taken back, or of two other people's.
    """
    stored, *ended = left
    link = tied(stored, a.id, b.id)
    if ended or stored.state is LinkState.HELD:
        link = replace(link, base={})
    bring_in_step(work, link, stored, f"Linked anew: {match.reason}.", ways)
    for each in ended:
        work.linkings.pop(each.id, None)
        work.linkings[link.id] = replace(work.linkings[link.id], ends=each.id)


def _is_left_alone(work: Work, a: Record, b: Record) -> bool:
    """Whether a person wants one of the two left alone; what may be the same is then left alone too."""
    skipped = work.said.skipped
    sides = ((Side.A, a), (Side.B, b))
    if not any(record.id in skipped[side] for side, record in sides):
        return False
    for side, record in sides:
        if _may_be_made(work, side, record.id):
            reason = _LEFT_ALONE if record.id in skipped[side] else _LIKE_LEFT_ALONE
            work.skip(side, record.id, reason, SkipKind.PERSON)
    return True
