"""The text index made anew from the stored texts, beside the one in use, and put in its place in one commit.

While it is filled, `contact_filled` says how far; changes of contacts up to there go to both indexes
(`search_sqlite`), those behind are met later as they then are. Each function is one short piece of work.
"""

from __future__ import annotations

from sqlalchemy import Connection

from linedesk.store.contacts_sqlite import fetch
from linedesk.store.search_sqlite import FILLED, INDEX, NEW, learn, point

_OLD = f"{INDEX}_old"
_WORDS = ("contact_terms", "contact_stems")
_SQL = "SELECT sql FROM sqlite_master WHERE name = ?"
_NEXT = """
    SELECT rowid_, book, last, name, rest, digits FROM contact_texts WHERE rowid_ > ? ORDER BY rowid_ LIMIT ?
"""


def start(c: Connection) -> None:
    """An empty index beside the one in use, and empty tables of words for typing mistakes."""
    clean_up(c)
    c.exec_driver_sql(fetch(c, _SQL, [INDEX])[0][0].replace(INDEX, NEW, 1))
    for table in _WORDS:
        made = fetch(c, _SQL, [table])[0][0]
        c.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_old")
        c.exec_driver_sql(made)
    c.exec_driver_sql(f"CREATE TABLE {FILLED} (upto INTEGER NOT NULL)")
    c.exec_driver_sql(f"INSERT INTO {FILLED} VALUES (0)")  # noqa: S608 - a name of ours


def fill(c: Connection, count: int) -> bool:
    """Index the next `count` contacts; when there are no more, the new index takes the old one's place.

    Answers whether there may be more. In the end `shrink_old` and `clean_up` are all that is left to do.
    """
    rows = fetch(c, _NEXT, [fetch(c, f"SELECT upto FROM {FILLED}")[0][0], count])  # noqa: S608
    if not rows:
        c.exec_driver_sql(f"DROP TABLE {FILLED}")
        c.exec_driver_sql(f"ALTER TABLE {INDEX} RENAME TO {_OLD}")
        c.exec_driver_sql(f"ALTER TABLE {NEW} RENAME TO {INDEX}")
        return False
    point(c, NEW, rows)
    learn(c, rows)
    c.exec_driver_sql(f"UPDATE {FILLED} SET upto = ?", (rows[-1][0],))  # noqa: S608
    return True


def shrink_old(c: Connection, limit: int) -> bool:
    """Take `limit` pages or words of what was replaced away; answers whether there may be more.

    To drop it whole would hold up who writes, for a second a million contacts.
    """
    names = _tables(c)
    # The first rows of an index's data say how it is made up: it can't even be dropped without them.
    parts = [(f"{_OLD}_data", "id", "id", "id > 10"), (f"{_WORDS[0]}_old", "word", "word", "true")]
    parts.append((f"{_WORDS[1]}_old", "(key, stem)", "key, stem", "true"))
    more = False
    for table, key, columns, which in parts:
        if table in names:
            some = f"SELECT {columns} FROM {table} WHERE {which} LIMIT ?"  # noqa: S608 - names of ours
            sql = f"DELETE FROM {table} WHERE {key} IN ({some})"  # noqa: S608
            more = c.exec_driver_sql(sql, (limit,)).rowcount > 0 or more
    return more


def clean_up(c: Connection) -> None:
    """Drop what making it anew left behind, also when it was cut short."""
    names = _tables(c)
    for table in (FILLED, NEW, _OLD, *(f"{table}_old" for table in _WORDS)):
        if table in names:
            c.exec_driver_sql(f"DROP TABLE {table}")


def _tables(c: Connection) -> set[str]:
    return {name for (name,) in fetch(c, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def unfinished(c: Connection) -> bool:
    """Whether a new index is being filled, or was left behind half-filled."""
    return FILLED in _tables(c)
