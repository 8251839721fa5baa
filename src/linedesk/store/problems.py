"""Rows of records that can't be synced as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import problems
from linedesk.sync.model import Problem, Side


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
    statement = insert(problems)
    changed = {name: statement.excluded[name] for name in ("code", "sentence", "tried_ms")}
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
    keys = ["connection", "side", "record_id"]
    c.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def solved(c: Connection, connection: str, records: Sequence[tuple[Side, str]]) -> None:
    """Forget the problems of these records."""
    if not records:
        return
    p = problems.c
    theirs = and_(p.connection == connection, p.side == bindparam("on"), p.record_id == bindparam("record"))
    rows = [{"on": side.value, "record": record_id} for side, record_id in records]
    c.execute(delete(problems).where(theirs), rows)


def replace(c: Connection, connection: str, found: Mapping[tuple[Side, str], Problem], now_ms: int) -> None:
    """Make the problems of a connection exactly these; those that stay keep their beginning."""
    stored = all_of(c, connection)
    solved(c, connection, [key for key in stored if key not in found])
    put(c, connection, [each for key, each in found.items() if _differs(stored.get(key), each)], now_ms)


def _differs(stored: ProblemRow | None, found: Problem) -> bool:
    return stored is None or stored.problem != found
