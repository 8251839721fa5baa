"""Call control, v2: JSON bodies, keyed by `sipCallId`, `?user=` for root-admin credentials."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from linedesk.demo.pbx.call import Phase, SimCall
from linedesk.demo.pbx.wire import Asked, Refused, message
from linedesk.errors import BadRequest, Conflict, NotFound

_STATES = {
    Phase.SETUP: "ringing",
    Phase.PICKUP: "ringing",
    Phase.RINGING: "ringing",
    Phase.TALKING: "connected",
    Phase.HELD: "on-hold",
    Phase.ENDED: "ended",
}


async def make_call(asked: Asked) -> web.StreamResponse:
    """Click-to-dial."""
    user = asked.acting_user()
    fields = await asked.fields()
    destination = fields.get("destination")
    if not isinstance(destination, str) or not destination.strip():
        raise Refused(400, "Parameter destination is required")
    device = fields.get("device")
    devices = [each["contact"] for each in _devices(asked, user)]
    if not devices:
        raise Refused(400, "User has no active device")
    if device is not None and device not in devices:
        raise Refused(400, "Device not found")
    try:
        asked.exchange.click_to_dial(user, destination)
    except BadRequest as wrong:
        raise Refused(400, wrong.message) from None
    return message()


async def list_calls(asked: Asked) -> web.StreamResponse:
    """The user's live calls."""
    user = asked.acting_user()
    now_ms = asked.exchange.now_ms()
    upper = asked.exchange.state.switches.state_spelling == "upper"
    calls = [_item(asked, call, user, now_ms, upper=upper) for call in asked.exchange.calls_of(user)]
    if asked.exchange.state.switches.list_calls_shape == "result":
        return web.json_response({"type": "result", "result": {"calls": calls}})
    return web.json_response({"calls": calls})


async def list_devices(asked: Asked) -> web.StreamResponse:
    """The user's registered phones."""
    devices = _devices(asked, asked.acting_user())
    active = {"contact": devices[0]["contact"]} if devices else None
    return web.json_response({"devices": devices, "activeDevice": active})


async def answer(asked: Asked) -> web.StreamResponse:
    user, call = await _named(asked)
    try:
        asked.exchange.answer(call.id, user if user in call.ringing_now else None)
    except Conflict as wrong:
        raise Refused(400, wrong.message) from None
    return message()


async def hang_up(asked: Asked) -> web.StreamResponse:
    user, call = await _named(asked)
    if call.answered_ms is None and user in call.ringing_now and call.agent != user:
        asked.exchange.reject(call.id, user)
    else:
        asked.exchange.hang_up(call.id, "CALLER" if call.agent == user else "CALLEE")
    return message()


async def hold(asked: Asked) -> web.StreamResponse:
    _, call = await _named(asked)
    asked.exchange.hold(call.id)
    return message()


async def resume(asked: Asked) -> web.StreamResponse:
    _, call = await _named(asked)
    asked.exchange.resume(call.id)
    return message()


async def _named(asked: Asked) -> tuple[str, SimCall]:
    """The user and the call that the body names, which must be one of the user's."""
    user = asked.acting_user()
    wanted = (await asked.fields()).get("sipCallId")
    if not isinstance(wanted, str) or not wanted:
        raise Refused(400, "Parameter sipCallId is required")
    try:
        call = asked.exchange.call(wanted)
    except NotFound:
        call = None
    if call is None or call.sip_call_id != wanted or not call.involves(user):
        status = asked.exchange.state.switches.unknown_call
        raise Refused(status, "Call not found" if status == 404 else "No such channel")
    return user, call


def _devices(asked: Asked, user: str) -> list[dict[str, Any]]:
    if user in asked.exchange.state.switches.without_device:
        return []
    return [{"contact": f"SIP/{user}", "userAgent": "WP820 demo", "active": True}]


def _item(asked: Asked, call: SimCall, user: str, now_ms: int, *, upper: bool) -> dict[str, Any]:
    house = asked.exchange.house
    caller = house.user(call.agent) if call.agent else None
    other = call.answered_by or (user if call.agent is None else call.destination)
    callee = house.user(other)
    state = _STATES[call.phase]
    return {
        "sipCallId": call.sip_call_id,
        "callerNumber": call.caller or "anonymous",
        "callerName": caller.name if caller else call.name,
        "calleeNumber": other,
        "calleeName": callee.name if callee else "",
        "state": state.upper() if upper else state,
        "duration": (now_ms - call.answered_ms) // 1000 if call.answered_ms is not None else 0,
    }
