"""Call control as far as it is read: whether it is there, the live calls and the devices of one user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.calls.model import LegStatus
from linedesk.errors import VendorForbidden, VendorGarbled, VendorNotFound, VendorRefused, VendorRouteMissing
from linedesk.pbx.base import LiveCall, Me
from linedesk.pbx.wildix.acting import may_act_for_others
from linedesk.pbx.wildix.exchange import Exchange
from linedesk.pbx.wildix.fields import clean_name, items, mapping, text, whole

LIST_CALLS = "/api/v2/call-control/list-calls"
LIST_DEVICES = "/api/v2/call-control/list-devices"
_ONLY_OWN = "The token is no administrator's, so it can act for its own extension only."
_STATUS: Mapping[str, LegStatus] = {
    "ringing": LegStatus.RINGING,
    "ring": LegStatus.RINGING,
    "connected": LegStatus.TALKING,
    "talking": LegStatus.TALKING,
    "answered": LegStatus.TALKING,
    "active": LegStatus.TALKING,
    "up": LegStatus.TALKING,
    "onhold": LegStatus.HOLD,
    "hold": LegStatus.HOLD,
    "held": LegStatus.HOLD,
}


@dataclass(frozen=True, slots=True)
class CallControl:
    """What a probe found. `for_others`: whether the credential may act for another extension than its own;
    None where the PBX doesn't show it. `reason`: a sentence when something is missing, else empty."""

    available: bool
    for_others: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a user. `contact` is the PBX's handle of it."""

    contact: str
    user_agent: str
    active: bool


class CallReading:
    """Asks one PBX; raises `VendorError`s, `VendorRouteMissing` on a PBX that is too old."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def live_calls(self, extension: str, *, interactive: bool = False) -> tuple[LiveCall, ...]:
        """The calls of one user now; calls without an id are left out."""
        data = await self._exchange.get(LIST_CALLS, {"user": extension}, interactive=interactive, look=True)
        rows = _listed(data, "calls", self._exchange.who)
        return tuple(call for row in rows if (call := _call(mapping(row))) is not None)

    async def devices(self, extension: str, *, interactive: bool = False) -> tuple[Device, ...]:
        """The devices of one user."""
        data = await self._exchange.get(LIST_DEVICES, {"user": extension}, interactive=interactive)
        rows = _listed(data, "devices", self._exchange.who)
        inner = data if "devices" in data else mapping(data.get("result"))
        active = text(mapping(inner.get("activeDevice")).get("contact"))
        found = []
        for row in map(mapping, rows):
            contact = text(row.get("contact"))
            if contact is not None:
                agent = clean_name(row.get("userAgent"))
                found.append(Device(contact, agent, row.get("active") is True or contact == active))
        return tuple(found)

    async def probe(self, extension: str, me: Me) -> CallControl:
        """Ask for the devices of `extension` once, to see what the credential (of `me`) may do."""
        own = me.extension == extension
        try:
            await self.devices(extension)
        except VendorRouteMissing as error:
            return CallControl(False, False, error.message)
        except VendorForbidden as error:
            # For somebody else's extension the PBX may only refuse the other user.
            return CallControl(me.extension is not None and not own, False, error.message)
        except (VendorNotFound, VendorRefused) as error:
            return CallControl(True, None, error.message)
        # A PBX may also ignore `user` and show the token's own devices, so an answer alone proves nothing.
        others = may_act_for_others(me)
        if others is False:
            return CallControl(True, None) if own else CallControl(True, False, _ONLY_OWN)
        return CallControl(True, others)


def leg_status(state: object) -> LegStatus:
    """A `state` in any spelling ("on-hold", "ON_HOLD", "Ringing"); what is not known is `UNKNOWN`."""
    spelled = "".join(each for each in (text(state) or "").casefold() if each.isalnum())
    return _STATUS.get(spelled, LegStatus.UNKNOWN)


def _listed(data: Mapping[str, Any], name: str, who: str) -> list[Any]:
    """Where the list may stand: on top, or under `result`."""
    for place in (data, mapping(data.get("result"))):
        if name in place:
            return items(place[name])
    result = data.get("result")
    if isinstance(result, list):
        return result
    raise VendorGarbled(f"{who} answered without a list of {name}.")


def _call(row: Mapping[str, Any]) -> LiveCall | None:
    call_id = text(row.get("sipCallId"))
    if call_id is None:
        return None
    return LiveCall(
        id=call_id,
        caller=text(row.get("callerNumber")) or "",
        caller_name=clean_name(row.get("callerName")),
        callee=text(row.get("calleeNumber")) or "",
        callee_name=clean_name(row.get("calleeName")),
        status=leg_status(row.get("state")),
        duration_s=max(whole(row.get("duration")) or 0, 0),
    )
