"""The decoder: one webhook body of a Wildix PBX, of either generation, or one poll's body to one event.

Pure. It reads what is there and believes none of it more than needed: direction, answer and agent are the
tracker's business. Shapes: the vendor's webhook pages; every field may be null, missing or of another type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.calls.model import (
    CallEvent,
    Event,
    Leg,
    LegStatus,
    Party,
    PresenceEvent,
    Stage,
    Telephony,
)
from linedesk.errors import HookNotJson
from linedesk.pbx.wildix import polls
from linedesk.pbx.wildix.fields import TEXT_MAX, clean_name, items, mapping, text, time_ms, whole

_ID_MAX = 200
_LEGS_MAX = 200
_TAGS_MAX = 50
_STAGES = {
    "call:start": Stage.START,
    "call:update": Stage.UPDATE,
    "call:end": Stage.END,
    "call:live:progress": Stage.UPDATE,
    "call:live:completed": Stage.END,
    "call:live:interrupted": Stage.END,
    "call:completed": Stage.RECORD,
}
_PRESENCE = "presence:telephony"
_WITHOUT_EVENT = frozenset({"presence:user", "presence:conference", "call:live:transcription"})
_TELEPHONY = {each.value: each for each in Telephony}
_STATUSES = {
    "RINGING": LegStatus.RINGING,
    "TALKING": LegStatus.TALKING,
    "ANSWERED": LegStatus.TALKING,
    "CONNECTED": LegStatus.TALKING,
    "HOLD": LegStatus.HOLD,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """`event` is None where the type says nothing about a call, is unknown, or lacks what it needs."""

    event: Event | None
    event_type: str
    known: bool


def decode(account: str, body: bytes) -> Decoded:
    """Read one body. Raises only `HookNotJson`: no JSON, or JSON without an envelope (`type` and `data`)."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        raise HookNotJson("The body is not JSON.") from None
    if not isinstance(envelope, dict):
        raise HookNotJson("The body is JSON, but no event: it must be an object.")
    event_type = text(envelope.get("type"))
    if event_type is None or not isinstance(envelope.get("data"), dict):
        raise HookNotJson("The body is JSON, but no event: it must have a `type` and an object `data`.")
    if event_type == _PRESENCE:
        return Decoded(_presence(account, envelope), event_type, True)
    if event_type == polls.TYPE:
        return Decoded(polls.event_of(account, envelope), event_type, True)
    if event_type in _STAGES:
        return Decoded(_call(account, envelope, _STAGES[event_type]), event_type, True)
    return Decoded(None, event_type, event_type in _WITHOUT_EVENT)


def _presence(account: str, envelope: Mapping[str, Any]) -> PresenceEvent | None:
    data = mapping(envelope["data"])
    at_ms = time_ms(envelope.get("time")) or time_ms(data.get("time"))
    if at_ms is None:
        return None
    status = (text(data.get("status")) or "").lower()
    return PresenceEvent(
        account=account,
        at_ms=at_ms,
        status=_TELEPHONY.get(status, Telephony.OTHER),
        extension=text(data.get("extension")),
        email=text(data.get("email"), _ID_MAX),
        user_id=text(data.get("sourceId")),
    )


def _call(account: str, envelope: Mapping[str, Any], stage: Stage) -> CallEvent | None:
    data = mapping(envelope["data"])
    call_id = text(data.get("id"), _ID_MAX) or text(envelope.get("id"), _ID_MAX)
    at_ms = time_ms(envelope.get("time")) or time_ms(data.get("time"))
    if call_id is None or at_ms is None:
        return None
    if text(data.get("eventTrigger")) == "call.start" and stage is Stage.UPDATE:
        stage = Stage.START
    flows = [mapping(flow) for flow in items(data.get("flows"))[:_LEGS_MAX] if isinstance(flow, dict)]
    tags = _tags(data) if flows else ()
    legs = tuple(_leg(flow, n, tags) for n, flow in enumerate(flows)) if flows else (_leg(data, None),)
    return CallEvent(
        account=account,
        call_id=call_id,
        stage=stage,
        at_ms=at_ms,
        legs=legs,
        end_cause=text(data.get("endCause")),
        end_by=text(data.get("endBy")),
        started_ms=_started_ms(data, flows),
        ended_ms=max((at for flow in flows if (at := time_ms(flow.get("endTime")))), default=None),
    )


def _started_ms(data: Mapping[str, Any], flows: list[Mapping[str, Any]]) -> int | None:
    started = time_ms(data.get("start"))
    if started is not None:
        return started
    return min((at for flow in flows if (at := time_ms(flow.get("startTime")))), default=None)


def _leg(flow: Mapping[str, Any], number: int | None, tags: tuple[str, ...] = ()) -> Leg:
    """`number` is the place in the list of flows, used where the flow has no index; None: generation A.

    `tags` are those that stand beside the flows.
    """
    index = whole(flow.get("flowIndex"))
    return Leg(
        index=index if index is not None and index >= 0 else number,
        caller=_party(flow.get("caller")),
        callee=_party(flow.get("callee")),
        destination=text(flow.get("destination")),
        status=_STATUSES.get((text(flow.get("status")) or "").upper(), LegStatus.UNKNOWN),
        talk_ms=max(whole(flow.get("talkTime")) or 0, 0),
        queue=clean_name(flow.get("queueName")) or None,
        service_number=text(flow.get("serviceNumber")),
        remote_phone=text(flow.get("remotePhone")),
        missed=(text(flow.get("callStatus")) or "").upper() == "MISSED",
        tags=tuple(dict.fromkeys((*tags, *_tags(flow)))),
    )


def _tags(flow: Mapping[str, Any]) -> tuple[str, ...]:
    """Whole tags only: one that is too long says something else when it is cut."""
    said = items(flow.get("tags"))[:_TAGS_MAX]
    read = (text(tag) for tag in said if not isinstance(tag, str) or len(tag) <= TEXT_MAX)
    return tuple(dict.fromkeys(tag for tag in read if tag))


def _party(value: Any) -> Party | None:
    party = mapping(value)
    if not any(each for each in party.values()):
        return None
    kind = (text(party.get("type")) or "").upper()
    extension = text(party.get("userExtension"))
    user_id = text(party.get("userId"))
    typed = kind in ("LOCAL", "REMOTE")
    role = (text(party.get("role")) or "").upper()
    phone = text(party.get("phone"))
    name = clean_name(party.get("name"))
    return Party(
        local=kind == "LOCAL" if typed else bool(extension or user_id or role == "AGENT"),
        phone=phone,
        # Where no name is known the PBX repeats the number; that is no name.
        name=name if name and name != phone else None,
        company=clean_name(party.get("company")) or None,
        email=text(party.get("email"), _ID_MAX),
        user_id=user_id,
        extension=extension,
        typed=typed,
    )
