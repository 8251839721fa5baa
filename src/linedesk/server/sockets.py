"""All signed-in sockets of this process: which may open pages, and which a revoked token cuts.

One `Openers` for each agent; the frames themselves come over the bus.
"""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from linedesk.bus.base import Frame
from linedesk.server.openers import Openers


class Link(Protocol):
    """One signed-in socket. No method may block or raise."""

    @property
    def token_hash(self) -> str: ...

    def deliver(self, frame: Frame) -> None: ...

    def close(self, code: str, message: str) -> None: ...


class Sockets:
    """For use on one event loop."""

    def __init__(self) -> None:
        self._agents: dict[str, Openers[Link]] = {}

    def __len__(self) -> int:
        return sum(len(openers) for openers in self._agents.values())

    def join(self, agent_id: str, link: Link, *, visible: bool) -> bool:
        """Add a socket, tell the one it takes over from; answers whether it opens pages."""
        moved = self._agents.setdefault(agent_id, Openers()).join(link, visible=visible)
        opens = moved.pop(link)
        _tell(moved)
        return opens

    def focus(self, agent_id: str, link: Link) -> None:
        """The person looks at this socket's desk now."""
        _tell(self._agents[agent_id].focus(link))

    def leave(self, agent_id: str, link: Link) -> None:
        """Remove a socket and hand its part over; one that is gone is gone."""
        openers = self._agents.get(agent_id)
        if openers is None:
            return
        _tell(openers.leave(link))
        if not len(openers):
            del self._agents[agent_id]

    def revoked(self, agent_id: str, token_hash: str | None) -> None:
        """A token ended before its time, or with None all of the agent's: cut what lives on it."""
        openers = self._agents.get(agent_id)
        for link in openers.sockets() if openers is not None else ():
            if token_hash is None or link.token_hash == token_hash:
                link.close("revoked", "You were signed out. Sign in again.")

    async def close_all(self, _app: web.Application) -> None:
        """The service stops: tell every socket to come again."""
        for openers in list(self._agents.values()):
            for link in openers.sockets():
                link.close("going_away", "The service restarts.")


def _tell(moved: dict[Link, bool]) -> None:
    for link, opens in moved.items():
        link.deliver({"type": "opener", "opener": opens})


SOCKETS: web.AppKey[Sockets] = web.AppKey("sockets", Sockets)
