"""Pairs that an undo holds back: left alone until a person edits one of the two records (S18). Pure.

Where the undo took a whole record back, an edit of the other one has it made again. It is a counterpart for
records without a link meanwhile, so that one that a person made by hand gets no double (S6).
"""

from __future__ import annotations

from collections.abc import Sequence

from linedesk.sync.merge import is_as_agreed
from linedesk.sync.model import Link, Side, SkipKind
from linedesk.sync.values import is_blank
from linedesk.sync.work import Work, end

_HELD = "A write of it was undone; it is left alone until it is edited or released."


def plan_held(work: Work, link: Link, stored: Link, here: Sequence[Side], gone: Sequence[Side]) -> bool:
    """Whether `link`, which an undo holds (`stored`), is dealt with by that; else it is like any other."""
    if link is not stored or not here or len(here) + len(gone) < len(Side):
        return False
    a = work.a.records[link.a_id] if Side.A in here else None
    b = work.b.records[link.b_id] if Side.B in here else None
    is_edited = not is_as_agreed(work.lanes, a, b, link.base)
    if not gone:
        if not is_edited:
            _tell(work, link, work.first)
        return not is_edited
    if not is_unmade(link, gone[0]):
        return False
    _plan_left(work, link, here[0], is_edited=is_edited)
    return True


def is_unmade(link: Link, side: Side) -> bool:
    """Whether the record of `side` went by an undo: then its own last agreement is that of a blank one."""
    held = [each.a if side is Side.A else each.b for each in link.base.values()]
    return bool(held) and all(map(is_blank, held))


def _plan_left(work: Work, link: Link, side: Side, *, is_edited: bool) -> None:
    """Plan the record of `side`, of which the counterpart was taken back."""
    record_id = end(link, side)
    is_made_again = is_edited and work.is_source(side)
    if is_made_again or work.is_source(side.other):
        work.held[side][record_id] = link
    if is_made_again:
        work.again[side][record_id] = link
    else:
        _tell(work, link, side)


def _tell(work: Work, link: Link, side: Side) -> None:
    work.skip(side, end(link, side), _HELD, SkipKind.HELD)
