"""The keys of contacts made anew while they are in use. Only SQLite understands this.

They are mended in place: what is missing is added, then what nobody holds is taken out, so a key that is
right is there all the while. Each function is one short piece of that work. For words and digits see
`search_refill`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from linedesk.numbers import Certainty
from linedesk.store.contact_rows import keys_of
from linedesk.store.contacts_sqlite import fetch

_ADD_KEYS = """
    INSERT INTO contact_keys ("key", contact_rowid, position, certainty) VALUES (?, ?, ?, ?)
    ON CONFLICT ("key", contact_rowid, position) DO UPDATE SET certainty = excluded.certainty
    WHERE certainty <> excluded.certainty
"""
_NUMBERS = """
    SELECT contact_rowid, position, "keys" FROM contact_numbers
    WHERE contact_rowid > ? AND contact_rowid <= ? AND "keys" <> ''
"""
_KEYS = """
    SELECT k."key", k.contact_rowid, k.position, k.certainty, n."keys"
    FROM (SELECT * FROM contact_keys WHERE ("key", contact_rowid, position) > (?, ?, ?)
        ORDER BY "key", contact_rowid, position LIMIT ?) k
    LEFT JOIN contact_numbers n ON n.contact_rowid = k.contact_rowid AND n.position = k.position
"""
_DROP_KEY = 'DELETE FROM contact_keys WHERE "key" = ? AND contact_rowid = ? AND position = ?'
Place = tuple[str, int, int]
FIRST: Place = ("", 0, 0)


def next_rowid(c: Connection, after: int, limit: int) -> int | None:
    """The rowid of the last of the next `limit` contacts behind `after`; None: there are no more."""
    sql = "SELECT max(rowid_) FROM (SELECT rowid_ FROM contacts WHERE rowid_ > ? ORDER BY rowid_ LIMIT ?)"
    last: int | None = fetch(c, sql, [after, limit])[0][0]
    return last


def add_keys(c: Connection, after: int, last: int) -> None:
    """Have the keys of the numbers of contacts behind `after` and up to `last` in the index."""
    rows = [
        (key.text, rowid, position, key.certainty.value)
        for rowid, position, keys in fetch(c, _NUMBERS, [after, last])
        for key in keys_of(keys)
    ]
    if rows:
        c.exec_driver_sql(_ADD_KEYS, sorted(rows))


def drop_strays(c: Connection, after: Place, limit: int) -> Place | None:
    """Take those of the next `limit` keys out that no number has; answers where to go on (None: nowhere)."""
    rows = fetch(c, _KEYS, [*after, limit])
    strays = [row[:3] for row in rows if not _holds(row[4], row[0], row[3])]
    if strays:
        c.exec_driver_sql(_DROP_KEY, strays)
    return None if not rows else tuple(rows[-1][:3])


def _holds(stored: str | None, key: str, certainty: Any) -> bool:
    held = key if certainty == Certainty.SURE.value else f"?{key}"
    return stored is not None and held in stored.split()
