"""Asks the directory what `explain` tells: who nearly has the number too, and what an agent may not see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from linedesk.contacts.callers import Asked, Callers
from linedesk.contacts.directory import Directory
from linedesk.contacts.explain import Lookup, Telling, explanation


class Explaining:
    """Not for popups: it asks the directory several times for one number."""

    def __init__(self, directory: Directory, callers: Callers) -> None:
        self._directory = directory
        self._callers = callers

    async def document(
        self,
        asked: Asked,
        text: str,
        telling: Telling,
        *,
        pick: str | None = None,
        everything: bool = False,
    ) -> dict[str, Any]:
        """`explain` of docs/protocol.md.

        `pick`: the contact that the agent chose before. `everything`: also what is in books that the agent
        may not see; only for an administrator.
        """
        shown = await self._callers.who(asked, telling.reading)
        hidden = []
        if everything and asked.books is not None:
            others = await self._callers.who(replace(asked, books=None, tags=()), telling.reading)
            hits = (hit for each in others for hit in each.hits)
            hidden = [hit for hit in hits if hit.contact.book not in asked.books]
        near = await self._directory.near(asked.number, asked.books)
        lookup = Lookup(
            text=text,
            number=asked.number,
            plan=asked.plan,
            shown=shown,
            hidden=hidden,
            near=near,
            pick=pick,
            colleague=asked.colleague,
        )
        return explanation(lookup, telling)
