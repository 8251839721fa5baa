"""Events without webhooks: one owned poller for each PBX account, as the accounts come and go.

What a poller does is `poller`; here is only which there are, and who counts as signed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from linedesk.accounts.model import PbxAccount
from linedesk.agents.model import Agent
from linedesk.clock import Clock
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.poller import Poller, Sources

__all__ = ["Polling", "Sources", "extensions_of"]

_REFRESH_S = 2.0


class Polling:
    """`run` as an owned task. `accounts` answers every PBX account as it is now."""

    def __init__(
        self,
        accounts: Callable[[], Sequence[PbxAccount]],
        sources: Sources,
        health: PbxHealth,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._sources = sources
        self._health = health
        self._clock = clock
        self._running: dict[str, tuple[Poller, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Keep a poller for each account until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._refresh(group)
                await self._clock.sleep(_REFRESH_S)

    def _refresh(self, group: asyncio.TaskGroup) -> None:
        accounts = {account.name: account for account in self._accounts()}
        for name in self._running.keys() - accounts.keys():
            _, task = self._running.pop(name)
            task.cancel()
            self._health.forget(name)
        for name, account in accounts.items():
            if name in self._running:
                # A new token or rate needs no new poller: it would have to see every call anew.
                self._running[name][0].account = account
            else:
                poller = Poller(account, self._sources, self._health, self._clock)
                self._running[name] = poller, group.create_task(poller.run(), name=f"poll {name}")


def extensions_of(
    account: str, agents: Iterable[Agent], is_here: Callable[[str], bool] = lambda _: True
) -> frozenset[str]:
    """The extensions of this account's active agents of whom `is_here` (by agent id) is true."""
    return frozenset(
        agent.extension
        for agent in agents
        if agent.active and agent.account == account and agent.extension and is_here(agent.id)
    )
