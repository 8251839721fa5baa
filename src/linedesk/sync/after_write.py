"""What a write that was done makes of its link, also when it was found again after a crash. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from linedesk.apps.records import Record
from linedesk.sync.merge import Lanes, base_after, base_of
from linedesk.sync.model import Agreed, Change, Link, LinkState, Op, Side


def tied(change: Change, record_id: str) -> tuple[str, str]:
    """Ids of the records on A and on B."""
    if change.side is Side.A:
        return record_id, change.source_id
    return change.source_id, record_id


def link_after(change: Change, record_id: str, old: Link | None, base: Mapping[str, Agreed]) -> Link:
    """The link once `change` is done on `record_id`; `old`: as it was, None where the write made it.

    What was deleted is not made again; what was undone is left alone until somebody edits it (S18).
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
            applied[key] = each
    a_id, b_id = tied(change, record_id)
    return Link(change.link_id, a_id, b_id, base, state, applied)


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
    agreed. After an undo it is all that both hold now, whatever a plan would make of it.
    """
    if source is None:
        return before
    if change.undoes is None:
        if change.op is Op.DELETE:
            return before
        return base_after(lanes[change.side], source, stored, before, planned=planned, sent=change.fields)
    if change.op is Op.DELETE:
        stored = Record(stored.id, {})  # what was unmade holds nothing any more; the planner knows it by that
    there, back = lanes[change.side], lanes[change.side.other]
    return {
        **before,
        **base_of(back, stored, source, before),
        **base_of(there, source, stored, before),
    }
