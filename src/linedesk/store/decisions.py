"""Rows of records that wait for a person, and what the person said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from linedesk.store.sync_tables import decisions
from linedesk.sync.model import Answer, Decision, Question, Side, Waiting


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A record that waits, or waited; `answer` None: nobody said anything yet.

    `denied`: candidates of the same question that a person said it is none of, before the present ones came.
    """

    waiting: Waiting
    answer: Answer | None
    chosen_id: str | None
    at_ms: int
    denied: tuple[str, ...] = ()


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
            tuple(row.denied),
        )
        for row in rows
    ]


def replace_waiting(c: Connection, connection: str, waiting: Sequence[Waiting], now_ms: int) -> None:
    """Make the open questions exactly these.

    What a person answered stays until another question comes up about the same record: of other values, or
    of a counterpart that was not there when they answered. Whom it is not, they need never say again.
    """
    stored = {(row.waiting.side, row.waiting.record_id): row for row in all_of(c, connection)}
    wanted = {(each.side, each.record_id): each for each in waiting}
    for key, row in stored.items():
        if row.answer is None and key not in wanted:
            if row.denied:
                # The newcomers went again; what was said of the others holds.
                _write(c, connection, replace(row, answer=Answer.NOT_THE_SAME, denied=()), row.denied)
            else:
                c.execute(delete(decisions).where(*_at(connection, *key)))
    for key, each in wanted.items():
        _ask(c, connection, stored.get(key), each, now_ms)


def ask(c: Connection, connection: str, waiting: Waiting, now_ms: int) -> None:
    """Ask about a record, unless a person has answered just that."""
    stored = {(row.waiting.side, row.waiting.record_id): row for row in all_of(c, connection)}
    _ask(c, connection, stored.get((waiting.side, waiting.record_id)), waiting, now_ms)


def _ask(c: Connection, connection: str, known: DecisionRow | None, waiting: Waiting, now_ms: int) -> None:
    if known is None:
        place = {"connection": connection, "side": waiting.side.value, "record_id": waiting.record_id}
        row = DecisionRow(waiting, None, None, now_ms)
        c.execute(decisions.insert().values(place | _values(row, waiting.candidates)))
    elif is_another(known, waiting) if known.answer is not None else known.waiting != waiting:
        row = DecisionRow(waiting, None, None, now_ms, _denied(known, waiting))
        _write(c, connection, row, waiting.candidates)


def is_another(answered: DecisionRow, now: Waiting) -> bool:
    """Whether an answer to one question says nothing of the other."""
    if not _is_of_one_kind(answered.waiting, now):
        return True
    return not set(now.candidates) <= {*answered.waiting.candidates, *answered.denied}


def _is_of_one_kind(one: Waiting, other: Waiting) -> bool:
    return (one.question, one.about) == (other.question, other.about)


def _denied(answered: DecisionRow, now: Waiting) -> tuple[str, ...]:
    """Whom the record of a question is known not to be when it is asked about others."""
    if not _is_of_one_kind(answered.waiting, now):
        return ()
    said = answered.waiting.candidates if answered.answer is Answer.NOT_THE_SAME else ()
    return tuple(dict.fromkeys((*answered.denied, *said)))


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
    """What people said, as plans take it; of one record the last word comes last."""
    return [each for row in all_of(c, connection) for each in _said(row)]


def _said(row: DecisionRow) -> list[Decision]:
    waiting, found = row.waiting, list[Decision]()
    key = (waiting.side, waiting.record_id)
    kind = (waiting.question, waiting.about)
    if row.answer is Answer.NOT_THE_SAME:
        others = (*row.denied, *waiting.candidates)
        return [Decision(*key, row.answer, row.chosen_id, others, *kind)]
    if row.denied:
        found.append(Decision(*key, Answer.NOT_THE_SAME, None, row.denied, *kind))
    if row.answer is not None:
        found.append(Decision(*key, row.answer, row.chosen_id, waiting.candidates, *kind))
    return found


def _write(c: Connection, connection: str, row: DecisionRow, candidates: Sequence[str]) -> None:
    """Overwrite the row of a record."""
    place = _at(connection, row.waiting.side, row.waiting.record_id)
    c.execute(update(decisions).where(*place).values(_values(row, candidates)))


def _values(row: DecisionRow, candidates: Sequence[str]) -> dict[str, Any]:
    waiting = row.waiting
    return {
        "candidates": list(candidates),
        "reason": waiting.reason,
        "answer": row.answer.value if row.answer is not None else None,
        "chosen_id": row.chosen_id,
        "at_ms": row.at_ms,
        "question": waiting.question.value,
        "about": waiting.about,
        "fields": list(waiting.fields),
        "denied": list(row.denied),
    }


def _at(connection: str, side: Side, record_id: str) -> tuple[ColumnElement[bool], ...]:
    d = decisions.c
    return d.connection == connection, d.side == side.value, d.record_id == record_id
