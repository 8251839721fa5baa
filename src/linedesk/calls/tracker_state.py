"""What the tracker remembers between two events. Pure; `tracker` changes it, `tracker_documents` keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from linedesk.calls.incarnations import Calls
from linedesk.calls.model import Call
from linedesk.calls.presence import Presences


@dataclass(frozen=True, slots=True)
class TrackerState:
    """Every call that is live or ended a while ago, and the presence that fits no call yet."""

    calls: Calls
    presences: Presences

    @classmethod
    def empty(cls) -> TrackerState:
        """Nothing has happened yet."""
        return cls(Calls(), Presences())


def live_calls(state: TrackerState) -> tuple[Call, ...]:
    """The calls that have not ended, oldest first, each with the agents who were shown it."""
    calls = [record.public() for record in state.calls.live()]
    return tuple(sorted(calls, key=lambda call: (call.started_ms, call.id)))
