"""Lets go of what an undo holds, so that the next run treats the pair like any other.

A pair that is held is left alone until somebody edits one of its records; this is the other way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from linedesk.store import connections, journal_reading, links
from linedesk.store.journal import Entry
from linedesk.sync.model import Link, LinkState, Op, Side
from linedesk.sync.undo import undone_entries

_SLICE = 100


def release(c: Connection, connection: str, record_id: str | None, now_ms: int) -> list[Link]:
    """Release the held links of a connection, or of one record of either side; answers them as they were.

    The fields that were taken back lose what was agreed of them, so that they are merged anew. A record
    that was made, and taken back, is forgotten, so that it may be made again.
    """
    held = links.held(c, connection, record_id)
    undone = undone_entries(journal_reading.takes_back(c, connection))
    for start in range(0, len(held), _SLICE):
        part = held[start : start + _SLICE]
        entries = journal_reading.of_links(c, connection, [each.id for each in part])
        ended = [each for each in part if _is_unmade(each, entries, undone)]
        links.remove(c, connection, [each.id for each in ended])
        freed = [_freed(each, entries) for each in part if each not in ended]
        links.put(c, connection, freed, now_ms)
    if held:
        connections.set_due(c, connection, None)
    return held


def _is_unmade(link: Link, entries: Sequence[Entry], undone: frozenset[int]) -> bool:
    """Whether the link holds a record that an undo deleted, and that was not made again since."""
    mine = [each for each in entries if each.link_id == link.id]
    removals = [
        each for each in mine if each.op is Op.DELETE and each.undoes is not None and each.id not in undone
    ]
    return any(each.record_id == _on(link, each.side) for each in removals)


def _freed(link: Link, entries: Sequence[Entry]) -> Link:
    names = {
        (each.side, name)
        for each in entries
        if each.link_id == link.id and each.undoes is not None
        for name in each.after
    }
    base = {key: agreed for key, agreed in link.base.items() if not _is_about(key, names)}
    return replace(link, state=LinkState.ACTIVE, base=base)


def _is_about(key: str, names: set[tuple[Side, str]]) -> bool:
    """Whether a row of the mapping (`phone+mobile=office`) writes or reads one of these fields."""
    a, _, b = key.partition("=")
    return any((Side.A, name) in names for name in a.split("+")) or any(
        (Side.B, name) in names for name in b.split("+")
    )


def _on(link: Link, side: Side) -> str:
    return link.a_id if side is Side.A else link.b_id
