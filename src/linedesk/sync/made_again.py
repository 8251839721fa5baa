"""Pairs that an undo holds back: left alone until a person edits one of the two records (S18). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from linedesk.sync.merge import is_as_agreed
from linedesk.sync.model import Link, Side, SkipKind
from linedesk.sync.new import plan_new
from linedesk.sync.values import is_blank
from linedesk.sync.work import Work, end

_HELD = "A write of it was undone; it is left alone until it is edited or released."


def plan_held(work: Work, link: Link, stored: Link, here: Sequence[Side], gone: Sequence[Side]) -> bool:
    """Whether `link`, which an undo holds (`stored`), is dealt with by that; else it is like any other."""
    if link is not stored or not here or len(here) + len(gone) < len(Side):
        return False
    a = work.a.records[link.a_id] if Side.A in here else None
    b = work.b.records[link.b_id] if Side.B in here else None
    if gone and not _was_unmade(link, gone[0]):
        return False
    if is_as_agreed(work.lanes, a, b, link.base):
        side = work.told_of(gone[0] if gone else work.first)
        side = side if side in here else side.other
        work.skip(side, end(link, side), _HELD, SkipKind.HELD)
        return True
    if gone and work.is_source(here[0]):
        source = a if here[0] is Side.A else b
        if source is not None:
            plan_new(work, here[0], source, link)
        return True
    return False


def _was_unmade(link: Link, side: Side) -> bool:
    """Whether the record of `side` went by an undo: then its own last agreement is that of a blank one."""
    held = (each.a if side is Side.A else each.b for each in link.base.values())
    return all(map(is_blank, held))
