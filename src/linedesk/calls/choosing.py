"""An agent says who a number is, or takes it back: the check, the memory and the open popups.

Only somebody who may be meant can be chosen: a contact that the agent may see and that has the number, or
that a live call of this number shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from linedesk.agents.model import Agent
from linedesk.calls.desk import Desk
from linedesk.calls.picks import Picks, pick_key
from linedesk.calls.popup import Item, everybody, with_page
from linedesk.contacts.people import People
from linedesk.errors import PickRefused
from linedesk.numbers import NumberPlan, read


class Choosing:
    """What `/api/picks`, `/api/lookup` and `/open` need of picks."""

    def __init__(
        self, picks: Picks, people: People, desk: Desk, plan_of: Callable[[str | None], NumberPlan]
    ) -> None:
        self._picks = picks
        self._people = people
        self._desk = desk
        self._plan_of = plan_of

    def picked(self, agent: Agent, text: str, items: Sequence[Item]) -> str | None:
        """The id of that one of `items` whom the agent chose for the number; None if none of them."""
        number = read(text, self._plan_of(agent.account))
        item = with_page(items, self._picks.chosen(agent.id, number))
        return str(item["id"]) if item is not None else None

    async def choose(self, agent: Agent, text: str, contact_id: str) -> dict[str, Any]:
        """Remember the contact for the number; the answer of `PUT /api/picks`. Raises `PickRefused`."""
        plan = self._plan_of(agent.account)
        number = read(text, plan)
        key = pick_key(number)
        if key is None:
            raise PickRefused(
                "Nobody can be chosen for a withheld, emergency or unreadable number.",
                remedy="Choose a contact for a number that can be called back.",
            )
        known = await self._people.known(number, agent.books, plan)
        item = with_page([*everybody(known), *self._desk.candidates(agent, key)], contact_id)
        if item is None:
            raise PickRefused("This contact does not have this number, or you may not see it.")
        await self._picks.choose(agent, number, contact_id)
        await self._desk.reshow(agent, key)
        return {"number": number.value, "contact": item}

    async def forget(self, agent: Agent, text: str) -> None:
        """Forget whom the agent chose for the number; nothing happens if nobody was."""
        await self._picks.forget(agent, read(text, self._plan_of(agent.account)))
        await self._desk.reshow(agent)
