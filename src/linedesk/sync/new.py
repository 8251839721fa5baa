"""A record that has no counterpart is made on the other side, if a rule takes it. Pure."""

from __future__ import annotations

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.errors import VendorInvalid
from linedesk.sync.acting import Acted, act
from linedesk.sync.conditions import Scope, Verdict
from linedesk.sync.merge import Drafted, draft
from linedesk.sync.model import Change, Known, Link, Op, Problem, Side, SkipKind
from linedesk.sync.values import is_blank
from linedesk.sync.ways import exclude, unread
from linedesk.sync.work import Work


def plan_new(work: Work, side: Side, record: Record, link: Link | None = None) -> None:
    """Make the counterpart of `record`, of a side that is a source; `link`: the one that it belongs to."""
    known, to = work.known(side), side.other
    verdict = work.judges[to].judge(record, exists=False)
    if verdict.scope is Scope.UNKNOWN:
        unread(work, side, record, verdict)
    elif verdict.scope is Scope.OUT:
        exclude(work, side, record, verdict)
    elif record.id in known.foreign and not work.connection.pass_on:
        reason = f"Another connection made it in {known.account}, and this one does not pass such records on."
        work.skip(side, record.id, reason, SkipKind.EXCLUDED, verdict.trace)
    else:
        _make(work, side, record, link, verdict)


def _make(work: Work, side: Side, record: Record, link: Link | None, verdict: Verdict) -> None:
    to = side.other
    target = work.known(to)
    drafted = draft(work.lanes.to(to), record)
    after: dict[str, Value] = {name: pair[1] for name, pair in drafted.fields.items()}
    acted = act(verdict.rules, None, target, {}, to, drafted=after)
    lacking = _lacking(target, after, acted)
    if lacking or not drafted.fields:
        what = ", ".join(info.label for info in lacking) or "any of the mapped fields"
        sentence = (
            f"The record {record.id} of {work.known(side).account} can't go to {target.account}: "
            f"it gives nothing for {what}."
        )
        work.problems.append(Problem(side, record.id, VendorInvalid.code, sentence))
        return
    work.changes.append(_change(work, side, record, link, verdict, drafted, acted))


def _lacking(target: Known, after: dict[str, Value], acted: Acted) -> list[FieldInfo]:
    """Fields that the app insists on, and that neither the record nor an action gives."""
    set_by_rules = {name for name, pair in acted.fields.items() if not is_blank(pair[1])}
    return [
        info
        for info in target.fields.values()
        if info.required and not info.read_only and info.name not in after and info.name not in set_by_rules
    ]


def _change(  # noqa: PLR0917 - the parts of a change
    work: Work,
    side: Side,
    record: Record,
    link: Link | None,
    verdict: Verdict,
    drafted: Drafted,
    acted: Acted,
) -> Change:
    if link is not None:
        link_id = link.id
    else:
        link_id = work.person_id(*((record, None) if side is Side.A else (None, record)))
    account = work.known(side).account
    reason = (
        f"It is new in {account}." if link is None else f"It was edited in {account} since it was taken back."
    )
    return Change(
        side=side.other,
        op=Op.CREATE,
        link_id=link_id,
        record_id=None,
        source_id=record.id,
        fields={**drafted.fields, **acted.fields},
        reason=reason,
        notes=(*drafted.notes, *acted.notes),
        rule=verdict.rules[0].name,
        trace=verdict.trace,
        applied=acted.applied,
    )
