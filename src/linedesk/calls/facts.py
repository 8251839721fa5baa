"""What one event says about one call, with its parties turned into extensions.

Pure. An observation (`Said`) is the smallest thing the tracker keeps: a call is what its observations say
in the order of their time (`story`). Direction is worked out here, from the parties only (rule 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum

from linedesk.calls.model import CallEvent, Direction, Glimpse, Leg, LegStatus, Party, Stage
from linedesk.calls.who import AgentIndex
from linedesk.numbers.model import Kind, NumberPlan
from linedesk.numbers.read import read

_END_NEAR_MS = 60_000  # a flow's end further from its body's time is of another clock


class Saying(IntEnum):
    """What kind of observation; the values order those of one instant."""

    START = 0
    UPDATE = 1
    ANSWERED = 2  # by presence: `extension` talks
    END = 3
    RECORD = 4


_SAYING = {
    Stage.START: Saying.START,
    Stage.UPDATE: Saying.UPDATE,
    Stage.END: Saying.END,
    Stage.RECORD: Saying.RECORD,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One leg as far as it matters.

    `caller` and `callee` are extensions of agents (None: outside, absent or unknown). `firm` means that
    an outside party is named, so that the direction is sure. `away` means that both ends are outside.
    `counts` says whether talk on this leg is talk of the call (not an agent's own phone ringing first,
    not a queue's music). `called` is the internal number that was dialled.
    """

    index: int | None
    direction: Direction | None
    firm: bool
    caller: str | None
    callee: str | None
    away: bool
    counts: bool
    status: LegStatus
    talk_ms: int
    remote: str | None
    name: str
    called: str | None
    destination: str | None
    queue: str | None
    tags: tuple[str, ...]

    @property
    def talks(self) -> bool:
        """Somebody speaks, or spoke, on this leg (rule 2)."""
        return self.counts and (self.talk_ms > 0 or self.status is LegStatus.TALKING)


@dataclass(frozen=True, slots=True)
class Said:
    """One observation. Times are epoch ms of the PBX's clock; with a `glimpse` of ours, and it is a poll's.

    `alias` is the wire's id where a webhook uses another than the call is kept under.
    """

    at_ms: int
    saying: Saying
    segments: tuple[Segment, ...] = ()
    end_cause: str | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    extension: str | None = None
    glimpse: Glimpse | None = None
    alias: str | None = None

    @property
    def end_ms(self) -> int:
        """When the call ended, as far as this body can be believed: a flow's clock may be another one.

        An end is told at once, so its own time must lie near; a record comes late, but never before.
        """
        if self.ended_ms is None or self.ended_ms > self.at_ms + _END_NEAR_MS:
            return self.at_ms
        near = self.saying is Saying.RECORD or self.ended_ms >= self.at_ms - _END_NEAR_MS
        return self.ended_ms if near else self.at_ms

    def same_as(self, other: Said) -> bool:
        """Equal but for the time."""
        return replace(other, at_ms=self.at_ms) == self

    @property
    def order(self) -> tuple[int, int, str]:
        """A total order: by time, then kind, then content."""
        return self.at_ms, self.saying, repr(self)


def note(event: CallEvent, who: AgentIndex, plan: NumberPlan) -> Said:
    """The observation that `event` is."""
    final = event.stage in (Stage.END, Stage.RECORD)
    segments = tuple(_segment(leg, event.account, who, plan, final) for leg in event.legs)
    return Said(
        at_ms=event.at_ms,
        saying=_SAYING[event.stage],
        segments=tuple(sorted(segments, key=lambda each: -1 if each.index is None else each.index)),
        end_cause=event.end_cause,
        started_ms=event.started_ms,
        ended_ms=event.ended_ms,
        glimpse=event.glimpse,
    )


def _segment(leg: Leg, account: str, who: AgentIndex, plan: NumberPlan, final: bool) -> Segment:
    caller_in, callee_in = _inside(leg.caller, plan), _inside(leg.callee, plan)
    caller = extension_of(leg.caller, account, who, plan)
    callee = extension_of(leg.callee, account, who, plan)
    own_phone = callee is not None and caller == callee
    direction = _direction(leg, caller_in, callee_in, own_phone, plan)
    outside = leg.callee if caller_in and not callee_in else leg.caller if not caller_in else None
    return Segment(
        index=leg.index,
        direction=direction,
        firm=caller_in is False or callee_in is False,
        caller=caller,
        callee=None if own_phone else callee,
        away=callee_in is False and not caller_in,
        counts=_counts(leg, direction, own_phone),
        status=leg.status,
        # Of a running call only the fact counts; the amount would make every update look like news.
        talk_ms=leg.talk_ms if final else min(leg.talk_ms, 1),
        remote=None if direction is Direction.INTERNAL else _remote(leg, direction, outside),
        name=(outside.name or "") if outside is not None else "",
        called=_called(leg, callee, own_phone, plan) if direction is Direction.INTERNAL else None,
        destination=leg.destination,
        queue=leg.queue,
        tags=leg.tags,
    )


def _inside(party: Party | None, plan: NumberPlan) -> bool | None:
    """Is this party an agent? None: there is no party."""
    if party is None:
        return None
    if party.typed or party.local:
        return party.local
    return _internal(party.phone, plan)


def extension_of(party: Party | None, account: str, who: AgentIndex, plan: NumberPlan) -> str | None:
    """The agent's extension, or None: nobody, an outside party, or an agent who cannot be named."""
    if party is None or not _inside(party, plan):
        return None
    if not party.extension and _internal(party.phone, plan):
        return party.phone
    return who.resolve(account, party)


def _internal(text: str | None, plan: NumberPlan) -> bool:
    return text is not None and re.fullmatch(plan.internal_pattern, text) is not None


def _direction(
    leg: Leg, caller_in: bool | None, callee_in: bool | None, own_phone: bool, plan: NumberPlan
) -> Direction | None:
    if caller_in:
        if callee_in is False:
            return Direction.OUTBOUND
        if callee_in and not own_phone:
            return Direction.INTERNAL
        target = leg.destination or leg.remote_phone
        return Direction.OUTBOUND if _external(target, plan) else Direction.INTERNAL
    if caller_in is None and callee_in is False:
        return Direction.OUTBOUND
    if caller_in is None and not leg.remote_phone:
        return None
    return Direction.INBOUND


def _external(text: str | None, plan: NumberPlan) -> bool:
    return bool(text) and not _internal(text, plan) and read(text, plan).kind is not Kind.EXTENSION


def _counts(leg: Leg, direction: Direction | None, own_phone: bool) -> bool:
    if own_phone:
        return False
    return leg.callee is not None or direction is Direction.OUTBOUND


def _remote(leg: Leg, direction: Direction | None, outside: Party | None) -> str | None:
    named = outside.phone if outside is not None else None
    if direction is Direction.OUTBOUND:
        return named or leg.remote_phone or leg.destination
    return named or leg.remote_phone


def _called(leg: Leg, callee: str | None, own_phone: bool, plan: NumberPlan) -> str | None:
    if leg.destination and not _external(leg.destination, plan):
        return leg.destination
    return None if own_phone else callee
