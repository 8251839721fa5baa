"""The journal as undo and people read it: what took what back, and the writes of a link, a rule, a record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from linedesk.store.journal import Entry, EntryState, entries_of
from linedesk.store.sync_tables import journal

_j = journal.c


def takes_back(c: Connection, connection: str) -> dict[int, int]:
    """Of the writes that were done: an entry -> the older one that it took back."""
    query = select(_j.id, _j.undoes).where(
        _j.undoes.is_not(None), _j.connection == connection, _j.state == EntryState.DONE.value
    )
    return {row.id: row.undoes for row in c.execute(query)}


def of_links(c: Connection, connection: str, link_ids: Sequence[str]) -> list[Entry]:
    """Every write that was done for one of these links, in order."""
    mine = and_(_j.connection == connection, _j.link_id.in_(link_ids))
    return entries_of(c, and_(mine, _j.state == EntryState.DONE.value))


def of_record(c: Connection, connection: str, account: str, record_id: str) -> list[Entry]:
    """Every write, done or not, to a record of an account or made from it, in order."""
    to_it = and_(_j.account == account, _j.record_id == record_id)
    from_it = and_(_j.account != account, _j.source_id == record_id)
    return entries_of(c, and_(_j.connection == connection, or_(to_it, from_it)))


def last_run(c: Connection, connection: str, *, rule: str | None, record: str | None) -> int | None:
    """The last run of a connection that wrote something by this rule, or to or from this record.

    What an undo wrote does not count.
    """
    mine: list[ColumnElement[bool]] = [
        _j.connection == connection,
        _j.state == EntryState.DONE.value,
        _j.undoes.is_(None),
    ]
    if rule is not None:
        mine.append(_j.rule == rule)
    if record is not None:
        mine.append(or_(_j.record_id == record, _j.source_id == record))
    return c.execute(select(_j.run).where(*mine).order_by(_j.id.desc()).limit(1)).scalar()
