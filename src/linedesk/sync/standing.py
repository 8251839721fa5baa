"""Where a record of a side stands: there, deleted, merged into another one, or simply not read. Pure.

Only a tombstone or a complete listing says that a record is gone (S12); a short reading never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from linedesk.apps.records import RecordState
from linedesk.sync.model import Known


class Standing(StrEnum):
    HERE = "here"
    BLOCKED = "blocked"
    DELETED = "deleted"
    UNREAD = "unread"


_OF_STATE = {
    RecordState.ACTIVE: Standing.HERE,
    RecordState.BLOCKED: Standing.BLOCKED,
    RecordState.ARCHIVED: Standing.DELETED,
    RecordState.DELETED: Standing.DELETED,
}


def standing(known: Known, record_id: str) -> Standing:
    """How the record `record_id` of a side is now."""
    record = known.records.get(record_id)
    if record_id in known.gone or (record is None and known.whole):
        return Standing.DELETED
    if record is None:
        return Standing.UNREAD
    # Most records of most runs: one comparison instead of a look-up by an enum, which is slow.
    return Standing.HERE if record.state is RecordState.ACTIVE else _OF_STATE[record.state]


def winner(merges: Mapping[str, str], record_id: str) -> str:
    """The id that a record is known by after any number of merges (S23); its own without any."""
    if record_id not in merges:
        return record_id
    seen = {record_id}
    while (following := merges.get(record_id)) is not None and following not in seen:
        seen.add(following)
        record_id = following
    return record_id
