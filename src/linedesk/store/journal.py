"""Rows of the journal: one a write, stored before the write goes out, with what was there before.

The journal is what undo works from and what a run after a crash looks at. Rows are never removed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from linedesk.store.sync_tables import journal
from linedesk.sync.model import Op, Side

_COLUMNS = (
    "id", "run", "connection", "account", "side", "op", "link_id", "record_id", "source_id", "before",
    "after", "base", "reason", "notes", "state", "error_code", "error", "at_ms", "rule", "trace", "applied",
    "undoes",
)  # fmt: skip


class EntryState(StrEnum):
    """`OPEN`: it went out, or was about to. `VOID`: it never arrived. `REFUSED`: the app said no."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write. `before`, `after` and `base` are JSON values as `sync.documents` makes them.

    `base` holds, by mapping row, what the source had when `after` was made from it. `applied`: as that of the
    change. `undoes`: the entry that it takes back.
    """

    id: int
    run: int
    connection: str
    account: str
    side: Side
    op: Op
    link_id: str
    record_id: str | None
    source_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    base: Mapping[str, Any]
    reason: str
    notes: Sequence[str]
    state: EntryState
    error_code: str | None
    error: str | None
    at_ms: int
    rule: str = ""
    trace: str = ""
    applied: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None


def begin(c: Connection, entries: Sequence[Entry]) -> list[int]:
    """Store intents; answers their ids, in order. The entries' own ids are not looked at."""
    ids = []
    for entry in entries:
        values = {name: getattr(entry, name) for name in _COLUMNS if name != "id"}
        values |= {"before": dict(entry.before), "after": dict(entry.after), "base": dict(entry.base)}
        values |= {"side": entry.side.value, "op": entry.op.value, "state": entry.state.value}
        values |= {"notes": list(entry.notes), "applied": dict(entry.applied)}
        ids.append(c.execute(insert(journal).values(values).returning(journal.c.id)).scalar_one())
    return ids


def close(
    c: Connection,
    entry_id: int,
    state: EntryState,
    *,
    record_id: str | None = None,
    error_code: str | None = None,
    error: str | None = None,
) -> None:
    """Say how a write ended. `record_id`: of the record that was made or found."""
    values: dict[str, Any] = {"state": state.value, "error_code": error_code, "error": error}
    if record_id is not None:
        values["record_id"] = record_id
    c.execute(update(journal).where(journal.c.id == entry_id).values(values))


def note_unsure(c: Connection, entry_id: int, error_code: str, error: str) -> None:
    """The answer was lost: the entry stays open, with the reason."""
    c.execute(update(journal).where(journal.c.id == entry_id).values(error_code=error_code, error=error))


def open_entries(c: Connection, connection: str) -> list[Entry]:
    """Writes of which nobody knows yet whether they arrived, in the order they were made."""
    j = journal.c
    query = select(journal).where(j.connection == connection, j.state == EntryState.OPEN.value)
    return [_entry(row) for row in c.execute(query.order_by(j.id)).mappings()]


def of_run(c: Connection, run: int) -> list[Entry]:
    """Every write of a run, in order."""
    return entries_of(c, journal.c.run == run)


def entries_of(c: Connection, where: ColumnElement[bool]) -> list[Entry]:
    """The rows for which `where` holds, in order."""
    query = select(journal).where(where).order_by(journal.c.id)
    return [_entry(row) for row in c.execute(query).mappings()]


def made_by_others(c: Connection, account: str, connection: str, after: str, limit: int) -> list[str]:
    """Ids of records of an account that other connections made, by id, beginning behind `after`."""
    j = journal.c
    query = select(j.record_id).where(
        j.account == account,
        j.record_id > after,
        j.op == Op.CREATE.value,
        j.state == EntryState.DONE.value,
        j.connection != connection,
    )
    return list(c.execute(query.distinct().order_by(j.record_id).limit(limit)).scalars())


def count(c: Connection, connection: str) -> int:
    """How many writes a connection ever made or tried."""
    query = select(func.count()).select_from(journal).where(journal.c.connection == connection)
    return int(c.execute(query).scalar_one())


def _entry(row: Mapping[Any, Any]) -> Entry:
    values = {name: row[name] for name in _COLUMNS}
    values |= {"side": Side(row["side"]), "op": Op(row["op"]), "state": EntryState(row["state"])}
    return Entry(**{**values, "notes": tuple(row["notes"])})
