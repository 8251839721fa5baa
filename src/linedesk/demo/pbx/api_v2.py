"""Call control, v2: JSON bodies, keyed by `sipCallId`, `?user=` for root-admin credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.wire import Asked, Refused, message
from linedesk.errors import BadRequest, Conflict, NotFound

_DIGITS = re.compile(r"[0-9A-Da-d*#,]{1,64}")
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
    with _refusals():
        asked.exchange.click_to_dial(user, destination)
    return message()


async def list_calls(asked: Asked) -> web.StreamResponse:
    """The user's live calls."""
    user = asked.acting_user()
    now_ms = asked.exchange.now_ms()
    upper = asked.switches.state_spelling == "upper"
    calls = [_item(asked, call, user, now_ms, upper=upper) for call in asked.exchange.calls_of(user)]
    if asked.switches.list_calls_shape == "result":
        return web.json_response({"type": "result", "result": {"calls": calls}})
    return web.json_response({"calls": calls})


async def list_devices(asked: Asked) -> web.StreamResponse:
    """The user's registered phones."""
    devices = _devices(asked, asked.acting_user())
    active = next(({"contact": each["contact"]} for each in devices if each["active"]), None)
    body = {"devices": devices, "activeDevice": active}
    if asked.switches.list_devices_shape == "result":
        return web.json_response({"type": "result", "result": body})
    return web.json_response(body)


async def answer(asked: Asked) -> web.StreamResponse:
    user, call = await _named(asked)
    with _refusals():
        asked.exchange.answer(call.id, user if user in call.ringing_now else None)
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


async def blind_transfer(asked: Asked) -> web.StreamResponse:
    """The call rings at `destination`; this user is out of it."""
    user, call = await _named(asked)
    destination = await _word(asked, "destination")
    with _refusals():
        asked.exchange.transfer(call.id, user, destination)
    return message()


async def attendant_transfer(asked: Asked) -> web.StreamResponse:
    """`destination`: the `sipCallId` of the consultation, or the number or extension it goes to."""
    user, call = await _named(asked)
    destination = await _word(asked, "destination")
    consultation = _consultation(asked, user, call, destination)
    with _refusals():
        if consultation is not None:
            asked.exchange.join(call.id, consultation.id, user)
        elif asked.switches.attended_without_call == "blind":
            asked.exchange.transfer(call.id, user, destination)
        else:
            raise Refused(400, "No such channel: there is no call to the destination")
    return message()


async def dtmf(asked: Asked) -> web.StreamResponse:
    _, call = await _named(asked)
    digits = await _word(asked, "digits")
    if not _DIGITS.fullmatch(digits):
        raise Refused(400, "Parameter digits is wrong")
    if call.answered_ms is None:
        raise Refused(400, "The channel is not answered")
    asked.exchange.press(call.id, digits)
    return message()


async def update_contact_info(asked: Asked) -> web.StreamResponse:
    """Another name or number for the other side, on the screens and in the events."""
    _, call = await _named(asked)
    fields = await asked.fields()
    name, phone = fields.get("name") or "", fields.get("phone") or ""
    if not isinstance(name, str) or not isinstance(phone, str) or not (name or phone):
        raise Refused(400, "Parameter name or phone is required")
    asked.exchange.relabel(call.id, name, phone)
    return message()


async def set_active_device(asked: Asked) -> web.StreamResponse:
    user, device = asked.acting_user(), await _word(asked, "deviceId")
    if device not in [each["contact"] for each in _devices(asked, user)]:
        raise Refused(400, "Device not found")
    asked.exchange.state.active_devices[user] = device
    asked.exchange.state.save()
    return message()


@contextmanager
def _refusals() -> Iterator[None]:
    """What the exchange cannot do, as the API says it."""
    try:
        yield
    except (BadRequest, Conflict) as wrong:
        raise Refused(400, wrong.message) from None


async def _word(asked: Asked, name: str) -> str:
    value = (await asked.fields()).get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(400, f"Parameter {name} is required")
    return value.strip()


def _consultation(asked: Asked, user: str, call: SimCall, destination: str) -> SimCall | None:
    """The user's other call that `destination` means."""
    for other in asked.exchange.calls_of(user):
        names = {other.sip_call_id, other.destination, other.answered_by, other.party or other.caller}
        if other.id != call.id and destination in names - {user}:
            return other
    return None


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
        status = asked.switches.unknown_call
        raise Refused(status, "Call not found" if status == 404 else "No such channel")
    return user, call


def _devices(asked: Asked, user: str) -> list[dict[str, Any]]:
    if user in asked.switches.without_device:
        return []
    phones = {f"SIP/{user}": "WP820 demo", "Web": "Collaboration 7 demo"}
    active = asked.exchange.state.active_devices.get(user, f"SIP/{user}")
    return [
        {"contact": contact, "userAgent": agent, "active": contact == active}
        for contact, agent in phones.items()
    ]


def _item(asked: Asked, call: SimCall, user: str, now_ms: int, *, upper: bool) -> dict[str, Any]:
    house = asked.exchange.house
    number = call.party or call.caller
    caller = house.user(number) if number is not None and call.kind is not Kind.INBOUND else None
    other = call.answered_by or (user if call.members else call.destination)
    callee = house.user(other)
    shown = number or "anonymous"
    if caller is None:
        shown = call.shown_number or shown
    state = _STATES[call.phase]
    return {
        "sipCallId": call.sip_call_id,
        "callerNumber": shown,
        "callerName": caller.name if caller else call.name,
        "calleeNumber": other,
        "calleeName": callee.name if callee else "",
        "state": state.upper() if upper else state,
        "duration": (now_ms - call.answered_ms) // 1000 if call.answered_ms is not None else 0,
    }
