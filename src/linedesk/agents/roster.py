"""All agents in memory, read anew when a command changed them: who is who.

What an agent may do is in `rights`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import Connection

from linedesk.agents.model import Agent, OpenPage
from linedesk.calls.who import AgentEntry, AgentIndex
from linedesk.errors import NotFound
from linedesk.store import agents as rows
from linedesk.store import generation
from linedesk.store.database import Database


@dataclass(frozen=True, slots=True)
class _View:
    generation: int
    agents: tuple[Agent, ...]
    by_id: Mapping[str, Agent]
    by_login: Mapping[str, Agent]
    by_extension: Mapping[tuple[str, str], Agent]
    names: Mapping[str, Mapping[str, str]]
    index: AgentIndex


class Roster:
    """Call `refresh` before use; then every question is answered from memory."""

    def __init__(self, books: Database) -> None:
        self._books = books
        self._view = _view(-1, [])

    async def refresh(self) -> None:
        """Read every agent."""
        self._view = await self._books.read(_read)

    async def refresh_if_changed(self) -> bool:
        """Read every agent if something changed since; answers whether it did."""
        if await self._books.read(generation.read) == self._view.generation:
            return False
        await self.refresh()
        return True

    def all(self) -> tuple[Agent, ...]:
        """Every agent by login, inactive ones too."""
        return self._view.agents

    def by_id(self, agent_id: str) -> Agent | None:
        """The agent of this id, inactive or not."""
        return self._view.by_id.get(agent_id)

    def by_login(self, login: str) -> Agent | None:
        """The agent of this login, inactive or not."""
        return self._view.by_login.get(login)

    def by_extension(self, account: str, extension: str) -> Agent | None:
        """The active agent who has this extension on this PBX."""
        return self._view.by_extension.get((account, extension))

    def names(self, account: str | None) -> Mapping[str, str]:
        """Extension to name, of one PBX; inactive agents too, for old calls."""
        return self._view.names.get(account or "", MappingProxyType({}))

    def colleagues_of(self, agent: Agent) -> list[Agent]:
        """The other active agents with an extension on the same PBX, by name."""
        others = [
            each
            for each in self._view.agents
            if each.account == agent.account and each.extension and each.active and each.id != agent.id
        ]
        return sorted(others, key=lambda each: each.name)

    def index(self) -> AgentIndex:
        """Who is meant by an extension, an e-mail or a user id of an event; active agents only."""
        return self._view.index

    async def set_open_page(self, agent_id: str, open_page: OpenPage) -> Agent:
        """Store the agent's own setting and answer the agent as changed; `NotFound` if there is none."""
        agent = self.by_id(agent_id)
        if agent is None:
            raise NotFound("This agent is not there any more.")
        await self._books.write(lambda c: rows.set_open_page(c, agent_id, open_page))
        changed = replace(agent, open_page=open_page)
        others = [changed if each.id == agent_id else each for each in self._view.agents]
        self._view = _view(self._view.generation, others)
        return changed


def _read(c: Connection) -> _View:
    return _view(generation.read(c), rows.all_agents(c))


def _view(number: int, agents: list[Agent]) -> _View:
    active = [agent for agent in agents if agent.active]
    names: dict[str, dict[str, str]] = {}
    for agent in agents:
        if agent.account is not None and agent.extension is not None:
            names.setdefault(agent.account, {})[agent.extension] = agent.name
    return _View(
        generation=number,
        agents=tuple(agents),
        by_id={agent.id: agent for agent in agents},
        by_login={agent.login: agent for agent in agents},
        by_extension={
            (agent.account, agent.extension): agent for agent in active if agent.account and agent.extension
        },
        names={account: MappingProxyType(each) for account, each in names.items()},
        index=AgentIndex(
            AgentEntry(agent.account, agent.extension, agent.email, agent.user_id)
            for agent in active
            if agent.account and agent.extension
        ),
    )
