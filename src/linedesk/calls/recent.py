"""The agent's own list of past calls, with today's names for the numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from linedesk.agents.model import Agent
from linedesk.agents.roster import Roster
from linedesk.calls.model import Direction
from linedesk.calls.picks import Picks
from linedesk.calls.popup import Item, Known, Words, display_number, everybody, with_page
from linedesk.contacts.people import People
from linedesk.numbers import Number, NumberPlan, read
from linedesk.store import history
from linedesk.store.database import Database


class Recent:
    """Rows of docs/protocol.md. Names are looked up now: a contact made after the call is shown too."""

    def __init__(
        self,
        calls: Database,
        *,
        people: People,
        picks: Picks,
        roster: Roster,
        plan_of: Callable[[str | None], NumberPlan],
        words: Words,
    ) -> None:
        self._calls = calls
        self._people = people
        self._picks = picks
        self._roster = roster
        self._plan_of = plan_of
        self._words = words

    async def list(self, agent: Agent, limit: int, before_ms: int | None, missed: bool) -> dict[str, Any]:
        """The answer of `GET /api/history`: only calls that this agent was shown (C12).

        There may be more than `limit`, see `history.list_for`: `before` the last one's end misses nothing.
        """
        page = await self._calls.read(lambda c: history.list_for(c, agent.id, before_ms, limit, missed))
        plan = self._plan_of(agent.account)
        known: dict[str, Known] = {}
        items = []
        for row in page.rows:
            internal = row.direction == Direction.INTERNAL.value
            number = read(row.party, plan)
            if not internal and row.party not in known:
                known[row.party] = await self._people.known(number, agent.books, plan)
            items.append(self._row(row, number, known.get(row.party, Known()), plan, agent))
        return {"items": items, "more": page.more}

    def _row(
        self, row: history.HistoryRow, number: Number, known: Known, plan: NumberPlan, agent: Agent
    ) -> dict[str, Any]:
        internal = row.direction == Direction.INTERNAL.value
        names = self._roster.names(agent.account)
        other = row.party if row.party != agent.extension else row.caller_extension or row.party
        contact, picked = self._contact(number, known, agent)
        display = names.get(other, other) if internal else display_number(number, plan, self._words)
        return {
            "id": row.id,
            "direction": row.direction,
            "state": row.state,
            "outcome": row.outcome,
            "number": other if internal else number.value,
            "display": display,
            "name": contact["name"] if contact else "",
            "contact": contact,
            "picked": picked,
            "queue": row.queue,
            "answered_by": list(row.answered_by),
            "answered_by_names": [names.get(each, each) for each in row.answered_by],
            "started_at": row.started_ms,
            "answered_at": row.answered_ms,
            "ended_at": row.ended_ms,
        }

    def _contact(self, number: Number, known: Known, agent: Agent) -> tuple[Item | None, bool]:
        """Whom the row names: the agent's choice, else the only sure contact; never a possible one alone."""
        picked = with_page(everybody(known), self._picks.chosen(agent.id, number))
        if picked is not None:
            return picked, True
        return (known.sure[0] if len(known.sure) == 1 else None), False
