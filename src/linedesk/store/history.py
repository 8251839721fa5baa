"""Ended calls: one row a call (C11), and beside it one row for each agent who was shown it (C12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.calls.model import AgentState, Call, Direction
from linedesk.store.tables import history, history_agents


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One agent's part in an ended call, times in epoch ms.

    `party` is the outside number as the wire wrote it (empty: withheld), on internal calls the called
    extension; `caller_extension` is who called, on internal and outbound calls. `state` is what this
    agent was shown last.
    """

    id: str
    direction: str
    party: str
    party_name: str
    caller_extension: str | None
    outcome: str
    state: str
    answered_by: tuple[str, ...]
    queue: str | None
    started_ms: int
    answered_ms: int | None
    ended_ms: int


def put(c: Connection, call: Call, owners: Mapping[str, str]) -> None:
    """Write an ended call, or complete the row that an earlier body wrote: `call.id` has one row.

    `owners` names the agent who has each extension now (extension -> agent id); an owner stored before
    stays, since an extension may change hands. Raises `ValueError` for a call that still lives.
    """
    if call.ended_ms is None or call.outcome is None:
        raise ValueError(f"call {call.id} has not ended")
    values = _values(call, call.ended_ms, call.outcome.value)
    statement = insert(history).values(values)
    changed = {name: statement.excluded[name] for name in values if name != "id"}
    c.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    _put_agents(c, call, call.ended_ms, owners)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Calls of one agent, newest first. `more`: older ones follow, before the `ended_ms` of the last row."""

    rows: tuple[HistoryRow, ...]
    more: bool


def list_for(
    c: Connection, agent_id: str, before_ms: int | None, limit: int, missed_only: bool
) -> HistoryPage:
    """The agent's own calls, newest first; `before_ms` bounds the end of the call from above.

    Calls that ended in one millisecond are never parted: a page holds all that ended with its last row,
    even beyond `limit`, so that its `ended_ms` is where the next page begins.
    """
    query = _shown(agent_id, missed_only)
    ended = history_agents.c.ended_ms
    if before_ms is not None:
        query = query.where(ended < before_ms)
    rows = _rows(c, query.limit(limit + 1))
    if len(rows) <= limit:
        return HistoryPage(tuple(rows), more=False)
    border_ms = rows[limit - 1].ended_ms
    page = rows[:limit]
    if rows[limit].ended_ms == border_ms:
        at_border = _rows(c, _shown(agent_id, missed_only).where(ended == border_ms))
        page = [row for row in page if row.ended_ms > border_ms] + at_border
    older = _shown(agent_id, missed_only).where(ended < border_ms).limit(1)
    return HistoryPage(tuple(page), more=c.execute(older).first() is not None)


def _shown(agent_id: str, missed_only: bool) -> Select[Any]:
    agent = history_agents.c
    query = (
        select(
            *(history.c[name] for name in ("id", "direction", "party", "party_name", "caller_extension")),
            history.c.outcome,
            agent.state,
            *(history.c[name] for name in ("answered_by", "queue", "started_ms", "answered_ms", "ended_ms")),
        )
        .join(history_agents, agent.history_id == history.c.id)
        .where(agent.agent_id == agent_id)
        .order_by(agent.ended_ms.desc(), history.c.id)
    )
    return query.where(agent.state == AgentState.MISSED.value) if missed_only else query


def _rows(c: Connection, query: Select[Any]) -> list[HistoryRow]:
    rows = c.execute(query).mappings()
    return [HistoryRow(**{**row, "answered_by": tuple(row["answered_by"])}) for row in rows]


def purge(c: Connection, before_ms: int, limit: int = 2_000) -> int:
    """Remove calls that ended before `before_ms`, at most `limit`; answers how many were removed."""
    old = select(history.c.id).where(history.c.ended_ms < before_ms).limit(limit)
    return c.execute(delete(history).where(history.c.id.in_(old.scalar_subquery()))).rowcount


def _values(call: Call, ended_ms: int, outcome: str) -> dict[str, Any]:
    internal = call.direction is Direction.INTERNAL
    party = call.called_extension if internal else call.remote
    return {
        "id": call.id,
        "account": call.account,
        "call_id": call.call_id,
        "direction": call.direction.value,
        "party": party or (call.destination if call.direction is not Direction.INBOUND else "") or "",
        "party_name": call.remote_name,
        "caller_extension": call.caller_extension,
        "outcome": outcome,
        "answered_by": list(call.answered_by),
        "queue": call.queue,
        "started_ms": call.started_ms,
        "answered_ms": call.answered_ms,
        "ended_ms": ended_ms,
    }


_OWNERS = select(history_agents.c.extension, history_agents.c.agent_id).where(
    history_agents.c.history_id == bindparam("call_id")
)
_GONE = delete(history_agents).where(history_agents.c.history_id == bindparam("call_id"))


def _put_agents(c: Connection, call: Call, ended_ms: int, owners: Mapping[str, str]) -> None:
    # A late body may know better who took part: the call's agents are written whole.
    stored = {row.extension: row.agent_id for row in c.execute(_OWNERS, {"call_id": call.id}) if row.agent_id}
    owner_of = {**owners, **stored}
    c.execute(_GONE, {"call_id": call.id})
    rows = [
        {
            "history_id": call.id,
            "extension": view.extension,
            "agent_id": owner_of.get(view.extension),
            "state": view.state.value,
            "ended_ms": ended_ms,
        }
        for view in call.views
    ]
    if rows:
        c.execute(insert(history_agents), rows)
