"""Brings two records that belong together in step: what is written, and what their link becomes. Pure.

The fields are merged (`sync.merge`), the actions of the rules come on top (`sync.acting`). A link that is
new, ties another record or agrees on more than before is stored whether anything is written or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from linedesk.apps.records import Record, Value
from linedesk.sync.acting import Acted, act
from linedesk.sync.conditions import Verdict
from linedesk.sync.merge import MergedPair, RowConflict, conflict_about, is_settled, merge_pair
from linedesk.sync.model import (
    Applied,
    Change,
    Link,
    LinkState,
    Op,
    Question,
    Side,
    Unread,
    Waiting,
)
from linedesk.sync.ways import Ways, takes_both, tell_no_way, ways_between
from linedesk.sync.work import Work, with_applied

_NOBODY: Mapping[str, Side] = {}
_NOTHING_DONE = Acted({}, {}, "", ())


@dataclass(frozen=True, slots=True)
class _Pair:
    """`reason`: why these two belong together, for a link that is new or ties another record."""

    link: Link
    a: Record
    b: Record
    ways: Ways
    reason: str

    def record(self, side: Side) -> Record:
        return self.a if side is Side.A else self.b


def bring_in_step(
    work: Work, link: Link, stored: Link | None, reason: str = "", ways: Ways | None = None
) -> None:
    """Plan the pair of `link`, which is kept as `stored` (None: it is new). Both records are there."""
    a, b = work.a.records[link.a_id], work.b.records[link.b_id]
    if link is stored and _is_quiet(work, link, a, b):
        work.same += 1  # most links of most runs
        return
    ways = ways or ways_between(work, a, b)
    if ways.is_unread or not ways.sides:
        tell_no_way(work, a, b, ways)
    if ways.is_unread or (stored is None and not ways.sides):
        return
    pair = _Pair(link, a, b, ways, reason)
    merged, waits = _merged(work, pair) if ways.sides else (None, False)
    base = link.base if merged is None else merged.base
    changes, applied = _changes(work, pair, merged)
    work.changes += changes
    settled = link
    if base is not link.base or applied is not link.applied or link.state is not LinkState.ACTIVE:
        settled = replace(link, base=base, applied=applied, state=LinkState.ACTIVE)
    is_stored = work.store(settled, stored, reason or _why_settled(link, settled))
    if ways.sides and not (changes or is_stored or waits):
        work.same += 1


def _is_quiet(work: Work, link: Link, a: Record, b: Record) -> bool:
    """Whether nothing differs in any character and the rules take both; looks, and makes nothing."""
    return (
        link.state is LinkState.ACTIVE
        and not link.applied
        and not work.active
        and is_settled(work.lanes, a, b, link.base)
        and takes_both(work, a, b)
    )


def _merged(work: Work, pair: _Pair) -> tuple[MergedPair, bool]:
    """The merge of a pair, with what people said of its conflicts, and whether it waits for them."""
    merged = merge_pair(work.lanes, pair.a, pair.b, pair.link.base, pair.ways.sides, _NOBODY)
    if not merged.conflicts:
        return merged, False
    unsettled = [conflict for conflict in merged.conflicts if conflict.winner is None]
    if not unsettled:
        return merged, False
    about = conflict_about(unsettled)
    keeps = work.said.keeps((pair.a.id, pair.b.id), about)
    if keeps is None:
        work.waiting.append(_question(work, pair, unsettled, about))
        return merged, True
    settled = {conflict.key: keeps for conflict in unsettled}
    return merge_pair(work.lanes, pair.a, pair.b, pair.link.base, pair.ways.sides, settled), False


def _question(work: Work, pair: _Pair, conflicts: Sequence[RowConflict], about: str) -> Waiting:
    side = work.first
    return Waiting(
        side,
        pair.record(side).id,
        (pair.record(side.other).id,),
        f"Both sides changed {_labels(work, side, conflicts)}: say whose value counts.",
        Question.CONFLICT,
        about,
        tuple(conflict.key for conflict in conflicts),
    )


def _changes(
    work: Work, pair: _Pair, merged: MergedPair | None
) -> tuple[list[Change], Mapping[str, Applied]]:
    """What is written on each side, and what is known of actions if that is done already.

    What a change does to `Link.applied` comes with the change; the link's own is what needs no write.
    """
    changes: list[Change] = []
    applied = pair.link.applied
    for side, verdict in pair.ways.verdicts.items():
        fields = {} if merged is None else merged.fields.get(side, {})
        acted = _acted(work, pair, side, verdict, fields)
        if fields or acted.fields:
            changes.append(_update(work, pair, side, verdict, merged, acted))
        else:
            applied = with_applied(applied, acted.applied)
    return changes, applied


def _acted(
    work: Work, pair: _Pair, side: Side, verdict: Verdict, fields: Mapping[str, tuple[Value, Value]]
) -> Acted:
    if side not in work.active and not pair.link.applied:
        return _NOTHING_DONE
    target = pair.record(side)
    drafted = {name: after for name, (_, after) in fields.items()}
    rules = verdict.rules if side in pair.ways.sides else ()
    acted = act(rules, target, work.known(side), pair.link.applied, side, drafted=drafted)
    if acted.missing:
        reason = "An action of a rule needs fields that are not read yet."
        work.unread.append(Unread(side, target.id, acted.missing, reason))
    return acted


def _update(  # noqa: PLR0917 - one step of its only caller
    work: Work, pair: _Pair, side: Side, verdict: Verdict, merged: MergedPair | None, acted: Acted
) -> Change:
    target = pair.record(side)
    fields = {} if merged is None else merged.fields.get(side, {})
    notes = () if merged is None else merged.notes.get(side, ())
    if fields and merged is not None:
        rule, reason = verdict.rules[0].name, pair.reason or _why(work, side, merged)
    else:
        rule, reason = acted.rule, _why_acted(work, side, verdict, acted)
    return Change(
        side=side,
        op=Op.UPDATE,
        link_id=pair.link.id,
        record_id=target.id,
        source_id=pair.record(side.other).id,
        fields={**fields, **acted.fields},
        reason=reason,
        notes=(*notes, *acted.notes),
        version=target.version,
        rule=rule,
        trace=verdict.trace,
        applied=acted.applied,
    )


def _why(work: Work, side: Side, merged: MergedPair) -> str:
    target, source = work.known(side).account, work.known(side.other).account
    if side in merged.restores:
        return f"It was changed in {target}, and {source} is what counts."
    told = [f"It was changed in {source}."]
    settled = [conflict for conflict in merged.conflicts if conflict.winner is side.other]
    for why in dict.fromkeys(conflict.why for conflict in settled):
        labels = _labels(work, side, [conflict for conflict in settled if conflict.why == why])
        told.append(f"Both sides changed {labels}: {why}")
    return " ".join(told)


def _why_acted(work: Work, side: Side, verdict: Verdict, acted: Acted) -> str:
    if not acted.rule:  # only the delete tag comes from no rule, and it goes when the record is back
        return f"Its counterpart is in {work.known(side.other).account} again."
    if any(rule.name == acted.rule for rule in verdict.rules):
        return f'The rule "{acted.rule}" asks for it.'
    return f'The rule "{acted.rule}" does not apply any more.'


def _why_settled(link: Link, settled: Link) -> str:
    """Why a link is stored although it ties the same two records."""
    if link.state is LinkState.HELD:
        return "It was edited since a write of it was taken back."
    if link.state is not LinkState.ACTIVE:
        return "Both are there again."
    if settled.base == link.base:
        return "What a rule did is as it should be."
    return "Both say the same again."


def _labels(work: Work, side: Side, conflicts: Sequence[RowConflict]) -> str:
    """The fields of conflicts, as people know them on `side`."""
    keys = {conflict.key for conflict in conflicts}
    return ", ".join(row.infos[side].label for row in work.lanes.rows if row.key in keys)
