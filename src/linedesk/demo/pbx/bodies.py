"""Webhook bodies of both generations, written from the wire page's shapes. Pure: a call in, a dict out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.users import COMPANY, MAIN_NUMBER, SERIAL, SERVICE, TRUNK, House, User
from linedesk.demo.switches import PbxSwitches

Body = dict[str, Any]

_EMPTY = dict.fromkeys(
    (
        "company",
        "email",
        "userId",
        "userExtension",
        "userDepartment",
        "groupId",
        "groupName",
        "userAgent",
        "userDevice",
    )
)
_CAUSES = {
    "16": "Normal",
    "17": "User busy",
    "19": "No answer",
    "21": "Call Rejected",
}
_STATUS = {Phase.RINGING: "RINGING", Phase.TALKING: "TALKING", Phase.HELD: "HOLD"}


def generation_a(call: SimCall, kind: str, callee: str | None, house: House, sw: PbxSwitches) -> Body:
    """`call:start`, `call:update` or `call:end`. `status` always says CONNECTING."""
    ended = kind == "call:end"
    data: Body = {
        "status": "CONNECTING",
        "caller": _caller(call, house, sw, "A"),
        "callee": _callee(call, callee, house, "A"),
        "service": SERVICE if call.kind is Kind.INBOUND else None,
        "destination": _destination(call),
        "trunkName": TRUNK if _trunk(call, callee) else None,
        "queueName": call.queue,
        "queueId": "12" if call.queue else None,
        "tags": [],
        "flags": [],
        "endCause": call.end_cause if ended else None,
        "endCauseStr": _CAUSES.get(call.end_cause or "") if ended else None,
        "endBy": call.end_by if ended else None,
    }
    return _envelope(call, kind, data, sw)


def generation_b(
    call: SimCall, kind: str, callee: str | None, house: House, sw: PbxSwitches, *, trigger: str | None = None
) -> Body:
    """`call:live:…` or the final `call:completed`, with one flow."""
    final = kind == "call:completed"
    data: Body = {
        "id": call.id,
        "pbx": SERIAL,
        "time": call.last_ms - 50,
        "company": COMPANY,
        "licenses": ["x-bees"],
        **({"type": "call"} if final else {"event": "call"}),
        "start": _iso(call.started_ms),
        "flows": [_flow(call, callee, house, sw, final=final, first=trigger == "call.start")],
    }
    if trigger is not None:
        data["eventTrigger"] = trigger
    if call.phase is Phase.ENDED:
        data["endCause"], data["endBy"] = call.end_cause, call.end_by
    return _envelope(call, kind, data, sw)


def presence(user: User, status: str, number: int, at_ms: int) -> Body:
    """`presence:telephony` of one user."""
    return {
        "id": f"{COMPANY}_p{number:04d}",
        "pbx": SERIAL,
        "time": at_ms,
        "company": COMPANY,
        "type": "presence:telephony",
        "integrationId": "",
        "data": {
            "extension": user.extension,
            "email": user.email,
            "sourceId": user.user_id,
            "status": status,
        },
    }


def _envelope(call: SimCall, kind: str, data: Body, sw: PbxSwitches) -> Body:
    other = sw.other_envelope_id
    if other:
        data = {"id": call.id, **data}
    return {
        "id": f"{call.id}-e{call.last_ms}" if other else call.id,
        "pbx": SERIAL,
        "company": COMPANY,
        "time": call.last_ms,
        "type": kind,
        "integrationId": "",
        "data": data,
    }


def _flow(
    call: SimCall, callee: str | None, house: House, sw: PbxSwitches, *, final: bool, first: bool
) -> Body:
    until_ms = call.ended_ms or call.last_ms
    talk_ms = _talk_ms(call, until_ms)
    flow: Body = {
        "flowIndex": 0,
        "duration": max(0, until_ms - call.started_ms),
        "connectTime": 0,
        "talkTime": talk_ms,
        "waitTime": max(0, (call.answered_ms or until_ms) - call.started_ms),
        "caller": _caller(call, house, sw, "B"),
    }
    if call.hold_ms or call.held_since_ms is not None:
        flow["holdTime"] = _hold_ms(call, until_ms)
    if (other := _callee(call, callee, house, "B")) is not None:
        flow["callee"] = other
    if call.kind is Kind.INBOUND:
        flow |= {"serviceNumber": MAIN_NUMBER, "service": SERVICE, "trunkDirection": "incoming"}
    elif _trunk(call, callee):
        flow["trunkDirection"] = "outgoing"
    if "trunkDirection" in flow:
        flow["trunkName"] = TRUNK
    if call.queue:
        flow |= {"queueName": call.queue, "queueId": "12"}
    wrong = first and sw.wrong_first_direction and call.kind is not Kind.INTERNAL
    flow |= {
        "destination": _destination(call),
        "direction": "INTERNAL" if wrong else call.kind.value.upper(),
        "tags": [],
        "flags": [],
    }
    if call.kind is not Kind.INTERNAL:
        flow["remotePhone"] = _number(call, sw) if call.kind is Kind.INBOUND else call.destination
    if final:
        status = "COMPLETED" if call.answered_ms is not None else "MISSED"
        return {**flow, "callStatus": status, "startTime": call.started_ms, "endTime": call.ended_ms}
    return {**flow, "status": _status(call, sw, first=first, callee=callee)}


def _status(call: SimCall, sw: PbxSwitches, *, first: bool, callee: str | None) -> str:
    if first and sw.first_status_hold:
        return "HOLD"
    if call.phase is Phase.PICKUP:
        return "RINGING"
    if call.phase is Phase.RINGING and callee is None:
        return "CONNECTING"
    return _STATUS.get(call.phase, "CONNECTING")


def _talk_ms(call: SimCall, until_ms: int) -> int:
    if call.answered_ms is None:
        return 0
    # The first talking body of the wire already carries some milliseconds.
    return max(50, until_ms - call.answered_ms - _hold_ms(call, until_ms))


def _hold_ms(call: SimCall, until_ms: int) -> int:
    return call.hold_ms + (until_ms - call.held_since_ms if call.held_since_ms is not None else 0)


def _trunk(call: SimCall, callee: str | None) -> bool:
    return call.kind is Kind.INBOUND or (call.kind is Kind.OUTBOUND and callee == call.destination)


def _destination(call: SimCall) -> str:
    return MAIN_NUMBER if call.kind is Kind.INBOUND else call.destination


def _caller(call: SimCall, house: House, sw: PbxSwitches, generation: str) -> Body:
    user = house.user(call.caller) if call.kind is not Kind.INBOUND and call.caller else None
    if user is not None:
        return _local(user, generation)
    number = _number(call, sw)
    name = call.name or ("Anonymous" if call.caller is None else number)
    party = _remote(number, name, generation)
    if call.caller is None and sw.withheld_as == "absent":
        del party["phone"], party["name"]
    return party


def _callee(call: SimCall, callee: str | None, house: House, generation: str) -> Body | None:
    if callee is None:
        return None
    user = house.user(callee)
    return _local(user, generation) if user is not None else _remote(callee, callee, generation)


def _number(call: SimCall, sw: PbxSwitches) -> str | None:
    """The outside caller's number in the spelling that the switches ask for."""
    if call.caller is None:
        return {"anonymous": "anonymous", "empty": ""}.get(sw.withheld_as)
    if sw.caller_number == "prefixed" and call.caller.startswith("+"):
        return "00" + call.caller[1:]
    if sw.caller_number == "national" and call.caller.startswith("+44"):
        return "0" + call.caller[3:]
    return call.caller


def _local(user: User, generation: str) -> Body:
    party = {
        "type": "LOCAL",
        "phone": user.extension,
        "name": user.name,
        "company": None,
        "email": user.email,
        "userId": user.user_id,
        "userExtension": user.extension,
        "userDepartment": user.department,
        "groupId": "55",
        "groupName": "Default",
        "userAgent": None,
        "userDevice": None,
    }
    if generation == "B":
        party |= {
            "userAgent": "demo 1.0",
            "userDevice": "WILDIX_PHONE",
            "role": "AGENT",
            "license": "business",
        }
    return party


def _remote(number: str | None, name: str | None, generation: str) -> Body:
    party: Body = {"type": "REMOTE", "phone": number, "name": name}
    return {**party, **_EMPTY} if generation == "A" else {**party, "role": "CLIENT"}


def _iso(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
