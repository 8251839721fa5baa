"""From stored events to popups: the service between the inbox, the tracker and the sockets.

It holds the tracker's state and the frame that each agent sees now. The tracker decides what happened,
`popup` what is said, the bus brings it to the agent. The database follows: what is shown never waits
for it, what is committed can always be rebuilt from the inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from linedesk.agents.model import Agent
from linedesk.agents.roster import Roster
from linedesk.bus.base import Bus
from linedesk.calls.intake import Stored
from linedesk.calls.model import (
    LIVE_STATES,
    Call,
    Direction,
    Effect,
    HistoryWritten,
    TrackerLimits,
    ViewChanged,
)
from linedesk.calls.popup import Known, Words, other_extension, popup
from linedesk.calls.tracker import TrackerState, diff, feed, live_calls, load, sweep
from linedesk.clock import Clock
from linedesk.contacts.people import People
from linedesk.errors import LinedeskError
from linedesk.numbers import Kind, Number, NumberPlan, read
from linedesk.store import history, inbox, tracker_states
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

Write = Callable[[Connection], None]


class Decoder(Protocol):
    """`pbx.wildix.events.decode`: raises `HookNotJson` for a body that is no event at all."""

    def __call__(self, account: str, body: bytes) -> Any: ...


class Meter(Protocol):
    """What the desk reports to the metrics."""

    def event(self, account: str, event_type: str, known: bool) -> None: ...

    def popup_delay(self, seconds: float) -> None: ...


class Desk:
    """One per service. Not safe for use from several tasks except through `Intake` and the sweeper."""

    def __init__(
        self,
        *,
        calls: Database,
        clock: Clock,
        bus: Bus,
        people: People,
        roster: Roster,
        plan_of: Callable[[str | None], NumberPlan],
        plans: Callable[[], Mapping[str, NumberPlan]],
        decode: Decoder,
        words: Words,
        limits: TrackerLimits,
        meter: Meter,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._bus = bus
        self._people = people
        self._roster = roster
        self._plan_of = plan_of
        self._plans = plans
        self._decode = decode
        self._words = words
        self._limits = limits
        self._meter = meter
        self._state = TrackerState.empty()
        # agent id -> call id -> the frame of a call that is live for this agent
        self._frames: dict[str, dict[str, dict[str, Any]]] = {}
        # call id and books -> who the number is; kept while the call is live
        self._known: dict[tuple[str, frozenset[str] | None, str | None], Known] = {}

    async def start(self) -> int:
        """Take up the calls that an earlier process left live; answers how many."""
        self._state = load(await self._calls.read(tracker_states.load))
        calls = live_calls(self._state)
        for call in calls:
            for view in call.views:
                await self._show(call, view.extension)
        return len(calls)

    def calls_for(self, agent: Agent) -> list[dict[str, Any]]:
        """The agent's live calls, oldest first: the `calls` of `welcome`."""
        frames = self._frames.get(agent.id, {})
        return sorted(frames.values(), key=lambda frame: (frame["started_at"], frame["id"]))

    def live_count(self, account: str, extension: str) -> int:
        """How many live calls this extension takes part in now."""
        agent = self._roster.by_extension(account, extension)
        return len(self._frames.get(agent.id, ())) if agent is not None else 0

    async def handle(self, group: list[Stored]) -> Write:
        """Process a group of stored bodies; answers the work to commit with it (`intake.Handler`)."""
        before, effects, writes = self._state, list[Effect](), list[Write]()
        for stored in group:
            made, write = self._feed(stored)
            effects += made
            writes.append(write)
        await self._carry_out(effects)
        writes.append(self._save(before, effects))
        return lambda c: _each(writes, c)

    async def sweep(self) -> None:
        """Close calls without news and forget old ones."""
        before = self._state
        self._state, effects = sweep(self._state, self._clock.now_ms(), self._limits)
        await self._carry_out(effects)
        await self._calls.write(self._save(before, effects))

    async def refresh(self) -> None:
        """Agents or accounts changed: make the frames of live calls anew and drop what is no one's."""
        self._frames.clear()
        self._known.clear()
        for call in live_calls(self._state):
            for view in call.views:
                await self._show(call, view.extension)

    def _feed(self, stored: Stored) -> tuple[tuple[Effect, ...], Write]:
        now_ms = self._clock.now_ms()
        try:
            decoded = self._decode(stored.account, stored.body)
        except LinedeskError as error:
            failure = error.message
            return (), lambda c: inbox.finish(c, stored.id, "", now_ms, failure)
        self._meter.event(stored.account, decoded.event_type, decoded.known)
        effects: tuple[Effect, ...] = ()
        if decoded.event is not None:
            self._state, effects = feed(
                self._state, decoded.event, now_ms, self._roster.index(), self._plans(), self._limits
            )

        def write(c: Connection) -> None:
            inbox.count_type(c, stored.account, decoded.event_type, decoded.known, now_ms)
            inbox.finish(c, stored.id, decoded.event_type, now_ms)

        if any(isinstance(effect, ViewChanged) for effect in effects):
            self._meter.popup_delay(max(0, now_ms - stored.received_ms) / 1000)
        return effects, write

    def _save(self, before: TrackerState, effects: list[Effect] | tuple[Effect, ...]) -> Write:
        changes = diff(before, self._state)
        rows = [effect.call for effect in effects if isinstance(effect, HistoryWritten)]
        now_ms = self._clock.now_ms()

        def write(c: Connection) -> None:
            tracker_states.save(c, changes.upserts, changes.deletes, now_ms)
            for call in rows:
                history.put(c, call)

        return write

    async def _carry_out(self, effects: list[Effect] | tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, ViewChanged):
                agent_id, frame = await self._show(effect.call, effect.extension)
                if agent_id is not None and frame is not None:
                    self._bus.publish(agent_id, {"type": "call", "call": frame})
            elif effect.call.ended_ms is not None:
                self._forget(effect.call)

    async def _show(self, call: Call, extension: str) -> tuple[str | None, dict[str, Any] | None]:
        """Make the frame of one agent and keep it while it is live."""
        agent = self._roster.by_extension(call.account, extension)
        view = call.view_of(extension)
        if agent is None or view is None or not agent.active:
            return None, None
        plan = self._plan_of(call.account)
        number = read(call.remote, plan)
        known = await self._known_for(call, extension, number, agent, plan)
        frame = popup(call, extension, number, known, plan, self._words)
        mine = self._frames.setdefault(agent.id, {})
        if view.state in LIVE_STATES:
            mine[call.id] = frame
        else:
            mine.pop(call.id, None)
        return agent.id, frame

    async def _known_for(
        self, call: Call, extension: str, number: Number, agent: Agent, plan: NumberPlan
    ) -> Known:
        names = self._roster.names(call.account)
        if other_extension(call, extension) is not None or call.direction is Direction.INTERNAL:
            return Known(names=names)
        key = (call.id, agent.books, number.value)
        found = self._known.get(key)
        if found is None:
            found = Known() if number.kind is Kind.ANONYMOUS else await self._find(number, agent, plan, call)
            self._known[key] = found
        return Known(found.sure, found.possible, found.create, found.pending, names)

    async def _find(self, number: Number, agent: Agent, plan: NumberPlan, call: Call) -> Known:
        try:
            return await self._people.known(number, agent.books, plan, name=call.remote_name)
        except LinedeskError as error:
            # The number alone is a popup too; a broken directory must not hide the call (C6).
            log.warning("lookup_failed", reason=error.message)
            return Known()

    def _forget(self, call: Call) -> None:
        for key in [key for key in self._known if key[0] == call.id]:
            del self._known[key]


def _each(writes: list[Write], connection: Connection) -> None:
    for write in writes:
        write(connection)
