"""Rows of sync runs: when one began and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from linedesk.store.sync_tables import runs
from linedesk.sync.model import RunState

_COLUMNS = tuple(runs.c[name] for name in (
    "id", "connection", "state", "actor", "hash", "writes", "counts", "sentence", "started_ms", "ended_ms"
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; `ended_ms` None: it is going on, or was cut and not yet taken up."""

    id: int
    connection: str
    state: RunState
    actor: str
    hash: str
    writes: int
    counts: Mapping[str, int]
    sentence: str
    started_ms: int
    ended_ms: int | None


def begin(c: Connection, connection: str, actor: str, now_ms: int) -> int:
    """A new run; answers its id."""
    run = c.execute(
        insert(runs)
        .values(
            connection=connection,
            state=RunState.RUNNING.value,
            actor=actor,
            hash="",
            writes=0,
            counts={},
            sentence="",
            started_ms=now_ms,
        )
        .returning(runs.c.id)
    ).scalar_one()
    return int(run)


def end(c: Connection, row: RunRow) -> None:
    """How the run ended."""
    values = {
        "state": row.state.value,
        "hash": row.hash,
        "writes": row.writes,
        "counts": dict(row.counts),
        "sentence": row.sentence,
        "ended_ms": row.ended_ms,
    }
    c.execute(update(runs).where(runs.c.id == row.id).values(values))


def mark_cut(c: Connection, connection: str, now_ms: int) -> bool:
    """Runs that say they are going on, while the lease is ours, ended with their process.

    Answers whether the last run did not come to its end, however it ended; then it may have left things
    half shown.
    """
    going = (runs.c.connection == connection) & (runs.c.state == RunState.RUNNING.value)
    sentence = "The service ended in the middle of this run; the next run takes it up."
    c.execute(update(runs).where(going).values(state=RunState.CUT.value, sentence=sentence, ended_ms=now_ms))
    last = latest(c, connection, 1)
    return bool(last) and last[0].state in {RunState.CUT, RunState.FAILED}


def latest_of_all(c: Connection, limit: int) -> list[RunRow]:
    """The last runs of every connection, the newest first."""
    rows = c.execute(select(*_COLUMNS).order_by(runs.c.id.desc()).limit(limit)).mappings()
    return [RunRow(**{**row, "state": RunState(row["state"])}) for row in rows]


def latest(c: Connection, connection: str, limit: int) -> list[RunRow]:
    """The last runs, the newest first."""
    query = select(*_COLUMNS).where(runs.c.connection == connection).order_by(runs.c.id.desc()).limit(limit)
    return [RunRow(**{**row, "state": RunState(row["state"])}) for row in c.execute(query).mappings()]


def find(c: Connection, run: int) -> RunRow | None:
    """One run; None: there is none of this number."""
    row = c.execute(select(*_COLUMNS).where(runs.c.id == run)).mappings().first()
    return None if row is None else RunRow(**{**row, "state": RunState(row["state"])})


def ever_done(c: Connection, connection: str) -> bool:
    """Whether a run of the connection ever came to its end."""
    done = (runs.c.connection == connection) & (runs.c.state == RunState.DONE.value)
    return c.execute(select(runs.c.id).where(done).limit(1)).first() is not None
