"""What the tracker remembers between two events. Pure; `tracker` changes it, `tracker_documents` keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from linedesk.calls.incarnations import Calls
from linedesk.calls.model import LIVE_STATES, Call
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


@dataclass(frozen=True, slots=True)
class LivePart:
    """One agent's part in a call that goes on. `call_id` is the id under which the call is kept, `handle` a
    poll's id for this part (None: no poll saw it); `heard_ms` when we last heard of the call (our clock)."""

    extension: str
    call_id: str
    handle: str | None
    heard_ms: int


def live_parts(state: TrackerState, account: str) -> tuple[LivePart, ...]:
    """The parts of this account's agents in calls that go on."""
    return tuple(
        LivePart(view.extension, record.call_id, record.story.handles.get(view.extension), record.heard_ms)
        for record in state.calls.live()
        if record.account == account
        for view in record.call.views
        if view.state in LIVE_STATES
    )


def live_calls(state: TrackerState) -> tuple[Call, ...]:
    """The calls that have not ended, oldest first, each with the agents who were shown it."""
    calls = [record.public() for record in state.calls.live()]
    return tuple(sorted(calls, key=lambda call: (call.started_ms, call.id)))
