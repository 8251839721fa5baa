"""Every attempt to dial, refused ones too: what idempotency and caps rest on, and the audit of dialling."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, or_, select, update

from linedesk.calls.guard import DialCounts
from linedesk.store.tables import dials

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_UNSEEN_MS = 20_000
"""How long the PBX may take to report a call that was asked for."""


class DialState(StrEnum):
    """What became of an attempt.

    `STARTED`: the PBX is being asked. `UNKNOWN`: it was asked and whether it dials is not known.
    `FAILED`: it certainly does not. `ASKED`: the person must confirm. `SAME`: a repetition of another
    attempt, whose id is `answer["same_as"]`.
    """

    STARTED = "started"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REFUSED = "refused"
    ASKED = "asked"
    SAME = "same"


_MAY_RING = (DialState.STARTED.value, DialState.ACCEPTED.value, DialState.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class DialRow:
    """One attempt. `number_raw` is the text as it was sent, `answer` the JSON body of its answer."""

    id: str
    agent_id: str
    account: str | None
    extension: str | None
    idempotency_key: str
    number_raw: str
    origin: str
    state: str
    at_ms: int
    destination: str | None = None
    price_class: str | None = None
    error_code: str | None = None
    answer: dict[str, Any] | None = None
    answer_status: int | None = None


def add(c: Connection, row: DialRow) -> None:
    """Insert an attempt; its key must be new for its agent."""
    c.execute(insert(dials).values(asdict(row)))


def by_key(c: Connection, agent_id: str, key: str) -> DialRow | None:
    """The agent's attempt with this idempotency key."""
    return _one(c, and_(dials.c.agent_id == agent_id, dials.c.idempotency_key == key))


def by_id(c: Connection, row_id: str) -> DialRow | None:
    return _one(c, dials.c.id == row_id)


def free_key(c: Connection, row_id: str) -> None:
    """Keep the row but let its key be used again; the new key has a space, which no client's may have."""
    c.execute(update(dials).where(dials.c.id == row_id).values(idempotency_key=f"asked {row_id}"))


def finish(
    c: Connection,
    row_id: str,
    state: DialState,
    *,
    status: int,
    answer: dict[str, Any],
    error_code: str | None = None,
) -> None:
    """Write what became of a started attempt; one that is finished stays as it is."""
    c.execute(
        update(dials)
        .where(dials.c.id == row_id, dials.c.state == DialState.STARTED.value)
        .values(state=state.value, answer_status=status, answer=answer, error_code=error_code)
    )


def may_ring(
    c: Connection, *, agent_id: str, account: str, extension: str, destination: str, since_ms: int
) -> list[DialRow]:
    """Attempts of this phone for this destination that may have led to a call, newest first.

    Those from `since_ms` on, and every one that was never finished.
    """
    same = and_(
        dials.c.agent_id == agent_id,
        dials.c.account == account,
        dials.c.extension == extension,
        dials.c.destination == destination,
        dials.c.state.in_(_MAY_RING),
        or_(dials.c.at_ms >= since_ms, dials.c.state == DialState.STARTED.value),
    )
    rows = c.execute(select(dials).where(same).order_by(dials.c.at_ms.desc()))
    return [DialRow(**row) for row in rows.mappings()]


def counts(c: Connection, *, agent_id: str, destination: str, now_ms: int) -> DialCounts:
    """How often the agent and the company dialled lately, by attempts that may have led to a call.

    `live` are those so young that the PBX need not have reported the call yet.
    """
    at = dials.c.at_ms
    last_hour = at > now_ms - _HOUR_MS
    mine = c.execute(
        select(
            _number(at > now_ms - _MINUTE_MS),
            _number(last_hour),
            func.count(),
            _number(and_(last_hour, dials.c.destination == destination)),
            _number(at > now_ms - _UNSEEN_MS),
        ).where(dials.c.agent_id == agent_id, at > now_ms - _DAY_MS, dials.c.state.in_(_MAY_RING))
    ).one()
    company = c.execute(
        select(func.count()).select_from(dials).where(last_hour, dials.c.state.in_(_MAY_RING))
    ).scalar_one()
    minute, hour, day, same, unseen = (int(value or 0) for value in mine)
    return DialCounts(
        minute=minute, hour=hour, day=day, destination_hour=same, company_hour=int(company), live=unseen
    )


def latest(c: Connection, limit: int, *, agent_id: str | None = None) -> list[DialRow]:
    """The audit, newest first; of one agent or of all."""
    rows = select(dials).order_by(dials.c.at_ms.desc(), dials.c.id).limit(limit)
    if agent_id is not None:
        rows = rows.where(dials.c.agent_id == agent_id)
    return [DialRow(**row) for row in c.execute(rows).mappings()]


def purge(c: Connection, before_ms: int) -> int:
    """Forget attempts older than `before_ms`; answers how many."""
    return c.execute(delete(dials).where(dials.c.at_ms < before_ms)).rowcount


def _one(c: Connection, which: ColumnElement[bool]) -> DialRow | None:
    row = c.execute(select(dials).where(which)).mappings().one_or_none()
    return DialRow(**row) if row is not None else None


def _number(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
