"""Whom each agent chose for a number that several contacts have: kept in memory, written through.

A pick is remembered whether it counts at present or not: a contact that comes back, or that the agent may
see again, is still the one that was chosen. Who may be chosen is `calls.choosing`.
"""

from __future__ import annotations

import asyncio

from linedesk.agents.model import Agent
from linedesk.clock import Clock
from linedesk.errors import NotSignedIn
from linedesk.numbers import Number, lookup_keys
from linedesk.store import picks as rows
from linedesk.store.database import Database


class Picks:
    """Call `load` before use; then `chosen` answers from memory. Raises `StoreError` from the others."""

    def __init__(self, books: Database, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._chosen: dict[tuple[str, str], str] = {}
        self._one_at_a_time = asyncio.Lock()  # a reading that began earlier must not undo a later choice

    async def load(self) -> None:
        """Read every pick: at the start, and again when agents changed."""
        async with self._one_at_a_time:
            found = await self._books.read(rows.all_picks)
            self._chosen = {(row.agent_id, row.key): row.contact_id for row in found}

    def chosen(self, agent_id: str, number: Number) -> str | None:
        """The id of the contact that the agent chose for this number, if there was a choice."""
        key = pick_key(number)
        return self._chosen.get((agent_id, key)) if key is not None else None

    async def choose(self, agent: Agent, number: Number, contact_id: str) -> None:
        """Remember the contact. `ValueError` for a number that has no key: nobody owns it.

        `NotSignedIn` when the agent was deleted meanwhile.
        """
        key = pick_key(number)
        if key is None:
            raise ValueError("a number without a key was chosen for")
        row = rows.PickRow(agent.id, key, contact_id, self._clock.now_ms())
        async with self._one_at_a_time:
            if not await self._books.write(lambda c: rows.put(c, row)):
                raise NotSignedIn("This agent is no longer there.")
            self._chosen[agent.id, key] = contact_id

    async def forget(self, agent: Agent, number: Number) -> None:
        """Forget the choice; nothing happens if there was none."""
        key = pick_key(number)
        if key is None:
            return
        async with self._one_at_a_time:
            await self._books.write(lambda c: rows.remove(c, agent.id, key))
            self._chosen.pop((agent.id, key), None)


def pick_key(number: Number) -> str | None:
    """What the spellings and country variants of a number share; None where nobody can own it."""
    keys = lookup_keys(number)
    return keys[0].text if keys else None
