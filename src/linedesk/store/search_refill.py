"""The text index made anew from the stored parts, beside the one in use, and put in its place in one commit.

While it is filled, `contact_filled` says how far; changes of contacts up to there go to both indexes
(`search_sqlite`), those behind are met later as they then are. Then the words for typing mistakes are read
off the new index. Each function is one short piece of work.
"""

from __future__ import annotations

from sqlalchemy import Connection

from linedesk.store.contacts_sqlite import fetch
from linedesk.store.search_sqlite import FILLED, IN_NAME, IN_REST, INDEX, NEW, STEMS, TERMS, learn

MERGING = (("automerge", 16), ("crisismerge", 64))
"""FTS5 begins to merge its lists when there are 16 of a size (as migration books_0005 has it).

Of fewer it would write everything oftener; at its own bound for merging them all at once it would hold up
who writes next.
"""

_OLD = f"{INDEX}_old"
_VOCABULARY = "contact_find_words"
_SQL = "SELECT sql FROM sqlite_master WHERE name = ?"
_LAST = "SELECT max(rowid_) FROM (SELECT rowid_ FROM contact_texts WHERE rowid_ > ? ORDER BY rowid_ LIMIT ?)"
_FILL = f"""
    INSERT INTO {NEW} (rowid, parts)
    SELECT rowid_, parts FROM contact_texts WHERE rowid_ > ? AND rowid_ <= ? ORDER BY rowid_
"""  # noqa: S608 - names of ours
_WORDS = f"SELECT term FROM {_VOCABULARY} WHERE term > ? AND term < ? LIMIT ?"  # noqa: S608
_BEHIND_ALL = "\U0010ffff"


def start(c: Connection) -> None:
    """An empty index beside the one in use, and empty tables of words for typing mistakes."""
    clean_up(c)
    for table in (INDEX, TERMS, STEMS):
        c.exec_driver_sql(fetch(c, _SQL, [table])[0][0].replace(table, f"{table}_new", 1))
    for option in MERGING:
        c.exec_driver_sql(f"INSERT INTO {NEW} ({NEW}, rank) VALUES (?, ?)", option)  # noqa: S608
    c.exec_driver_sql(f"CREATE VIRTUAL TABLE {_VOCABULARY} USING fts5vocab({NEW}, row)")
    c.exec_driver_sql(f"CREATE TABLE {FILLED} (upto INTEGER NOT NULL, word TEXT NOT NULL)")
    c.exec_driver_sql(f"INSERT INTO {FILLED} VALUES (0, '')")  # noqa: S608


def fill(c: Connection, count: int) -> bool:
    """Index the next `count` contacts or words; when there are no more, the new takes the old one's place.

    Answers whether there may be more. In the end `shrink_old` and `clean_up` are all that is left to do.
    """
    upto, word = fetch(c, f"SELECT upto, word FROM {FILLED}")[0]  # noqa: S608
    last = fetch(c, _LAST, [upto, count])[0][0]
    if last is not None:
        c.exec_driver_sql(_FILL, (upto, last))
        c.exec_driver_sql(f"UPDATE {FILLED} SET upto = ?", (last,))  # noqa: S608
        return True
    if _learn_behind(c, word, count):
        return True
    c.exec_driver_sql(f"DROP TABLE {_VOCABULARY}")
    c.exec_driver_sql(f"DROP TABLE {FILLED}")
    for table in (INDEX, TERMS, STEMS):
        c.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_old")
        c.exec_driver_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    return False


def _learn_behind(c: Connection, word: str, count: int) -> bool:
    """Learn the next words of the new index behind `word`, those of names first; False: there are no more."""
    for mark in (IN_NAME, IN_REST):
        found = fetch(c, _WORDS, [max(word, mark), mark + _BEHIND_ALL, count])
        if found:
            learn(c, {term[1:] for (term,) in found}, of="_new")
            c.exec_driver_sql(f"UPDATE {FILLED} SET word = ?", (found[-1][0],))  # noqa: S608
            return True
    return False


def shrink_old(c: Connection, limit: int) -> bool:
    """Take `limit` pages or words of what was replaced away; answers whether there may be more.

    To drop it whole would hold up who writes, for a second a million contacts.
    """
    names = _tables(c)
    # The first rows of an index's data say how it is made up: it can't even be dropped without them.
    parts = [(f"{_OLD}_data", "id", "id", "id > 10"), (f"{TERMS}_old", "word", "word", "true")]
    parts.append((f"{STEMS}_old", "(key, stem)", "key, stem", "true"))
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
    left = [f"{table}{which}" for which in ("_new", "_old") for table in (INDEX, TERMS, STEMS)]
    for table in (FILLED, _VOCABULARY, *left):
        if table in names:
            c.exec_driver_sql(f"DROP TABLE {table}")


def _tables(c: Connection) -> set[str]:
    return {name for (name,) in fetch(c, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def unfinished(c: Connection) -> bool:
    """Whether a new index is being filled, or was left behind half-filled."""
    return FILLED in _tables(c)
