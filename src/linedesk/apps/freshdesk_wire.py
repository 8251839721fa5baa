"""Freshdesk's wire: addresses, error bodies as sentences, budgets of the plans, times. No fields, no walks.

Source: the public API v2 documentation, developers.freshdesk.com/api.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from linedesk.apps.http import AppHttp, Remedies, by_status, one_line
from linedesk.apps.kind import AccountContext
from linedesk.budget_learned import LearnedBudget, Part
from linedesk.errors import VendorDuplicate, VendorError, VendorGarbled, VendorInvalid, VendorRefused
from linedesk.net import HttpClient, Reply

API = "/api/v2"
REMEDIES = Remedies(
    credential=(
        "Copy the API key anew from Freshdesk, under Profile settings and View API key, into the account."
    ),
    rights="Use the API key of a Freshdesk administrator, or give its agent's role the right to contacts.",
    address="Put your own Freshdesk address into the account, like https://acme.freshdesk.com.",
)
_INVALID = frozenset({400, 422})
_LISTS = {200: 20, 400: 100, 700: 200}
_LISTS_UNTIL = 50  # the trial has no documented number for lists

Row = Mapping[str, Any]
Labels = Callable[[str], str]
"""From a wire name to what people call the field."""

_SAYS: Mapping[str, str] = {
    "missing_field": "needs a value for the field {label}",
    "invalid_value": "does not accept the value of the field {label}",
    "datatype_mismatch": "wants another kind of value in the field {label}",
    "invalid_field": "does not know the field {label}",
    "readonly_field": "does not let anyone write the field {label}",
    "inaccessible_field": "does not let this API key write the field {label}",
}


class Wire:
    """The account's HTTP with Freshdesk's errors and its two budgets."""

    def __init__(self, context: AccountContext, api_key: str) -> None:
        settings = context.settings
        self.base = context.url.rstrip("/")
        self.who = context.who
        self.labels: Labels = str
        self.budget = LearnedBudget(context.clock, context.who, limit=settings.calls_per_minute)
        self.lists: Part = self.budget.part(settings.list_calls_per_minute, list_share)
        self._key = api_key
        basic = base64.b64encode(f"{api_key}:X".encode()).decode()
        self.http = AppHttp(
            HttpClient(self.base, who=context.who, timeout_s=context.timeout_s, reach=context.reach),
            self.budget,
            context.clock,
            headers={"Authorization": f"Basic {basic}"},
            remedies=REMEDIES,
            judge=self._judge,
            secrets=(api_key, basic),
        )

    def _judge(self, reply: Reply) -> VendorError | None:
        body = _body(reply)
        if reply.status == 404 and body is None and reply.body.strip():
            return VendorGarbled(f"{self.who} answered as something else than Freshdesk would (HTTP 404).",
                                 remedy=REMEDIES.address)  # fmt: skip
        if body is None:
            return None
        faults = _faults(body)
        if reply.status == 409 or (reply.status in _INVALID and any(map(_is_duplicate, faults))):
            return self._duplicate(faults)
        if reply.status in _INVALID and faults:
            return self._invalid(faults[0])
        why = self.http.words(body.get("message") or body.get("description"))
        if reply.status == 403 and body.get("code") == "require_feature":
            return VendorRefused(f"{self.who} doesn't have this function in its plan{_tail(why)}")
        return by_status(reply, REMEDIES, why)

    def _duplicate(self, faults: list[dict[str, Any]]) -> VendorError:
        fault: Mapping[str, Any] = next(filter(_is_duplicate, faults), {})
        info = fault.get("additional_info")
        holder = number_of(info.get("user_id")) if isinstance(info, dict) else None
        label = self.labels(one_line(fault.get("field"))) or "a field"
        return VendorDuplicate(
            f"{self.who} already has this value of {label} on another contact.",
            holder=str(holder) if holder else None,
        )

    def _invalid(self, fault: Mapping[str, Any]) -> VendorError:
        field, code = one_line(fault.get("field")), str(fault.get("code") or "")
        says = _SAYS.get(code, "refused the field {label}" if field else "refused the request")
        why = self.http.words(fault.get("message"))
        sentence = says.format(label=self.labels(field) or "that was sent")
        return VendorInvalid(f"{self.who} {sentence}{_tail(why)}", field=field or None)


ID = re.compile(r"[1-9][0-9]{0,19}")


def refuses_name(reply: Reply, name: str) -> bool:
    """Whether a 400 says that it does not know the parameter `name`."""
    body = _body(reply) if reply.status == 400 else None
    return any(
        each.get("field") == name and each.get("code") == "invalid_field" for each in _faults(body or {})
    )


def list_share(total: int) -> int:
    """How many of a minute's calls may be lists of contacts: by plan, else the smallest share of any plan."""
    return _LISTS.get(total, total if total <= _LISTS_UNTIL else total // 10)


def id_of(who: str, row: Row) -> str:
    """The id of a contact or company, a number or its digits; raises `VendorGarbled` without one.

    It becomes part of addresses, so nothing else may pass for one.
    """
    row_id = row.get("id")
    if isinstance(row_id, bool) or not row_id or not ID.fullmatch(str(row_id)):
        raise VendorGarbled(f"{who} gave a record without an id.", remedy=REMEDIES.address)
    return str(row_id)


def number_of(value: object) -> int | None:
    """A number of the wire, which may come as its digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def server_ms(reply: Reply) -> int | None:
    """The answer's own time in epoch milliseconds."""
    try:
        return round(parsedate_to_datetime(reply.headers.get("date", "")).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return None


def to_ms(text: object) -> int | None:
    """A time of the wire (`2026-01-31T12:00:00Z`) in epoch milliseconds; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
        # A zone can lead out of the years that there are.
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return round(when.timestamp() * 1000)


def to_text(at_ms: int) -> str:
    """Epoch milliseconds as the wire wants them, whole seconds."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_NEXT = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"[^"]*"|[^\s,;"]+))*)')
_REL_NEXT = re.compile(r';\s*rel\s*=\s*"?next"?', re.IGNORECASE)


def next_link(reply: Reply) -> str | None:
    """The address of the next page as the `link` header has it."""
    for url, parameters in _NEXT.findall(reply.headers.get("link", "")):
        if _REL_NEXT.search(parameters):
            return str(url)
    return None


def _body(reply: Reply) -> Mapping[str, Any] | None:
    try:
        value = reply.json()
    except VendorGarbled:
        return None
    return value if isinstance(value, dict) else None


def _faults(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = body.get("errors")
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _is_duplicate(fault: Mapping[str, Any]) -> bool:
    return fault.get("code") == "duplicate_value"


def _tail(why: str) -> str:
    return f": {why.rstrip('.')}." if why else "."
