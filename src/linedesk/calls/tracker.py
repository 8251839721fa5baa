"""The tracker: from events to what agents see and what history keeps. `feed(state, event) -> state, effects`.

Pure: a state is never altered, the old one stays usable. It finds the incarnation an event belongs to,
gives presence to the one call that it fits, and says what to show. What a call *is* tells `story`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from linedesk.calls.facts import Said, Saying, note
from linedesk.calls.incarnations import place
from linedesk.calls.model import (
    LIVE_STATES,
    AgentState,
    AgentView,
    Call,
    CallEvent,
    Direction,
    Effect,
    Event,
    HistoryWritten,
    PresenceEvent,
    Telephony,
    TrackerLimits,
    ViewChanged,
)
from linedesk.calls.presence import answered_call
from linedesk.calls.records import Record, added, swept
from linedesk.calls.tracker_documents import Changes, Restored, diff, load, restore
from linedesk.calls.tracker_state import TrackerState, live_calls
from linedesk.calls.who import AgentIndex
from linedesk.numbers.model import NumberPlan

__all__ = ["Changes", "Restored", "TrackerState", "diff", "feed", "live_calls", "load", "restore", "sweep"]

_NO_PLAN = NumberPlan(region="ZZ")  # an account that is being taken away: only numbers with + are read


def feed(  # noqa: PLR0917 - the order of the contract
    state: TrackerState,
    event: Event,
    now_ms: int,
    who: AgentIndex,
    plans: Mapping[str, NumberPlan],
    limits: TrackerLimits,
) -> tuple[TrackerState, tuple[Effect, ...]]:
    """Take one event, at our time `now_ms`. Never raises for what an event holds."""
    plan = plans.get(event.account, _NO_PLAN)
    turn = _Turn(state, now_ms, plan, limits)
    if isinstance(event, CallEvent):
        turn.call(event, note(event, who, plan))
    else:
        turn.presence(event, who.resolve(event.account, event))
    return turn.state, tuple(turn.effects)


def sweep(state: TrackerState, now_ms: int, limits: TrackerLimits) -> tuple[TrackerState, tuple[Effect, ...]]:
    """Close calls without news, forget what ended long ago and presence that found no call."""
    effects: list[Effect] = []
    calls = state.calls
    for record in calls.unended():
        after, changes = _for_want_of_news(record, now_ms, limits)
        if after is not record:
            calls = calls.keep(after)
            effects += changes
    calls, rowless = calls.shrink(
        ended_before_ms=now_ms - min(limits.compact_after_ms, limits.keep_ended_ms),
        silent_before_ms=now_ms - limits.call_silence_ms - limits.compact_after_ms,
    )
    effects += (HistoryWritten(record.call) for record in rowless)
    calls = calls.forget(now_ms - limits.keep_ended_ms)
    presences = state.presences.forget(now_ms - limits.popup_max_age_ms)
    if calls is state.calls and presences is state.presences:
        return state, ()
    return TrackerState(calls, presences), tuple(effects)


def _for_want_of_news(record: Record, now_ms: int, limits: TrackerLimits) -> tuple[Record, list[Effect]]:
    """Close a silent call; itself if there is nothing to do.

    A long ring without news may still be answered (a queue tells little), so only its popup closes; its row
    waits for a further grace. Silence of a call that was talked on is longer, and its row is written at once.
    """
    silent_ms = now_ms - record.heard_ms
    rings = _only_rings(record)
    effects: list[Effect] = []
    if record.live and silent_ms > (limits.ring_silence_ms if rings else limits.call_silence_ms):
        record, effects = _told_to_agents(record, swept(record, now_ms), False)
    grace_ms = limits.ring_silence_ms + limits.ring_grace_ms if rings else 0
    if record.story.gone_ms is not None:
        grace_ms = limits.gone_grace_ms
    if not record.live and not record.written and silent_ms > grace_ms:
        record = replace(record, written=True)
        effects.append(HistoryWritten(record.call))
    return record, effects


class _Turn:
    """One `feed`: gathers the new state and the effects."""

    def __init__(self, state: TrackerState, now_ms: int, plan: NumberPlan, limits: TrackerLimits) -> None:
        self.state = state
        self.effects: list[Effect] = []
        self._now_ms = now_ms
        self._plan = plan
        self._limits = limits

    def call(self, event: CallEvent, said: Said) -> None:
        key = (event.account, event.call_id)
        calls, before, after = place(
            self.state.calls,
            key,
            said,
            now_ms=self._now_ms,
            plan=self._plan,
            gap_ms=self._limits.new_incarnation_ms,
            keep_ms=self._limits.keep_ended_ms,
        )
        if after is None:
            return
        self.state = replace(self.state, calls=calls)
        after = self._waiting_presence(after)
        self._settle(before, after, said)

    def presence(self, event: PresenceEvent, extension: str | None) -> None:
        if event.status is not Telephony.TALKING or extension is None:
            return
        record = answered_call(self.state.calls, event.account, extension, event.at_ms)
        if record is None:
            presences = self.state.presences.keep(event.account, extension, event.at_ms, self._now_ms)
            self.state = replace(self.state, presences=presences)
            return
        said = Said(event.at_ms, Saying.ANSWERED, extension=extension)
        self._settle(record, self._answered(record, said), said)

    def _waiting_presence(self, record: Record) -> Record:
        """Give early presence to the call, now that more is known about whom it rings."""
        account = record.account
        for extension in record.story.rung:
            for at_ms in self.state.presences.times(account, extension):
                fits = answered_call(self.state.calls, account, extension, at_ms)
                if fits is not None and fits.id == record.id:
                    record = self._answered(record, Said(at_ms, Saying.ANSWERED, extension=extension))
                    presences = self.state.presences.take(account, extension, at_ms)
                    self.state = TrackerState(self.state.calls.keep(record), presences)
        return record

    def _answered(self, record: Record, said: Said) -> Record:
        return added(record, said, self._now_ms, self._plan) or record

    def _settle(self, before: Record | None, after: Record, said: Said) -> None:
        """Keep the record; tell the agents and history what is new."""
        fresh = self._now_ms - said.at_ms <= self._limits.popup_max_age_ms
        kept, changes = _told_to_agents(before, after, fresh)
        self.effects += changes
        if _needs_row(before, kept):
            kept = replace(kept, written=True)
            self.effects.append(HistoryWritten(kept.call))
        self.state = replace(self.state, calls=self.state.calls.keep(kept))


def _needs_row(before: Record | None, after: Record) -> bool:
    """Its first row needs the PBX's own end, a poll's where no webhook tells, or a grace (`sweep`)."""
    if after.written:
        return not after.live and (before is None or before.call != after.call)
    unheard = after.story.gone_ms is not None and not after.story.heard
    return not after.story.live or unheard


def _told_to_agents(before: Record | None, after: Record, fresh: bool) -> tuple[Record, list[Effect]]:
    """Show each agent what changed for him. Only a fresh event opens; an ended call only closes (C3)."""
    shown = dict(after.shown)
    told: list[str] = []
    news = before is None or _facts(before.call) != _facts(after.call)
    views = (*after.call.views, *_without_part(after))
    for view in views:
        is_open = shown.get(view.extension) in LIVE_STATES
        opens = fresh and after.live and view.state in LIVE_STATES
        if (is_open and (news or _part_changed(before, view))) or (opens and not is_open):
            shown[view.extension] = view.state
            told.append(view.extension)
    if not told:
        return after, []
    kept = replace(after, shown=shown)
    call = replace(after.call, views=tuple(view for view in views if view.extension in shown))
    return kept, [ViewChanged(call, extension) for extension in told]


def _part_changed(before: Record | None, view: AgentView) -> bool:
    known = before.call.view_of(view.extension) if before is not None else None
    if known is None:
        return True
    return (known.state, known.answered_ms, known.via) != (view.state, view.answered_ms, view.via)


def _without_part(record: Record) -> list[AgentView]:
    """Agents with an open popup whom an older body, come late, shows to have had no part: theirs close."""
    at_ms = record.call.ended_ms or record.log[-1].at_ms
    state = AgentState.ANSWERED_ELSEWHERE if record.story.talked else AgentState.MISSED
    return [
        AgentView(extension, state, at_ms, ended_ms=at_ms)
        for extension, seen in record.shown.items()
        if seen in LIVE_STATES and record.call.view_of(extension) is None
    ]


def _facts(call: Call) -> tuple[object, ...]:
    """What is on every popup of the call."""
    return (
        call.direction,
        call.remote,
        call.remote_name,
        call.caller_extension,
        call.called_extension,
        call.queue,
        call.tags,
        call.answered_by,
    )


def _only_rings(record: Record) -> bool:
    """Nobody talks yet. On outbound calls without legs the wire never tells, so they count as talking."""
    if record.story.talked:
        return False
    blind = record.story.top < 0 and record.call.direction is Direction.OUTBOUND
    return not blind and not any(view.state is AgentState.HELD for view in record.call.views)
