"""Transfers of a simulated call, blind and attended. Pure, as `machine.py` is.

The customer's call keeps its id and gets a new flow; a consultation has an id of its own and ends when
the customer is moved into its place.
"""

from __future__ import annotations

from dataclasses import replace

from linedesk.demo.pbx.call import Phase, SimCall
from linedesk.demo.pbx.machine import Machine, Step, next_ms
from linedesk.errors import Conflict

_TALKS = frozenset({Phase.TALKING, Phase.HELD})


def blind(machine: Machine, call: SimCall, by: str, to: str, now_ms: int) -> Step:
    """`by` sends the other side to `to`, which rings; raises `Conflict` for what cannot be."""
    party = _kept(machine, call, by)
    if to in {by, call.party or call.caller, call.answered_by or call.destination}:
        raise Conflict("The call cannot be transferred to one of its own sides.")
    members = (to,) if machine.house.user(to) is not None else ()
    at_ms = next_ms(call, now_ms)
    moved = call.next_flow(
        "blind",
        at_ms,
        party=party,
        destination=to,
        members=members,
        rung=members,
        phase=Phase.RINGING,
    )
    return Step(moved, machine.update(moved, to), machine.later_rings(moved))


def attended(
    machine: Machine, call: SimCall, consultation: SimCall, by: str, now_ms: int
) -> tuple[Step, Step]:
    """Whom `by` consults takes over `call`; answers the steps of the call and of the consultation."""
    party, to = _kept(machine, call, by), _consulted(consultation, by)
    local = machine.house.user(to) is not None
    members = (to,) if local else ()
    at_ms = next_ms(call, now_ms)
    moved = call.next_flow(
        "attended", at_ms, party=party, destination=to, members=members, rung=members, phase=Phase.RINGING
    )
    later = machine.later_rings(moved)
    if consultation.phase in _TALKS:
        answered_by = to if local else None
        moved = replace(moved, phase=Phase.TALKING, answered_by=answered_by, answered_ms=at_ms)
        later = ()
    step = Step(moved, machine.update(moved, to), later)
    over = machine.end(replace(consultation, merged_into=call.id), now_ms)
    return step, over


def _kept(machine: Machine, call: SimCall, by: str) -> str | None:
    """The caller of the new flow where it is not the call's own; `by` must be a user who talks in it."""
    if machine.house.user(by) is None:
        raise Conflict("Only a user of this phone system can transfer a call.")
    if call.phase not in _TALKS:
        raise Conflict("Only a call that was answered can be transferred.")
    if by == call.answered_by:
        return call.party
    if by == call.agent:
        return call.answered_by or call.destination
    raise Conflict("This user is not in the call.")


def _consulted(consultation: SimCall, by: str) -> str:
    if consultation.phase not in _TALKS and not (consultation.dialled or consultation.rung):
        raise Conflict("The consultation has not reached anybody yet.")
    if not consultation.live:
        raise Conflict("The consultation has ended.")
    if by == consultation.agent:
        return consultation.answered_by or consultation.destination
    other = consultation.party or consultation.caller
    if by != consultation.answered_by or other is None:
        raise Conflict("This user is not in the consultation.")
    return other
