"""Rows of records that wait for a person, and what the person said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import decisions
from linedesk.sync.model import Answer, Decision, Question, Side, Waiting


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A record that waits, or waited; `answer` None: nobody said anything yet."""

    waiting: Waiting
    answer: Answer | None
    chosen_id: str | None
    at_ms: int


def all_of(c: Connection, connection: str) -> list[DecisionRow]:
    """Every question of a connection, answered or not."""
    query = select(decisions).where(decisions.c.connection == connection)
    rows = c.execute(query.order_by(decisions.c.side, decisions.c.record_id)).all()
    return [
        DecisionRow(
            Waiting(
                Side(row.side),
                row.record_id,
                tuple(row.candidates),
                row.reason,
                Question(row.question),
                row.about,
                tuple(row.fields),
            ),
            Answer(row.answer) if row.answer is not None else None,
            row.chosen_id,
            row.at_ms,
        )
        for row in rows
    ]


def replace_waiting(c: Connection, connection: str, waiting: Sequence[Waiting], now_ms: int) -> None:
    """Make the open questions exactly these.

    What a person answered stays until another question comes up about the same record: of other values, or
    of a counterpart that was not there when they answered.
    """
    stored = {(row.waiting.side, row.waiting.record_id): row for row in all_of(c, connection)}
    wanted = {(each.side, each.record_id): each for each in waiting}
    d = decisions.c
    for key, row in stored.items():
        if row.answer is None and key not in wanted:
            side, record_id = key
            c.execute(
                delete(decisions).where(
                    d.connection == connection, d.side == side.value, d.record_id == record_id
                )
            )
    for key, each in wanted.items():
        known = stored.get(key)
        if known is None or (known.answer is None and known.waiting != each):
            ask(c, connection, each, now_ms)
        elif known.answer is not None and is_another(known.waiting, each):
            side, record_id = key
            mine = (d.connection == connection) & (d.side == side.value) & (d.record_id == record_id)
            c.execute(delete(decisions).where(mine))
            ask(c, connection, each, now_ms)


def is_another(answered: Waiting, now: Waiting) -> bool:
    """Whether an answer to one question says nothing of the other."""
    if (answered.question, answered.about) != (now.question, now.about):
        return True
    return not set(now.candidates) <= set(answered.candidates)


def decide(c: Connection, connection: str, decision: Decision, now_ms: int) -> bool:
    """Keep what a person said; answers whether there was such a question."""
    d = decisions.c
    found = c.execute(
        update(decisions)
        .where(d.connection == connection, d.side == decision.side.value, d.record_id == decision.record_id)
        .values(answer=decision.answer.value, chosen_id=decision.chosen_id, at_ms=now_ms)
    )
    return found.rowcount > 0


def answered(c: Connection, connection: str) -> list[Decision]:
    """What people said, as plans take it."""
    return [
        Decision(
            row.waiting.side,
            row.waiting.record_id,
            row.answer,
            row.chosen_id,
            row.waiting.candidates,
            row.waiting.question,
            row.waiting.about,
        )
        for row in all_of(c, connection)
        if row.answer is not None
    ]


def ask(c: Connection, connection: str, waiting: Waiting, now_ms: int) -> None:
    """Ask about a record; what was asked of it before is overwritten, an answer stays."""
    values = {
        "candidates": list(waiting.candidates),
        "reason": waiting.reason,
        "at_ms": now_ms,
        "question": waiting.question.value,
        "about": waiting.about,
        "fields": list(waiting.fields),
    }
    statement = insert(decisions).values(
        connection=connection, side=waiting.side.value, record_id=waiting.record_id, **values
    )
    c.execute(
        statement.on_conflict_do_update(index_elements=["connection", "side", "record_id"], set_=values)
    )
