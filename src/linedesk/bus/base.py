"""The bus port: from a change to the sockets of the agents it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Frame = Mapping[str, Any]
"""One JSON object of the agent socket, version 1."""


class Subscriber(Protocol):
    """One socket's end of the bus. Neither method may block or raise."""

    def deliver(self, frame: Frame) -> None:
        """Take a frame; a full queue is the subscriber's own business."""
        ...

    def close(self, code: str, message: str) -> None:
        """Stop: the agent's right ended. `code` is an error code of docs/errors.md."""
        ...


class Bus(Protocol):
    """Fan-out by agent id."""

    def subscribe(self, agent_id: str, subscriber: Subscriber) -> None: ...

    def unsubscribe(self, agent_id: str, subscriber: Subscriber) -> None: ...

    def publish(self, agent_id: str, frame: Frame) -> int:
        """Hand `frame` to each subscriber of the agent; answers how many there were."""
        ...

    def cut(self, agent_id: str, code: str, message: str) -> int:
        """Close every subscriber of the agent."""
        ...
