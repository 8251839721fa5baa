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

_ON_CONFLICT = """
    ON CONFLICT ("key", contact_rowid, position) DO UPDATE SET certainty = excluded.certainty
    WHERE certainty <> excluded.certainty
"""
_ADD_KEYS = f"""
    INSERT INTO contact_keys ("key", contact_rowid, position, certainty) VALUES (?, ?, ?, ?) {_ON_CONFLICT}
"""  # noqa: S608 - no text from outside
# Nearly every number has one sure key, as it is: those need not come here to be taken apart.
_ADD_SOLE_KEYS = f"""
    INSERT INTO contact_keys ("key", contact_rowid, position, certainty)
    SELECT "keys", contact_rowid, position, 'sure' FROM contact_numbers
    WHERE contact_rowid > ? AND contact_rowid <= ? AND "keys" <> ''
        AND instr("keys", ' ') = 0 AND instr("keys", '?') = 0
    ORDER BY "keys", contact_rowid, position
    {_ON_CONFLICT}
"""  # noqa: S608
_OTHERS = """
    SELECT contact_rowid, position, "keys" FROM contact_numbers
    WHERE contact_rowid > ? AND contact_rowid <= ? AND (instr("keys", ' ') > 0 OR instr("keys", '?') > 0)
"""
_LAST_KEY = """
    SELECT "key", contact_rowid, position
    FROM (SELECT "key", contact_rowid, position FROM contact_keys
        WHERE ("key", contact_rowid, position) > (?, ?, ?) ORDER BY "key", contact_rowid, position LIMIT ?)
    ORDER BY "key" DESC, contact_rowid DESC, position DESC LIMIT 1
"""
_NOT_SOLE = """
    SELECT k."key", k.contact_rowid, k.position, k.certainty, n."keys"
    FROM contact_keys k
        LEFT JOIN contact_numbers n ON n.contact_rowid = k.contact_rowid AND n.position = k.position
    WHERE (k."key", k.contact_rowid, k.position) > (?, ?, ?)
        AND (k."key", k.contact_rowid, k.position) <= (?, ?, ?)
        AND (n."keys" IS NULL OR n."keys" <> k."key" OR k.certainty <> 'sure')
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
    c.exec_driver_sql(_ADD_SOLE_KEYS, (after, last))
    rows = [
        (key.text, rowid, position, key.certainty.value)
        for rowid, position, keys in fetch(c, _OTHERS, [after, last])
        for key in keys_of(keys)
    ]
    if rows:
        c.exec_driver_sql(_ADD_KEYS, sorted(rows))


def drop_strays(c: Connection, after: Place, limit: int) -> Place | None:
    """Take those of the next `limit` keys out that no number has; answers where to go on (None: nowhere)."""
    found = fetch(c, _LAST_KEY, [*after, limit])
    if not found:
        return None
    last: Place = tuple(found[0])
    rows = fetch(c, _NOT_SOLE, [*after, *last])
    strays = [row[:3] for row in rows if not _holds(row[4], row[0], row[3])]
    if strays:
        c.exec_driver_sql(_DROP_KEY, strays)
    return last


def _holds(stored: str | None, key: str, certainty: Any) -> bool:
    held = key if certainty == Certainty.SURE.value else f"?{key}"
    return stored is not None and held in stored.split()
