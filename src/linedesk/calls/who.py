"""Which extension a party of an event is: by extension, then e-mail, then user id, within one account.

Pure. It holds what the roster knows of its agents and decides nothing about rights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol


class Identified(Protocol):
    """What a party and a presence event have in common; any field may be None."""

    @property
    def extension(self) -> str | None: ...

    @property
    def email(self) -> str | None: ...

    @property
    def user_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class AgentEntry:
    """One agent's phone. `email` and `user_id` are as the PBX knows them."""

    account: str
    extension: str
    email: str | None = None
    user_id: str | None = None


class AgentIndex:
    """Made anew whenever the agents change; never altered. An e-mail or id that two share names nobody."""

    __slots__ = ("_emails", "_user_ids")

    def __init__(self, entries: Iterable[AgentEntry] = ()) -> None:
        agents = tuple(entries)
        self._emails = _unique(
            ((agent.account, agent.email.strip().casefold()), agent.extension)
            for agent in agents
            if agent.email and agent.email.strip()
        )
        self._user_ids = _unique(
            ((agent.account, agent.user_id.strip()), agent.extension)
            for agent in agents
            if agent.user_id and agent.user_id.strip()
        )

    def resolve(self, account: str, who: Identified) -> str | None:
        """The extension, or None. An extension on the wire decides alone, known to us or not.

        Were an unknown extension looked up by its e-mail, a mailbox shared by two people would show
        one's calls to the other (C12).
        """
        if who.extension:
            return who.extension
        if who.email and (found := self._emails.get((account, who.email.strip().casefold()))):
            return found
        return self._user_ids.get((account, who.user_id.strip())) if who.user_id else None


def _unique(pairs: Iterable[tuple[tuple[str, str], str]]) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], set[str]] = {}
    for key, extension in pairs:
        found.setdefault(key, set()).add(extension)
    return MappingProxyType({key: one.pop() for key, one in found.items() if len(one) == 1})
