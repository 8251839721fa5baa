"""Rows of the journal as the past writes that an undo takes back, with what other writes tell of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from linedesk.apps.records import Value
from linedesk.store.journal import Entry
from linedesk.sync.documents import applied_from_document, value_from_json
from linedesk.sync.model import Applied, Link, MappingRow, Side
from linedesk.sync.undo import Past


def past_of(entry: Entry, of_link: Sequence[Entry], link: Link | None, rows: Sequence[MappingRow]) -> Past:
    """`of_link`: every write that was done for the entry's link, in order."""
    return Past(
        entry=entry.id,
        side=entry.side,
        op=entry.op,
        link_id=entry.link_id,
        record_id=entry.record_id or "",
        source_id=entry.source_id,
        fields={
            name: (value_from_json(entry.before.get(name)), value_from_json(after))
            for name, after in entry.after.items()
        },
        applied=applied_from_document(entry.applied),
        replaced=_replaced(entry, of_link),
        read_back=_read_back(entry, [each for each in of_link if each.id > entry.id], link, rows),
        rule=entry.rule,
    )


def _replaced(entry: Entry, of_link: Iterable[Entry]) -> dict[str, Applied]:
    """What was noted of the actions that this write reverted."""
    found: dict[str, Applied] = {}
    for older in of_link:
        if older.id < entry.id:
            noted = applied_from_document(older.applied)
            found |= {key: did for key, did in noted.items() if did is not None}
    return {key: did for key, did in found.items() if entry.applied.get(key, did) is None}


def _read_back(
    entry: Entry, later: Sequence[Entry], link: Link | None, rows: Sequence[MappingRow]
) -> Mapping[str, Value]:
    """How the app read back what was sent: the link's base says it, until a later write changed the row.

    An undo makes a base of all that both records hold then, edits of people among it.
    """
    if link is None or any(each.undoes is not None for each in later):
        return {}
    written = {(each.side, name) for each in later for name in each.after}
    found: dict[str, Value] = {}
    for row in rows:
        own, other = (row.a, row.b) if entry.side is Side.A else (row.b, row.a)
        agreed = link.base.get(row.key)
        if agreed is None or own not in entry.after or (entry.side, own) in written:
            continue
        if not any((entry.side.other, name) in written for name in other.split("+")):
            found[own] = agreed.a if entry.side is Side.A else agreed.b
    return found
