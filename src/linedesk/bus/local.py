"""The bus within one process: a set of subscribers for each agent.

It never waits and never keeps a frame: what a subscriber can't take is the subscriber's business.
"""

from __future__ import annotations

from linedesk.bus.base import Frame, Subscriber


class LocalBus:
    """Implements `bus.base.Bus`. For use on one event loop."""

    def __init__(self) -> None:
        # A dict keeps the order in which the sockets came; its values carry nothing.
        self._subscribers: dict[str, dict[Subscriber, None]] = {}

    def subscribe(self, agent_id: str, subscriber: Subscriber) -> None:
        """From now on `subscriber` gets the frames of this agent. Twice is once."""
        self._subscribers.setdefault(agent_id, {})[subscriber] = None

    def unsubscribe(self, agent_id: str, subscriber: Subscriber) -> None:
        """Stop; unknown subscribers are ignored."""
        group = self._subscribers.get(agent_id)
        if group is None:
            return
        group.pop(subscriber, None)
        if not group:
            del self._subscribers[agent_id]

    def listens(self, agent_id: str) -> bool:
        """Whether anybody gets the frames of this agent."""
        return agent_id in self._subscribers

    def publish(self, agent_id: str, frame: Frame) -> int:
        """Hand `frame` to each subscriber of the agent; answers how many there were."""
        group = tuple(self._subscribers.get(agent_id, ()))
        for subscriber in group:
            subscriber.deliver(frame)
        return len(group)

    def cut(self, agent_id: str, code: str, message: str) -> int:
        """Close every subscriber of the agent; answers how many there were."""
        group = tuple(self._subscribers.get(agent_id, ()))
        for subscriber in group:
            subscriber.close(code, message)
        return len(group)
