"""What becomes of the counterpart of a linked record that was deleted. Pure.

Never anything by default. Otherwise it is tagged or deleted too, if the connection writes its side, a rule
took the record that went, and nobody changed it since (S11, S12, H03). That is decided once, when the record
goes: a policy that is set later deletes nothing of what went before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from linedesk.apps.records import Record, Value
from linedesk.sync.acting import act
from linedesk.sync.conditions import Scope, Verdict
from linedesk.sync.merge import is_as_agreed
from linedesk.sync.model import Change, Known, Link, Linking, LinkState, Op, Side, SkipKind, Unread
from linedesk.sync.policies import Deletes
from linedesk.sync.rules import Action, Do, Rule
from linedesk.sync.work import Work, end, gone_state

_TAG_KINDS = ("tag", "label")
_LIVING = frozenset({LinkState.ACTIVE, LinkState.HELD})


def is_new(link: Link) -> bool:
    """Whether nothing was decided yet about a deleted record of the link."""
    return link.state in _LIVING


def plan_counterpart(work: Work, link: Link, gone: Side) -> None:
    """Plan the record that is left of `link`, whose record of `gone` was deleted."""
    policy = work.connection.deletes if gone.other in work.judges else Deletes.NEVER
    if policy is Deletes.TAG:
        _tag(work, link, gone)
    elif policy is Deletes.PROPAGATE and is_new(link):
        _delete(work, link, gone)
    else:
        leave(work, link, gone)


def leave(work: Work, link: Link, gone: Side, why: str = "", verdict: Verdict | None = None) -> None:
    """The counterpart stays as it is, and the deleted record is not made again from it."""
    _note(work, link, gone)
    account = work.known(gone).account
    if not why and work.told_of(gone) is gone:
        why = f"It was deleted in {account}; its counterpart is left as it is."
    elif not why:
        why = f"Its counterpart was deleted in {account}, and is not made again."
    _tell(work, link, gone, why, verdict)


def _note(work: Work, link: Link, gone: Side) -> None:
    if link.state is not gone_state(gone):
        reason = f"It was deleted in {work.known(gone).account}."
        work.linkings[link.id] = Linking(replace(link, state=gone_state(gone)), reason)


def _tell(work: Work, link: Link, gone: Side, reason: str, verdict: Verdict | None) -> None:
    side = work.told_of(gone)
    is_out = verdict is not None and verdict.scope is not Scope.IN
    kind = SkipKind.EXCLUDED if is_out else SkipKind.GONE
    work.skip(side, end(link, side), reason, kind, "" if verdict is None else verdict.trace)


def _delete(work: Work, link: Link, gone: Side) -> None:
    side = gone.other
    known = work.known(side)
    record = known.records[end(link, side)]
    account = work.known(gone).account
    verdict = _verdict(work, link, gone)
    if verdict.scope is not Scope.IN:
        leave(work, link, gone, f"It was deleted in {account}; no rule takes its counterpart along.", verdict)
    elif not is_as_agreed(work.lanes, *_only(side, record), link.base):
        why = f"It was deleted in {account}, but its counterpart was changed since and is kept."
        leave(work, link, gone, why)
    elif record.missing:
        reason = "Before it is deleted, all of it is read, so that it could be made again."
        work.unread.append(Unread(side, record.id, tuple(sorted(record.missing)), reason))
    else:
        work.held[side].pop(record.id, None)  # what is deleted goes on with nobody
        fields: dict[str, tuple[Value, Value]] = {name: (now, None) for name, now in record.fields.items()}
        reason = f"It was deleted in {account}."
        work.changes.append(_change(link, gone, record, Op.DELETE, fields, reason, verdict))


def _tag(work: Work, link: Link, gone: Side) -> None:
    side = gone.other
    known, account = work.known(side), work.known(gone).account
    verdict = _verdict(work, link, gone)
    kind = _tag_kind(known)
    if verdict.scope is not Scope.IN:
        leave(work, link, gone, f"It was deleted in {account}; no rule takes its counterpart along.", verdict)
        return
    if kind is None:
        leave(work, link, gone, f"It was deleted in {account}; {known.account} knows no tags to say so.")
        return
    record = known.records[end(link, side)]
    text = work.connection.delete_tag.replace("{account}", account)
    rule = Rule("", side, None, (Action(Do.ADD, kind, text, revert=True),))
    acted = act((rule,), record, known, link.applied, side)
    leave(work, link, gone, f"It was deleted in {account}; its counterpart says so.")
    if acted.missing:
        reason = "Its tags are not read yet."
        work.unread.append(Unread(side, record.id, acted.missing, reason))
    if acted.fields:
        reason = f"It was deleted in {account}."
        change = _change(link, gone, record, Op.UPDATE, acted.fields, reason, verdict)
        work.changes.append(replace(change, applied=acted.applied, notes=acted.notes))


def _tag_kind(known: Known) -> str | None:
    kinds = {info.group_kind for info in known.fields.values()} | set(known.group_kinds)
    return next((kind for kind in _TAG_KINDS if kind in kinds), None)


def _verdict(work: Work, link: Link, gone: Side) -> Verdict:
    """What the rules said of the deleted record as it was last; of one that nobody knows only what holds for
    every record."""
    known = work.known(gone)
    record_id = end(link, gone)
    nobody = Record(record_id, {}, missing=frozenset(known.fields))
    last = known.records.get(record_id) or known.last.get(record_id) or nobody
    return work.judges[gone.other].judge(last, exists=True)


def _only(side: Side, record: Record) -> tuple[Record | None, Record | None]:
    return (record, None) if side is Side.A else (None, record)


def _change(  # noqa: PLR0917 - the parts of a change
    link: Link,
    gone: Side,
    record: Record,
    op: Op,
    fields: Mapping[str, tuple[Value, Value]],
    reason: str,
    verdict: Verdict,
) -> Change:
    return Change(
        side=gone.other,
        op=op,
        link_id=link.id,
        record_id=record.id,
        source_id=end(link, gone),
        fields=fields,
        reason=reason,
        version=record.version,
        rule=verdict.rules[0].name if verdict.rules else "",
        trace=verdict.trace,
    )
