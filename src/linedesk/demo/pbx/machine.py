"""What happens to a simulated call. Pure: a call and a deed in, the call after it, what the PBX says
about it and what is to happen later out. Who asks, and when, is `exchange.py`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from linedesk.demo.pbx.bodies import Body, generation_a, generation_b
from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.users import House
from linedesk.demo.switches import PbxSwitches
from linedesk.errors import Conflict

_LIVE = "call:live:progress"
_CALM_CAUSES = frozenset({"16", "17", "19", "21"})


class Deed(StrEnum):
    """Things that happen by themselves after a while."""

    RING = "ring"
    PICK_UP = "pick-up"
    FAR_RINGS = "far-rings"
    FAR_RESULT = "far-result"
    TIME_OUT = "time-out"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Later:
    """`deed` is due `after_s` seconds from now, before `time_scale`."""

    deed: Deed
    after_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one deed: the call now, bodies to deliver in this order, deeds to come."""

    call: SimCall
    bodies: tuple[Body, ...] = ()
    later: tuple[Later, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """The rules, with the house and the switches they depend on."""

    house: House
    switches: PbxSwitches

    def begin(self, call: SimCall, now_ms: int) -> Step:
        """The call enters the PBX."""
        call = replace(call, last_ms=now_ms)
        if call.click:
            call = replace(call, phase=Phase.PICKUP)
            later = [Later(Deed.TIME_OUT, self.switches.ring_timeout_s)]
            if self.switches.auto_answer_agent:
                later.append(Later(Deed.PICK_UP, self.switches.agent_answer_s))
            return Step(call, self._start(call, call.caller), tuple(later))
        if call.kind is Kind.INTERNAL:
            call = replace(call, phase=Phase.RINGING, rung=call.members)
            return Step(call, self._start(call, call.members[0]), (self._time_out(),))
        if call.kind is Kind.OUTBOUND:
            return Step(call, self._start(call, None), (Later(Deed.FAR_RINGS, self.switches.far_ring_s),))
        return Step(call, self._start(call, None), (Later(Deed.RING, self.switches.ring_delay_s),))

    def ring(self, call: SimCall, now_ms: int) -> Step:
        """An inbound call reaches its phones: all members at once, or one by one with `member_gap_s`."""
        if call.kind is not Kind.INBOUND or call.phase not in {Phase.SETUP, Phase.RINGING}:
            return Step(call)
        waiting = [each for each in call.members if each not in call.rung]
        now_rung = waiting[:1] if self.switches.member_gap_s else waiting
        first = call.phase is Phase.SETUP
        bodies: list[Body] = []
        for each in now_rung:
            call = replace(call, phase=Phase.RINGING, rung=(*call.rung, each), last_ms=next_ms(call, now_ms))
            if not call.queue or self.switches.queue_members_shown:
                bodies += self.update(call, each)
        later = [self._time_out()] if first else []
        if len(waiting) > len(now_rung):
            later.append(Later(Deed.RING, self.switches.member_gap_s))
        return Step(call, tuple(bodies), tuple(later))

    def pick_up(self, call: SimCall, now_ms: int) -> Step:
        """The agent takes the ringing phone of a click-to-dial: now the destination is dialled."""
        if call.phase is not Phase.PICKUP:
            return Step(call)
        return self.far_rings(replace(call, phase=Phase.SETUP), now_ms)

    def far_rings(self, call: SimCall, now_ms: int) -> Step:
        """The destination of an outgoing call rings."""
        if call.phase is not Phase.SETUP:
            return Step(call)
        at_ms = next_ms(call, now_ms)
        call = replace(call, phase=Phase.RINGING, dialled=True, rung=call.members, last_ms=at_ms)
        later = self.later_rings(call) if call.click else (self._time_out(),)
        return Step(call, self.update(call, call.destination), later)

    def far_result(self, call: SimCall, now_ms: int) -> Step:
        """What the far end does after it rang for a while."""
        if call.phase is not Phase.RINGING or call.members:
            return Step(call)
        match self.switches.far_result:
            case "answer":
                return self.answer(call, None, now_ms)
            case "busy":
                return self.end(call, now_ms, cause="17", by="CALLEE")
            case "reject":
                return self.end(call, now_ms, cause="21", by="CALLEE")
            case _:
                return Step(call)

    def answer(self, call: SimCall, by: str | None, now_ms: int) -> Step:
        """`by` picks up (None: whoever is first). Twice changes nothing; an ended call raises `Conflict`."""
        if not call.live:
            raise Conflict("The call has ended.")
        if call.phase in {Phase.TALKING, Phase.HELD}:
            if by is not None and call.answered_by not in {None, by}:
                raise Conflict(f"The call was answered by {call.answered_by}.")
            return Step(call)
        if call.phase is Phase.PICKUP:
            return self.pick_up(call, now_ms)
        before = self._hurry(call, now_ms)
        call = before.call
        who = self._answerer(call, by)
        at_ms = next_ms(call, now_ms)
        call = replace(call, phase=Phase.TALKING, answered_by=who, answered_ms=at_ms, last_ms=at_ms)
        callee = who if who is not None else call.destination
        # Generation A never shows an answer; there the telephony presence tells it.
        bodies = self.update(call, callee) if call.generation == "B" else ()
        return Step(call, (*before.bodies, *bodies))

    def reject(self, call: SimCall, by: str | None, now_ms: int) -> Step:
        """`by` refuses. In a ring-all the others ring on; the last refusal ends the call."""
        if not call.live:
            raise Conflict("The call has ended.")
        if call.phase in {Phase.TALKING, Phase.HELD}:
            raise Conflict("The call is answered already: hang up instead.")
        if call.phase is Phase.PICKUP:
            return self.end(call, now_ms, cause="21", by="CALLER")
        before = self._hurry(call, now_ms)
        call = before.call
        if call.members:
            who = self._answerer(call, by)
            call = replace(call, refused=(*call.refused, *([who] if who else [])))
            if call.ringing_now or len(call.rung) < len(call.members):
                return Step(call, before.bodies)
        step = self.end(call, now_ms, cause="21", by="CALLEE")
        return replace(step, bodies=(*before.bodies, *step.bodies))

    def hold(self, call: SimCall, now_ms: int) -> Step:
        """The agent puts a talking call on hold."""
        if call.phase is not Phase.TALKING:
            return Step(call)
        at_ms = next_ms(call, now_ms)
        call = replace(call, phase=Phase.HELD, held_since_ms=at_ms, last_ms=at_ms)
        return Step(call, self.update(call, call.answered_by or call.destination))

    def resume(self, call: SimCall, now_ms: int) -> Step:
        """The agent takes the call back from hold."""
        if call.phase is not Phase.HELD or call.held_since_ms is None:
            return Step(call)
        at_ms = next_ms(call, now_ms)
        held = call.hold_ms + at_ms - call.held_since_ms
        call = replace(call, phase=Phase.TALKING, held_since_ms=None, hold_ms=held, last_ms=at_ms)
        return Step(call, self.update(call, call.answered_by or call.destination))

    def end(self, call: SimCall, now_ms: int, *, cause: str = "16", by: str = "CALLER") -> Step:
        """The call is over; ending it twice changes nothing."""
        if not call.live:
            return Step(call)
        at_ms = next_ms(call, now_ms)
        held = call.hold_ms + (at_ms - call.held_since_ms if call.held_since_ms is not None else 0)
        call = replace(
            call,
            phase=Phase.ENDED,
            ended_ms=at_ms,
            end_cause=cause,
            end_by=by,
            held_since_ms=None,
            hold_ms=held,
            last_ms=at_ms,
        )
        callee = self._last_callee(call)
        if call.generation == "A":
            return Step(call, (generation_a(call, "call:end", callee, self.house, self.switches),))
        kind = "call:live:completed" if cause in _CALM_CAUSES else "call:live:interrupted"
        body = generation_b(call, kind, callee, self.house, self.switches)
        later = (Later(Deed.RECORD, self.switches.record_delay_s),) if self.switches.final_record else ()
        return Step(call, (body,), later)

    def record(self, call: SimCall, now_ms: int) -> Step:
        """The analytics family's final record, minutes after the end."""
        call = replace(call, last_ms=next_ms(call, now_ms))
        callee = self._last_callee(call)
        if call.answered_ms is None and not call.parts and self.switches.missed_record_without_callee:
            callee = None
        return Step(call, (generation_b(call, "call:completed", callee, self.house, self.switches),))

    def time_out(self, call: SimCall, now_ms: int) -> Step:
        """Nobody took it for `ring_timeout_s`."""
        if call.phase not in {Phase.PICKUP, Phase.RINGING}:
            return Step(call)
        patience_ms = self.switches.ring_timeout_s * self.switches.time_scale * 1000
        if call.parts and now_ms < call.began_ms + patience_ms:
            return Step(call)  # the time of an earlier flow
        return self.end(call, now_ms, cause="19", by="CALLEE")

    def relabel(self, call: SimCall, name: str, number: str, now_ms: int) -> Step:
        """The other side is shown with this name and number from now on; empty ones change nothing."""
        if not call.live:
            return Step(call)
        call = replace(call, name=name or call.name, shown_number=number or call.shown_number)
        call = replace(call, last_ms=next_ms(call, now_ms))
        return Step(call, self.update(call, self._last_callee(call)))

    def later_rings(self, call: SimCall) -> tuple[Later, ...]:
        """What becomes of a phone that has begun to ring."""
        if call.members or not self.switches.auto_answer_far:
            return (self._time_out(),)
        return (self._time_out(), Later(Deed.FAR_RESULT, self.switches.far_answer_s))

    def _hurry(self, call: SimCall, now_ms: int) -> Step:
        """Whoever answers at once makes the phone ring at once."""
        step = Step(call)
        if not call.members:
            return self.far_rings(call, now_ms)
        while len(step.call.rung) < len(step.call.members):
            more = self.ring(step.call, now_ms)
            if more.call == step.call:
                break
            step = Step(more.call, (*step.bodies, *more.bodies))
        return step

    def _answerer(self, call: SimCall, by: str | None) -> str | None:
        if not call.members:
            return None
        ringing = call.ringing_now
        if by is not None and by not in ringing:
            raise Conflict(f"This call does not ring at {by}.")
        if not ringing:
            raise Conflict("This call does not ring at any phone.")
        return by or ringing[0]

    def _last_callee(self, call: SimCall) -> str | None:
        if not call.members:
            # An agent who never took the own phone: the destination was never called.
            return call.destination if call.dialled else call.agent if call.click else None
        if call.answered_by is not None:
            return call.answered_by
        return call.rung[0] if len(call.rung) == 1 and not call.queue else None

    def _time_out(self) -> Later:
        return Later(Deed.TIME_OUT, self.switches.ring_timeout_s)

    def _start(self, call: SimCall, callee: str | None) -> tuple[Body, ...]:
        if self.switches.drop_start:
            return ()
        if call.generation == "A":
            return (generation_a(call, "call:start", callee, self.house, self.switches),)
        return (generation_b(call, _LIVE, callee, self.house, self.switches, trigger="call.start"),)

    def update(self, call: SimCall, callee: str | None) -> tuple[Body, ...]:
        """What the PBX says of a call that goes on, with `callee` as the other side."""
        if call.generation == "A":
            return (generation_a(call, "call:update", callee, self.house, self.switches),)
        return (generation_b(call, _LIVE, callee, self.house, self.switches, trigger="call.update"),)


def next_ms(call: SimCall, now_ms: int) -> int:
    """A time for the next body: now, but always after the body before."""
    return max(now_ms, call.last_ms + 1)
