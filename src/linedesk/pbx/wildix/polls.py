"""Polls as events: what changed between two looks at an extension's calls, as bodies for the inbox, and back.

Pure. A body is self-contained: it tells one call of one extension, when it was first seen, and whether it may
open a call. An unchanged look makes no body, but for a sign of life now and then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from linedesk.calls.model import CallEvent, Glimpse, Leg, LegStatus, Party, Stage
from linedesk.pbx.base import LiveCall
from linedesk.pbx.wildix.fields import clean_name, mapping, text, time_ms

TYPE = "linedesk:poll"
SOURCE = "polling"
ALIVE_MS = 60_000
"""An unchanged call is told again after this long, so that its silence is not taken for its end."""

_ID_MAX = 200
_STAGES = {"new": Stage.START, "changed": Stage.UPDATE, "gone": Stage.END}
_STATUSES = {each.value: each for each in LegStatus}


@dataclass(frozen=True, slots=True)
class Seen:
    """One call of an extension, over all looks. Times are epoch ms of our clock; `since_ms` is the last look
    without it (None: there was none), `told_ms` when a body told of it last, `drove` what that body said."""

    call: LiveCall
    first_ms: int
    since_ms: int | None
    told_ms: int
    answered_ms: int | None = None
    drove: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One extension's calls at `at_ms`; None: never looked, and `seen` is from before a restart."""

    at_ms: int | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def remembered(cls, handles: Iterable[str]) -> Look:
        """The calls that the tracker still holds open, before the first look of this process."""
        blank = {each: LiveCall(each, "", "", "", "", LegStatus.UNKNOWN) for each in handles}
        return cls(None, {each: Seen(call, 0, None, 0, drove=True) for each, call in blank.items()})


@dataclass(frozen=True, slots=True)
class Drive:
    """Whether polls may open calls, and how long a call must have been seen before they do."""

    on: bool
    hold_ms: int = 0

    def of(self, first_ms: int, now_ms: int) -> bool:
        # Seen first at a moment that lies ahead: the clock was set back meanwhile.
        return self.on and not 0 <= now_ms - first_ms < self.hold_ms


def compare(
    extension: str, before: Look, calls: Sequence[LiveCall], now_ms: int, drive: Drive
) -> tuple[Look, tuple[bytes, ...]]:
    """The new look, and a body for each call that came, changed or went. Calls without an id are left out.

    What is told of one call never goes back in time, though our clock may be set back while it lives.
    """
    bodies: list[bytes] = []
    seen: dict[str, Seen] = {}
    for call in calls:
        if not call.id or call.id in seen:
            continue
        old = before.seen.get(call.id)
        new = _seen(call, old, before, now_ms, drive)
        if old is None or _is_news(old, new, now_ms):
            new = replace(new, told_ms=max(now_ms, new.told_ms))
            bodies.append(body_of(extension, "changed" if old else "new", new, new.told_ms))
        seen[call.id] = new
    gone = [old for handle, old in before.seen.items() if handle not in seen]
    bodies += (body_of(extension, "gone", old, max(now_ms, old.told_ms)) for old in gone)
    return Look(now_ms, seen), tuple(bodies)


def absent(extension: str, call_id: str, now_ms: int) -> bytes:
    """The body for a call that webhooks told of and that the extension does not have any more."""
    call = LiveCall(call_id, "", "", "", "", LegStatus.UNKNOWN)
    return body_of(extension, "gone", Seen(call, now_ms, None, now_ms), now_ms)


def body_of(extension: str, news: str, seen: Seen, now_ms: int) -> bytes:
    """One body; `news` is `new`, `changed` or `gone`."""
    call = seen.call
    data = {
        "extension": extension,
        "news": news,
        "firstSeen": seen.first_ms or now_ms,
        "notBefore": seen.since_ms,
        "answered": seen.answered_ms,
        "drives": seen.drove,
        "call": {
            "sipCallId": call.id,
            "callerNumber": call.caller,
            "callerName": call.caller_name,
            "calleeNumber": call.callee,
            "calleeName": call.callee_name,
            "state": call.status.value,
            "duration": call.duration_s,
        },
    }
    envelope = {"id": call.id, "time": now_ms, "type": TYPE, "data": data}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def event_of(account: str, envelope: Mapping[str, Any]) -> CallEvent | None:
    """The event of one body; None if it lacks what it needs."""
    data = mapping(envelope.get("data"))
    call = mapping(data.get("call"))
    handle, extension = text(call.get("sipCallId"), _ID_MAX), text(data.get("extension"))
    at_ms, stage = time_ms(envelope.get("time")), _STAGES.get(text(data.get("news")) or "")
    if handle is None or extension is None or at_ms is None or stage is None:
        return None
    answered_ms, first_ms = time_ms(data.get("answered")), time_ms(data.get("firstSeen")) or at_ms
    return CallEvent(
        account=account,
        call_id=handle,
        stage=stage,
        at_ms=at_ms,
        legs=(_leg(extension, call, talks=answered_ms is not None),),
        started_ms=min(first_ms, answered_ms or first_ms),
        source=SOURCE,
        glimpse=Glimpse(
            extension=extension,
            handle=handle,
            since_ms=time_ms(data.get("notBefore")),
            answered_ms=answered_ms,
            drives=data.get("drives") is True,
        ),
    )


def _seen(call: LiveCall, old: Seen | None, before: Look, now_ms: int, drive: Drive) -> Seen:
    known = old is not None and old.first_ms > 0
    first_ms = old.first_ms if old is not None and known else now_ms
    answered_ms = old.answered_ms if old is not None else None
    if answered_ms is None and _talks(call):
        at_ms = now_ms if old is None else max(now_ms, old.told_ms)
        answered_ms = max(1, at_ms - max(0, call.duration_s) * 1000)
    looked_ms = before.at_ms if before.at_ms is None else min(before.at_ms, now_ms)
    return Seen(
        call=call,
        first_ms=first_ms,
        since_ms=old.since_ms if old is not None and known else looked_ms,
        told_ms=old.told_ms if old is not None else now_ms,
        answered_ms=answered_ms,
        # What it opened once it goes on telling: webhooks that come meanwhile only find it open.
        drove=drive.of(first_ms, now_ms) or (old is not None and old.drove),
    )


def _talks(call: LiveCall) -> bool:
    """By its state; only where that is not understood, by its length."""
    if call.status is LegStatus.UNKNOWN:
        return call.duration_s > 0
    return call.status is not LegStatus.RINGING


def _is_news(old: Seen, new: Seen, now_ms: int) -> bool:
    if old.drove != new.drove or now_ms - old.told_ms >= ALIVE_MS:
        return True
    return replace(old.call, duration_s=0) != replace(new.call, duration_s=0)


def _leg(extension: str, call: Mapping[str, Any], *, talks: bool) -> Leg:
    """The extension is the caller or the callee as the numbers say; in doubt it is called."""
    caller, callee = text(call.get("callerNumber")), text(call.get("calleeNumber"))
    me = Party(local=True, phone=extension, extension=extension)
    own = caller == extension and callee != extension
    other = callee if own else caller
    name = clean_name(call.get("calleeName" if own else "callerName"))
    there = Party(local=False, phone=other, name=name if name and name != other else None, typed=False)
    return Leg(
        index=None,
        caller=me if own else there,
        callee=there if own else me,
        destination=callee,
        status=_STATUSES.get((text(call.get("state")) or "").lower(), LegStatus.UNKNOWN),
        talk_ms=1 if talks else 0,
    )
