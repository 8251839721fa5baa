"""From stored events to popups: the service between the inbox, the tracker and the sockets.

It holds the tracker's state and the frame that each agent sees now. The tracker decides what happened,
`popup` what is said, the bus brings it to the agent. Neither the directory nor the database is waited for:
who calls is added when it is known (`lookups`), what is committed can always be rebuilt from the inbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from linedesk.agents.model import Agent
from linedesk.agents.roster import Roster
from linedesk.bus.base import Bus
from linedesk.calls.intake import Stored
from linedesk.calls.lookups import PATIENCE_S, Lookups, Question, Watch
from linedesk.calls.model import (
    LIVE_STATES,
    AgentState,
    Call,
    Direction,
    Effect,
    HistoryWritten,
    TrackerLimits,
    ViewChanged,
)
from linedesk.calls.picks import Picks, pick_key
from linedesk.calls.popup import Item, Known, Words, other_extension, popup
from linedesk.calls.tracker import TrackerState, diff, feed, live_calls, restore, sweep
from linedesk.calls.tracker_state import LivePart, live_parts
from linedesk.clock import Clock
from linedesk.contacts.people import People
from linedesk.contacts.policy import TagRule, asked_by
from linedesk.errors import LinedeskError
from linedesk.numbers import Kind, NumberPlan, read
from linedesk.store import history, inbox, tracker_states
from linedesk.store.database import Database

log = structlog.get_logger(__name__)

Write = Callable[[Connection], None]
_TURNS_FOR_WRITERS = 3
_START_PATIENCE_S = 5.0


class Decoder(Protocol):
    """`pbx.wildix.events.decode`: raises `HookNotJson` for a body that is no event at all."""

    def __call__(self, account: str, body: bytes) -> Any: ...


class Meter(Watch, Protocol):
    """What the desk reports to the metrics."""

    def event(self, account: str, event_type: str, known: bool) -> None: ...

    def popup_delay(self, seconds: float) -> None: ...


class Desk:
    """One per service; its methods may be called from several tasks. `await close()` at the end."""

    def __init__(
        self,
        *,
        calls: Database,
        clock: Clock,
        bus: Bus,
        people: People,
        picks: Picks,
        tag_rules: Callable[[str], Sequence[TagRule]],
        roster: Roster,
        plan_of: Callable[[str | None], NumberPlan],
        plans: Callable[[], Mapping[str, NumberPlan]],
        is_open: Callable[[str], bool],
        decode: Decoder,
        words: Words,
        limits: TrackerLimits,
        meter: Meter,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._bus = bus
        self._people = people
        self._picks = picks
        self._tag_rules = tag_rules
        self._roster = roster
        self._plan_of = plan_of
        self._plans = plans
        self._is_open = is_open
        self._decode = decode
        self._words = words
        self._limits = limits
        self._meter = meter
        self._state = TrackerState.empty()
        # agent id -> call id -> the frame of a call that is live for this agent
        self._frames: dict[str, dict[str, dict[str, Any]]] = {}
        # (agent id, call id): the agent said on this live call who it is
        self._decided: set[tuple[str, str]] = set()
        self._lookups = Lookups(self._ask, clock, meter, self._complete)
        self._turn = asyncio.Lock()  # frames of one call must go out in the order of its events

    async def start(self) -> int:
        """Take up the calls that an earlier process left live; answers how many."""
        await self._picks.load()
        restored = restore(await self._calls.read(tracker_states.load))
        self._state = restored.state
        if restored.unreadable:
            log.warning("tracker_states_unreadable", count=len(restored.unreadable))
            now_ms = self._clock.now_ms()
            await self._calls.write(lambda c: tracker_states.save(c, {}, restored.unreadable, now_ms))
        await self._remake(_START_PATIENCE_S)  # nobody looks yet, so the first look may be the whole truth
        return len(live_calls(self._state))

    async def close(self) -> None:
        """Ask the directory no more."""
        await self._lookups.close()

    def calls_for(self, agent: Agent) -> list[dict[str, Any]]:
        """The agent's live calls, oldest first: the `calls` of `welcome`."""
        frames = self._frames.get(agent.id, {})
        return sorted(frames.values(), key=lambda frame: (frame["started_at"], frame["id"]))

    def live_count(self, account: str, extension: str) -> int:
        """How many calls this extension made or answered and is still in; not those that only ring it."""
        agent = self._roster.by_extension(account, extension)
        frames = self._frames.get(agent.id, {}).values() if agent is not None else ()
        ringing = AgentState.RINGING.value
        return sum(frame["state"] != ringing or _is_own(frame, extension) for frame in frames)

    @property
    def held(self) -> int:
        """How many frames, lookups and decisions are kept in memory: nothing when no call is live."""
        frames = sum(len(frames) for frames in self._frames.values())
        return self._lookups.held + frames + len(self._decided)

    def candidates(self, agent: Agent, key: str) -> list[Item]:
        """Who is shown to the agent for live calls of a number with this `picks.pick_key`."""
        return [item for frame in self._frames_of(agent, key) for item in frame["candidates"]]

    def _frames_of(self, agent: Agent, key: str) -> list[dict[str, Any]]:
        plan = self._plan_of(agent.account)
        frames = self._frames.get(agent.id, {}).values()
        return [frame for frame in frames if pick_key(read(frame["number"], plan)) == key]

    def live_parts(self, account: str) -> tuple[LivePart, ...]:
        """The agents' parts in this account's live calls, for who polls it."""
        return live_parts(self._state, account)

    async def handle(self, group: list[Stored]) -> Write:
        """Process a group of stored bodies; answers the work to commit with it (`intake.Handler`)."""
        async with self._turn:
            before, effects, finished = self._state, list[Effect](), list[inbox.Finished]()
            for stored in group:
                made, done = self._feed(stored)
                effects += made
                finished.append(done)
            await self._carry_out(effects)
            # The sockets' writers get the loop before the database does: a popup waits for no commit.
            for _ in range(_TURNS_FOR_WRITERS):
                await asyncio.sleep(0)
            self._measure(group, effects)
            save, now_ms = self._save(before, effects), self._clock.now_ms()

        def write(c: Connection) -> None:
            save(c)
            inbox.finish_group(c, finished, now_ms)

        return write

    async def sweep(self) -> Write | None:
        """Close calls without news and forget old ones; answers the work to commit (`intake.Chore`)."""
        async with self._turn:
            before = self._state
            self._state, effects = sweep(self._state, self._clock.now_ms(), self._limits)
            if before is self._state:
                return None
            await self._carry_out(effects)
            return self._save(before, effects)

    async def refresh(self) -> None:
        """Agents or accounts changed: make the frames of live calls anew and tell who sees a difference."""
        await self._picks.load()  # before the turn: no ring waits for it
        async with self._turn:
            before = self._frames
            await self._remake(PATIENCE_S)
            # Within the turn: a frame of a newer event must not be overtaken.
            for agent_id, frame in _differences(before, self._frames):
                self._bus.publish(agent_id, {"type": "call", "call": frame})

    async def reshow(self, agent: Agent, key: str | None = None) -> None:
        """The agent chose a contact or forgot a choice: show it on the live calls, to this agent alone.

        `key`: the number for which somebody was chosen just now.
        """
        async with self._turn:
            if key is not None:
                self._decided |= {(agent.id, frame["id"]) for frame in self._frames_of(agent, key)}
            for call in live_calls(self._state):
                self._reshow(call, [view.extension for view in call.views], agent.id)

    async def _complete(self, call_id: str) -> None:
        """An answer came after its ring was shown: complete the popups where they are."""
        async with self._turn:
            for call in live_calls(self._state):
                if call.id == call_id:
                    self._reshow(call, [view.extension for view in call.views])

    def _reshow(self, call: Call, extensions: Iterable[str], agent_id: str | None = None) -> None:
        for extension in extensions:
            agent = self._viewer(call, extension)
            if agent is None or agent_id not in (None, agent.id):
                continue
            mine, frame = self._frames.get(agent.id, {}), self._frame_now(call, extension, agent)
            if call.id in mine and mine[call.id] != frame:
                mine[call.id] = frame
                self._bus.publish(agent.id, {"type": "call", "call": frame})

    async def _remake(self, patience_s: float) -> None:
        made: dict[str, dict[str, dict[str, Any]]] = {}
        parts = [
            (call, view.extension)
            for call in live_calls(self._state)
            for view in call.views
            if view.state in LIVE_STATES
        ]
        with self._lookups.round(self._questions(parts), patience_s):
            for call, extension in parts:
                agent = self._viewer(call, extension)
                if agent is not None:
                    made.setdefault(agent.id, {})[call.id] = await self._frame(call, extension, agent)
        self._frames = made

    def _feed(self, stored: Stored) -> tuple[tuple[Effect, ...], inbox.Finished]:
        try:
            return self._understood(stored)
        except LinedeskError as error:
            return (), inbox.Finished(stored.id, stored.account, failure=error.message)
        except Exception as error:
            # A defect shown by one body: the others go on, and the body is kept for `linedesk replay`.
            log.exception("event_failed", inbox_id=stored.id)
            failure = f"{type(error).__name__} in the service"
            return (), inbox.Finished(stored.id, stored.account, failure=failure)

    def _understood(self, stored: Stored) -> tuple[tuple[Effect, ...], inbox.Finished]:
        now_ms = self._clock.now_ms()
        decoded = self._decode(stored.account, stored.body)
        self._meter.event(stored.account, decoded.event_type, decoded.known)
        effects: tuple[Effect, ...] = ()
        if decoded.event is not None:
            self._state, effects = feed(
                self._state, decoded.event, now_ms, self._roster.index(), self._plans(), self._limits
            )
        return effects, inbox.Finished(stored.id, stored.account, decoded.event_type, decoded.known)

    def _save(self, before: TrackerState, effects: list[Effect] | tuple[Effect, ...]) -> Write:
        changes = diff(before, self._state)
        rows = [
            (effect.call, self._owners(effect.call))
            for effect in effects
            if isinstance(effect, HistoryWritten)
        ]
        now_ms = self._clock.now_ms()

        def write(c: Connection) -> None:
            tracker_states.save(c, changes.upserts, changes.deletes, now_ms)
            for call, owners in rows:
                history.put(c, call, owners)

        return write

    def _measure(self, group: list[Stored], effects: list[Effect]) -> None:
        """The longest wait of a group from a body's arrival to its agents' frames."""
        if any(isinstance(effect, ViewChanged) for effect in effects):
            waited_ms = self._clock.now_ms() - min(stored.received_ms for stored in group)
            self._meter.popup_delay(max(0, waited_ms) / 1000)

    def _owners(self, call: Call) -> dict[str, str]:
        found = {
            view.extension: self._roster.by_extension(call.account, view.extension) for view in call.views
        }
        return {extension: agent.id for extension, agent in found.items() if agent is not None}

    async def _carry_out(self, effects: list[Effect] | tuple[Effect, ...]) -> None:
        parts = [(effect.call, effect.extension) for effect in effects if isinstance(effect, ViewChanged)]
        with self._lookups.round(self._questions(parts)):
            for effect in effects:
                if isinstance(effect, ViewChanged):
                    await self._show(effect.call, effect.extension)
                elif effect.call.ended_ms is not None:
                    self._lookups.forget(effect.call.id)
                    self._decided = {each for each in self._decided if each[1] != effect.call.id}

    async def _show(self, call: Call, extension: str) -> None:
        """Make the agent's frame, keep it while it is live, and send it."""
        agent = self._viewer(call, extension)
        if agent is None:
            return
        frame = await self._frame(call, extension, agent)
        mine = self._frames.setdefault(agent.id, {})
        if frame["state"] in LIVE_STATES:
            mine[call.id] = frame
        else:
            mine.pop(call.id, None)
        self._bus.publish(agent.id, {"type": "call", "call": frame})

    def _viewer(self, call: Call, extension: str) -> Agent | None:
        """The agent who is shown the call at this extension."""
        if call.view_of(extension) is None or not self._is_open(call.account):
            return None
        return self._roster.by_extension(call.account, extension)

    async def _frame(self, call: Call, extension: str, agent: Agent) -> dict[str, Any]:
        question = self._question(call, extension, agent)
        known = Known() if question is None else await self._lookups.known(question)
        return self._popup(call, extension, agent, known)

    def _frame_now(self, call: Call, extension: str, agent: Agent) -> dict[str, Any]:
        """The frame by what is known already; nobody is asked."""
        question = self._question(call, extension, agent)
        known = Known() if question is None else self._lookups.latest(question)
        return self._popup(call, extension, agent, known)

    def _popup(self, call: Call, extension: str, agent: Agent, known: Known) -> dict[str, Any]:
        plan = self._plan_of(call.account)
        number = read(call.remote, plan)
        return popup(
            call,
            extension,
            number=number,
            known=replace(known, names=self._roster.names(call.account)),
            plan=plan,
            words=self._words,
            pick=self._picks.chosen(agent.id, number),
            pick_is_new=(agent.id, call.id) in self._decided,
        )

    def _questions(self, parts: Iterable[tuple[Call, str]]) -> list[Question]:
        asked: list[Question] = []
        for call, extension in parts:
            agent = self._viewer(call, extension)
            question = self._question(call, extension, agent) if agent is not None else None
            if question is not None:
                asked.append(question)
        return asked

    def _question(self, call: Call, extension: str, agent: Agent) -> Question | None:
        """What to ask about the other end; None: a colleague, or who hid the number matches nothing (C5)."""
        plan = self._plan_of(call.account)
        number = read(call.remote, plan)
        if other_extension(call, extension) is not None or number.kind is Kind.ANONYMOUS:
            return None
        tags = asked_by(call.tags, self._tag_rules(call.account))
        return Question(call.id, agent.books, number, tags, plan, call.remote_name)

    async def _ask(self, question: Question) -> Known:
        more: dict[str, Any] = {"tags": question.tags} if question.tags else {}
        return await self._people.known(
            question.number, question.books, question.plan, name=question.name, **more
        )


def _is_own(frame: Mapping[str, Any], extension: str) -> bool:
    """Whether this agent placed the call."""
    if frame["direction"] == Direction.INTERNAL.value:
        return bool(frame["caller_extension"] == extension)
    return bool(frame["direction"] == Direction.OUTBOUND.value)


def _differences(
    before: Mapping[str, Mapping[str, dict[str, Any]]], after: Mapping[str, Mapping[str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any]]]:
    """The frames that bring the agents' screens from `before` to `after`; a call that is gone has ended."""
    changed = [
        (agent_id, frame)
        for agent_id, frames in after.items()
        for call_id, frame in frames.items()
        if before.get(agent_id, {}).get(call_id) != frame
    ]
    gone = [
        (agent_id, {**frame, "state": AgentState.ENDED.value})
        for agent_id, frames in before.items()
        for call_id, frame in frames.items()
        if call_id not in after.get(agent_id, {})
    ]
    return changed + gone
