"""When an app may say less of a record than we know. Pure.

An app names how long a write may take to show. One that is late without saying so, as a replica may be,
gives itself away by a time of change that lies before the one it told already.
"""

from __future__ import annotations

from linedesk.apps.base import Capabilities
from linedesk.apps.records import Record
from linedesk.store.records import Copy

SET_BACK_MS = 600_000
"""How long an older time of change means lateness; after that, the app's clock or its data were set back."""


def visibility_lag_ms(capabilities: Capabilities) -> int:
    """How long a write may take to show."""
    return round(capabilities.visibility_lag_s * 1000)


def lags(copy: Copy | None, at_ms: int, lag_ms: int) -> bool:
    """Whether what the app says at this time may be older than our own last write.

    A write that seems to lie far ahead was made before the clock was set back, and is long visible.
    """
    return copy is not None and copy.written_ms is not None and abs(at_ms - copy.written_ms) < lag_ms


def is_older(old: Copy | None, told: Copy, at_ms: int) -> bool:
    """Whether `told` is the record as it was before what we know, by the app's own times (S21)."""
    if old is None or old.gone or told.gone:
        return False
    known_ms = max(old.changed_ms, old.written_ms or 0)
    if abs(at_ms - known_ms) >= SET_BACK_MS:
        return False
    ours_ms, theirs_ms = old.record.modified_ms, told.record.modified_ms
    if ours_ms is None or theirs_ms is None or theirs_ms >= ours_ms:
        return False
    return not _tells_the_same(old.record, told.record)


def is_late(old: Copy, told: Copy, at_ms: int, lag_ms: int) -> bool:
    """Whether what an app tells of a record, in a listing or by its id, may be older than our own last write.

    Within the lag it has to prove that it is not: it holds what we wrote, or was changed later.
    """
    if not lags(old, at_ms, lag_ms):
        return is_older(old, told, at_ms)
    if not old.gone and not told.gone and _tells_the_same(old.record, told.record):
        return False
    if told.merged_into is not None:
        return False
    ours_ms, theirs_ms = old.record.modified_ms, told.record.modified_ms
    return told.gone or ours_ms is None or theirs_ms is None or theirs_ms <= ours_ms


def _tells_the_same(old: Record, told: Record) -> bool:
    """Whether every field that is told is as we know it; one that never had a value may not be there."""
    names = (old.fields.keys() | told.fields.keys()) - told.missing
    return old.state is told.state and all(old.fields.get(name) == told.fields.get(name) for name in names)
