"""A call on a contact's page: Freshdesk has no calls, so it becomes a closed ticket of the source phone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from html import escape
from typing import Any

from linedesk.apps.base import Refused, Unsure
from linedesk.apps.freshdesk_wire import API, Wire
from linedesk.apps.freshdesk_writing import contact_path
from linedesk.apps.http import one_line
from linedesk.apps.records import Activity
from linedesk.errors import VendorGarbled

_SOURCE_PHONE = 3
_STATUS_CLOSED = 5
_PRIORITY_LOW = 1
_TAG = "linedesk-call"
_REMEMBERED = 1000


class CallLog:
    """Writes calls. A call whose note failed is not written again by a second try with the same key."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._tickets: OrderedDict[str, str] = OrderedDict()

    async def log(self, activity: Activity) -> str:
        """The ticket's id; raises `VendorError`s."""
        ticket = self._tickets.get(activity.idempotency_key)
        if ticket is None:
            ticket = await self._ticket(activity)
        if activity.note.strip():
            # The person whose ticket it is can read the description; an agent's note is for colleagues.
            body = {"body": _divs(activity.note.splitlines()), "private": True}
            await self._written(f"{API}/tickets/{ticket}/notes", body)
        return ticket

    async def _ticket(self, activity: Activity) -> str:
        contact_path(self._wire.who, activity.record_id)
        subject = one_line(f"{_spoken(activity.direction)} call, {activity.outcome}: {activity.number}")
        lines = [
            f"Number: {activity.number}",
            f"Agent: {activity.agent}",
            f"Result: {activity.outcome}",
            f"Duration: {activity.duration_s // 60} min {activity.duration_s % 60:02d} s",
        ]
        answer = await self._written(
            f"{API}/tickets",
            {
                "requester_id": int(activity.record_id),
                "subject": subject,
                "description": _divs(lines),
                "source": _SOURCE_PHONE,
                "status": _STATUS_CLOSED,
                "priority": _PRIORITY_LOW,
                "tags": [_TAG],
            },
        )
        ticket = str(answer.get("id") or "")
        if not ticket.isascii() or not ticket.isdigit():
            raise VendorGarbled(f"{self._wire.who} did not say which ticket it made.")
        if activity.idempotency_key:
            self._tickets[activity.idempotency_key] = ticket
            while len(self._tickets) > _REMEMBERED:
                self._tickets.popitem(last=False)
        return ticket

    async def _written(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._wire.http.write("POST", path, body)
        if isinstance(answer, Refused | Unsure):
            raise answer.error
        return dict(answer)


def _spoken(direction: str) -> str:
    return {"inbound": "Incoming", "outbound": "Outgoing"}.get(direction, direction.capitalize())


def _divs(lines: Iterable[str]) -> str:
    # Half a character can't be sent; it becomes a question mark.
    text = "".join(f"<div>{escape(line)}</div>" for line in lines if line.strip())
    return text.encode("utf-8", "replace").decode()
