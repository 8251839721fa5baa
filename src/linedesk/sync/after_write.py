"""What a write that was done makes of its link, also when it was found again after a crash. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from linedesk.apps.records import Entry, FieldInfo, Record, RecordState, Value
from linedesk.sync.groups import is_membership
from linedesk.sync.memberships import Word, text_of, words_of
from linedesk.sync.merge import Lanes, base_after, base_of
from linedesk.sync.model import Agreed, Applied, Change, Link, LinkState, Op, Side
from linedesk.sync.undo_fields import is_spelling

_AWAY = frozenset({RecordState.ARCHIVED, RecordState.DELETED})


def tied(change: Change, record_id: str) -> tuple[str, str]:
    """Ids of the records on A and on B."""
    if change.side is Side.A:
        return record_id, change.source_id
    return change.source_id, record_id


def link_after(
    change: Change,
    record_id: str,
    old: Link | None,
    base: Mapping[str, Agreed],
    *,
    stored: Record | None = None,
) -> Link:
    """The link once `change` is done on `record_id`; `old`: as it was, None where the write made it.

    `stored`: the record as it reads back, where that is known. What was deleted is not made again; what was
    undone is left alone until somebody edits it (S18).
    """
    state = old.state if old is not None else LinkState.ACTIVE
    if change.undoes is not None:
        state = LinkState.HELD
    elif change.op is Op.DELETE:
        state = LinkState.A_GONE if change.side is Side.A else LinkState.B_GONE
    applied = dict(old.applied) if old is not None else {}
    for key, each in change.applied.items():
        if each is None:
            applied.pop(key, None)
        else:
            applied[key] = each if stored is None else _read_back(each, change, stored)
    a_id, b_id = tied(change, record_id)
    return Link(change.link_id, a_id, b_id, base, state, applied)


def _read_back(did: Applied, change: Change, stored: Record) -> Applied:
    """What an action did, as the app spells it: by that it is known when it is to be taken back."""
    name = did.field
    if name not in change.fields or name in stored.missing or is_membership(name):
        return did
    sent, held = change.fields[name][1], stored.fields.get(name)
    if not isinstance(did.after, tuple):
        is_spelled = did.after == sent != held and is_spelling(held, sent)
        return replace(did, read_back=held) if is_spelled else did
    words = _spelled(did.after, words_of(sent), words_of(held))
    return replace(did, read_back=words) if words != did.after else did


def _spelled(ours: Sequence[Word], sent: Sequence[Word], held: Sequence[Word]) -> Value:
    """Our words of a field of groups, each as it reads back."""
    known, there = {text_of(each) for each in sent}, {text_of(each) for each in held}
    new = [text for text in map(text_of, held) if text not in known]

    def spelled(text: str) -> str:
        return text if text in there else next((each for each in new if is_spelling(each, text)), text)

    if any(isinstance(each, Entry) for each in ours):
        return tuple(
            Entry(spelled(text_of(each)), each.label if isinstance(each, Entry) else "") for each in ours
        )
    return tuple(spelled(text_of(each)) for each in ours)


def agreed_after(
    lanes: Mapping[Side, Lanes],
    change: Change,
    *,
    source: Record | None,
    planned: Record | None,
    stored: Record,
    before: Mapping[str, Agreed],
) -> Mapping[str, Agreed]:
    """The base once the write reads back as `stored`. `source` None: that record is gone, so nothing new is
    agreed. After an undo it is what both hold now, whatever a plan would make of it: in the rows of what was
    taken back alone, so that an edit of somebody in another row still goes its way. What was made again while
    its counterpart is gone has one that holds nothing: by that the planner leaves it alone.
    """
    if change.undoes is not None and change.op is Op.CREATE and (source is None or source.state in _AWAY):
        source, before = Record(change.source_id, {}), {}
    if source is None:
        return before
    if change.undoes is None:
        if change.op is Op.DELETE:
            return before
        return base_after(lanes[change.side], source, stored, before, planned=planned, sent=change.fields)
    if change.op is Op.DELETE:
        stored = Record(stored.id, {})  # what was unmade holds nothing any more; the planner knows it by that
    there, back = lanes[change.side], lanes[change.side.other]
    now = {**base_of(back, stored, source, before), **base_of(there, source, stored, before)}
    if change.op is Op.UPDATE:
        taken = {lane.key for lane in there.each if _stands_in(lane.target, change)}
        taken |= {lane.key for lane in back.each if _stands_in(lane.source, change)}
        now = {key: agreed for key, agreed in now.items() if key in taken}
    return {**before, **now}


def _stands_in(field: FieldInfo, change: Change) -> bool:
    """Whether the change wrote the field, or a part of it."""
    return any(name in change.fields for name in field.parts or (field.name,))
