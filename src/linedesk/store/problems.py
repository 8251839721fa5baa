"""Rows of records that can't be synced as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import problems
from linedesk.sync.model import Problem, Side

_NEW = insert(problems)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["connection", "side", "record_id"],
    set_={name: _NEW.excluded[name] for name in ("code", "sentence", "tried_ms")},
)
_DROP = delete(problems).where(
    problems.c.connection == bindparam("of"),
    problems.c.side == bindparam("on"),
    problems.c.record_id == bindparam("record"),
)


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem, since when it is there, and when it was last met."""

    problem: Problem
    since_ms: int
    tried_ms: int


def all_of(c: Connection, connection: str) -> dict[tuple[Side, str], ProblemRow]:
    """Every problem of a connection, by side and record id."""
    rows = c.execute(select(problems).where(problems.c.connection == connection)).all()
    found = [
        ProblemRow(Problem(Side(row.side), row.record_id, row.code, row.sentence), row.since_ms, row.tried_ms)
        for row in rows
    ]
    return {(each.problem.side, each.problem.record_id): each for each in found}


def put(c: Connection, connection: str, found: Sequence[Problem], now_ms: int) -> None:
    """Add problems, or meet them again."""
    if not found:
        return
    rows = [
        {
            "connection": connection,
            "side": each.side.value,
            "record_id": each.record_id,
            "code": each.code,
            "sentence": each.sentence,
            "since_ms": now_ms,
            "tried_ms": now_ms,
        }
        for each in found
    ]
    c.execute(_PUT, rows)


def solved(c: Connection, connection: str, records: Sequence[tuple[Side, str]]) -> None:
    """Forget the problems of these records."""
    if not records:
        return
    c.execute(_DROP, [{"of": connection, "on": side.value, "record": each} for side, each in records])


def replace(c: Connection, connection: str, found: Mapping[tuple[Side, str], Problem], now_ms: int) -> None:
    """Make the problems of a connection exactly these; those that stay keep their beginning."""
    stored = all_of(c, connection)
    solved(c, connection, [key for key in stored if key not in found])
    put(c, connection, [each for key, each in found.items() if _differs(stored.get(key), each)], now_ms)


def _differs(stored: ProblemRow | None, found: Problem) -> bool:
    return stored is None or stored.problem != found
