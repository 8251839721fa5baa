"""Brings the form of the directory's index up to this version of Linedesk, in the background of the service.

No number is read for that; how numbers are read is looked after by `sync/reshow`. A document says which form
the index has; without one it has the first.
"""

from __future__ import annotations

import structlog

from linedesk.contacts.directory import Directory
from linedesk.store import documents, search_refill
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

INDEX = 1
"""Raised when the index has another form for the same stored readings and words."""

_FIRST = 1
_DOCUMENT = "contact_index"


async def mend_index(books: Database, directory: Directory) -> bool:
    """Make the index anew if it has an old form, or was left behind half-made; answers whether it had to be.

    Cut in the middle, a repeat completes it. Raises `StoreError`.
    """
    last = await books.read(lambda c: documents.get(c, _DOCUMENT)) or {}
    old = last.get("index", _FIRST) != INDEX
    if not old and not await books.read(search_refill.unfinished):
        return False
    log.info("contact_index_rebuilt")
    await directory.rebuild()
    if old:
        await books.write(lambda c: documents.put(c, _DOCUMENT, {"index": INDEX}))
    return True
