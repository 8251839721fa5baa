"""Records that a complete listing lacks: each is asked for by its id before it is called gone (S12).

One that moved while the pages were walked is on none of them, and is there. Only so many are asked for;
where far more are lacking, a sample speaks for all: one that is there makes the listing a wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from linedesk.apps.base import App
from linedesk.apps.records import RecordState
from linedesk.store.records import Copy
from linedesk.sync.compare import looked_up
from linedesk.sync.copies import Book

log = structlog.get_logger(__name__)

MOST = 100
_SLICE = 50


async def without_the_present(app: App, book: Book, changed: Sequence[Copy], *, now_ms: int) -> list[Copy]:
    """`changed` without those that the listing lacks and the app still has; raises `VendorError`.

    `changed` are the differences of a complete listing to `book`.
    """
    absent = {copy.record.id: copy for copy in changed if copy.gone and copy.merged_into is None}
    if not absent:
        return list(changed)
    asked = _spread(sorted(absent))
    looked: list[Copy] = []
    for start in range(0, len(asked), _SLICE):
        part = asked[start : start + _SLICE]
        looked += looked_up(part, await app.get_many(part), book.copies, now_ms)
    there = [copy for copy in looked if not copy.gone and copy.record.state is RecordState.ACTIVE]
    unasked = [absent[each] for each in absent if each not in set(asked)]
    if there:
        log.info("listing_lacked_records", account=app.account, lacked=len(absent), there=len(there))
        unasked = []  # nothing is known of them; they stay until a listing has all that is there
    told = [copy for copy in changed if copy.record.id not in absent]
    return told + [copy for copy in looked if copy != book.copies.get(copy.record.id)] + unasked


def _spread(ids: Sequence[str]) -> Sequence[str]:
    """All of them, or as many as may be asked for, from everywhere."""
    if len(ids) <= MOST:
        return ids
    return [ids[index * len(ids) // MOST] for index in range(MOST)]
