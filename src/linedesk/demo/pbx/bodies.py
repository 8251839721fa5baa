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
_WHO = frozenset({"type", "phone", "userExtension"})
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
        "caller": _spare(_caller(call, house, sw, "A"), sw),
        "callee": _spare(_callee(call, callee, house, "A"), sw),
        "service": SERVICE if call.kind is Kind.INBOUND else None,
        "destination": _destination(call),
        "trunkName": TRUNK if _trunk(call, callee) else None,
        "queueName": _queue(call),
        "queueId": "12" if _queue(call) else None,
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
    """`call:live:…` or the final `call:completed`: the present flow, and at the end all of them."""
    final = kind == "call:completed"
    data: Body = {
        "id": call.id,
        "pbx": SERIAL,
        "time": call.last_ms - 50,
        "company": COMPANY,
        "licenses": ["x-bees"],
        **({"type": "call"} if final else {"event": "call"}),
        "start": _iso(call.started_ms),
        "flows": [
            *(
                _flow(each, each.answered_by or each.destination, house, sw, final=final, first=False)
                for each in (call.flows()[:-1] if call.phase is Phase.ENDED else ())
            ),
            _flow(call, callee, house, sw, final=final, first=trigger == "call.start"),
        ],
    }
    if trigger is not None:
        data["eventTrigger"] = trigger
    if call.phase is Phase.ENDED:
        data["endCause"], data["endBy"] = call.end_cause, call.end_by
    return _envelope(call, kind, data, sw)


def presence(user: User, status: str, number: int, at_ms: int) -> Body:
    """`presence:telephony` of one user."""
    return _presence(user, "presence:telephony", {"status": status}, number, at_ms)


def user_presence(user: User, mood: Body, number: int, at_ms: int) -> Body:
    """`presence:user`: what the user has set, with `status`, `message` and `until`."""
    place = {"address": None, "lat": None, "lng": None}
    data = {**mood, "until": mood["until"] or None, "location": place}
    return _presence(user, "presence:user", data, number, at_ms)


def conference_presence(user: User, status: str, number: int, at_ms: int) -> Body:
    """`presence:conference`: whether the user is in a meeting."""
    return _presence(user, "presence:conference", {"status": status}, number, at_ms)


def stranger(body: Body) -> Body:
    """A body of a type that nobody has heard of, about the same call."""
    return {**body, "type": "call:live:sentiment", "data": {"id": body["id"], "score": 0.5}}


def _presence(user: User, kind: str, more: Body, number: int, at_ms: int) -> Body:
    return {
        "id": f"{COMPANY}_p{number:04d}",
        "pbx": SERIAL,
        "time": at_ms,
        "company": COMPANY,
        "type": kind,
        "integrationId": "",
        "data": {
            "extension": user.extension,
            "email": user.email,
            "sourceId": user.user_id,
            **more,
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
        "flowIndex": len(call.parts),
        "duration": max(0, until_ms - call.began_ms),
        "connectTime": 0,
        "talkTime": talk_ms,
        "waitTime": max(0, (call.answered_ms or until_ms) - call.began_ms),
        "caller": _spare(_caller(call, house, sw, "B"), sw),
    }
    if call.hold_ms or call.held_since_ms is not None:
        flow["holdTime"] = _hold_ms(call, until_ms)
    if (other := _spare(_callee(call, callee, house, "B"), sw)) is not None:
        flow["callee"] = other
    if call.kind is Kind.INBOUND:
        flow |= {"serviceNumber": MAIN_NUMBER, "service": SERVICE, "trunkDirection": "incoming"}
    elif _trunk(call, callee):
        flow["trunkDirection"] = "outgoing"
    if "trunkDirection" in flow:
        flow["trunkName"] = TRUNK
    if queue := _queue(call):
        flow |= {"queueName": queue, "queueId": "12"}
    wrong = first and sw.wrong_first_direction and call.kind is not Kind.INTERNAL
    flow |= {
        "destination": _destination(call),
        "direction": "INTERNAL" if wrong else call.kind.value.upper(),
        "tags": [],
        "flags": [],
    }
    if call.kind is not Kind.INTERNAL:
        outside = call.party or call.destination
        flow["remotePhone"] = _number(call, sw) if call.kind is Kind.INBOUND else outside
    flow |= _split(call, sw)
    if final:
        status = "COMPLETED" if call.answered_ms is not None else "MISSED"
        return {**flow, "callStatus": status, "startTime": call.began_ms, "endTime": call.ended_ms}
    status = _status(call, sw, first=first, callee=callee)
    spelt = {"lower": status.lower(), "unknown": "PROCEEDING"}.get(sw.status_spelling, status)
    return {**flow, "status": spelt}


def _status(call: SimCall, sw: PbxSwitches, *, first: bool, callee: str | None) -> str:
    if first and sw.first_status_hold:
        return "HOLD"
    if call.phase is Phase.PICKUP:
        return "RINGING"
    if call.phase is Phase.RINGING and (callee is None or call.parts):
        return "CONNECTING"
    return _STATUS.get(call.phase, "CONNECTING")


def _split(call: SimCall, sw: PbxSwitches) -> Body:
    """Why this flow began, where a transfer began it; what a consultation was merged with."""
    merged = {"mergeWith": call.merged_into} if call.merged_into else {}
    if call.split is None or sw.split_spelling == "absent":
        return merged
    reason, kind = "TRANSFER", call.split.upper()
    if sw.split_spelling == "lower":
        reason, kind = reason.lower(), kind.lower()
    return {**merged, "splitReason": reason, "splitTransferType": kind}


def _queue(call: SimCall) -> str | None:
    return None if call.parts else call.queue


def _talk_ms(call: SimCall, until_ms: int) -> int:
    if call.answered_ms is None:
        return 0
    # The first talking body of the wire already carries some milliseconds.
    return max(50, until_ms - call.answered_ms - _hold_ms(call, until_ms))


def _hold_ms(call: SimCall, until_ms: int) -> int:
    return call.hold_ms + (until_ms - call.held_since_ms if call.held_since_ms is not None else 0)


def _trunk(call: SimCall, callee: str | None) -> bool:
    if call.kind is Kind.OUTBOUND:
        return callee == call.destination or bool(call.parts)
    return call.kind is Kind.INBOUND


def _destination(call: SimCall) -> str:
    return MAIN_NUMBER if call.kind is Kind.INBOUND and not call.parts else call.destination


def _caller(call: SimCall, house: House, sw: PbxSwitches, generation: str) -> Body:
    caller = call.party or call.caller
    user = house.user(caller) if call.kind is not Kind.INBOUND and caller else None
    if user is not None:
        return _local(user, generation)
    if call.party is not None:
        return _remote(call.shown_number or call.party, call.name or call.party, generation)
    number = _number(call, sw)
    name = call.name or ("Anonymous" if call.caller is None else number)
    party = _remote(call.shown_number or number, name, generation)
    if call.caller is None and sw.withheld_as == "absent":
        del party["phone"], party["name"]
    return party


def _callee(call: SimCall, callee: str | None, house: House, generation: str) -> Body | None:
    if callee is None:
        return None
    user = house.user(callee)
    if user is not None:
        return _local(user, generation)
    if callee != call.destination or call.parts:
        return _remote(callee, callee, generation)
    return _remote(call.shown_number or callee, call.name or callee, generation)


def _spare(party: Body | None, sw: PbxSwitches) -> Body | None:
    """The participant with no more than what tells who it is; the rest empty or not there."""
    if party is None or sw.participant_fields == "usual":
        return party
    if sw.participant_fields == "null":
        return {name: value if name in _WHO else None for name, value in party.items()}
    return {name: value for name, value in party.items() if name in _WHO and value is not None}


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
