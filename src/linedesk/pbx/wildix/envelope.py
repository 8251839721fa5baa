"""What an answer of the PBX means: its envelope turned into the payload or into one clear `VendorError`.

An error may come with HTTP 200, a missing function with the same status as a missing record, and a reason
in words: only that reason, cleaned and cut, is ever passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
)
from linedesk.net import Reply
from linedesk.pbx.wildix.fields import whole
from linedesk.pbx.wildix.scan import Page, Row
from linedesk.plain import plain_line

_REASON_MAX = 200
_CREDENTIAL = re.compile(r"(?i)access_[\w-]+|wsk-[\w-]+|bearer\s+\S+|eyJ[\w-]+\.[\w.-]+")
_ROUTE_MISSING = "404 not found"

_Meaning = tuple[type[VendorError], str]
# 502 and 504 come from a gateway that had the request and lost the PBX: it may have been carried out.
_MEANING: Mapping[int, _Meaning] = {
    401: (VendorAuth, "refused the token"),
    403: (VendorForbidden, "doesn't let this token do that"),
    429: (VendorBusy, "gets too many requests"),
    502: (VendorTimeout, "gave no answer to the gateway in front of it"),
    503: (VendorBusy, "is busy or restarting"),
    504: (VendorTimeout, "gave no answer to the gateway in front of it"),
}
_WORDS: Mapping[str, int] = {"unauthorized": 401, "forbidden": 403, _ROUTE_MISSING: 404}
_CLIENT: _Meaning = (VendorRefused, "refused")
_SERVER: _Meaning = (VendorError, "had an error of its own")


def payload(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of a good answer, empty when it has no body; raises the fitting `VendorError`."""
    data = _object_in(reply)
    if not 200 <= reply.status < 300:
        raise _refusal(reply, reply.status, data or {})
    if data is None:
        if reply.body.strip():
            reply.json()  # says what is wrong with it
            raise VendorGarbled(f"{reply.who} answered with something else than an object.")
        return {}
    if data.get("type") == "error" or data.get("errors"):
        raise _refusal(reply, _code(data) or 400, data)
    return data


def page(data: Mapping[str, Any], who: str) -> Page:
    """A listing's `result.records` and `result.total`, which may be a text; raises `VendorGarbled`."""
    result = data.get("result")
    rows = result.get("records") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(rows, list):
        raise VendorGarbled(f"{who} answered with something else than a listing.")
    if not all(isinstance(row, dict) for row in rows):
        raise VendorGarbled(f"{who} listed something else than records.")
    total = whole(result.get("total"))
    return Page(tuple(rows), total if total is None or total >= 0 else None)


def record(data: Mapping[str, Any], record_id: str, who: str) -> Row | None:
    """The one record that was asked for, however it is wrapped; None when the answer is empty.

    Raises `VendorGarbled` when it holds only others: that is no word about the one that was meant.
    """
    result = data.get("result")
    inner = result.get("records", [result]) if isinstance(result, dict) else result
    rows = [row for row in inner if isinstance(row, dict) and row] if isinstance(inner, list) else []
    for row in rows:
        if str(row.get("id")) == record_id:
            return row
    if rows or (result and not isinstance(inner, list)):
        raise VendorGarbled(f"{who} answered with another record than the one that was asked for.")
    return None


def clean(text: object, limit: int = _REASON_MAX) -> str:
    """Text from outside as one plain line of at most `limit` characters, without credentials."""
    if not isinstance(text, str):
        return ""
    return _CREDENTIAL.sub("(hidden)", plain_line(text))[:limit]


def _object_in(reply: Reply) -> Mapping[str, Any] | None:
    try:
        data = reply.json()
    except VendorGarbled:
        return None
    return data if isinstance(data, dict) else None


def _refusal(reply: Reply, status: int, data: Mapping[str, Any]) -> VendorError:
    why = _reason(data)
    if status < 500:
        # An error that came with HTTP 200 may have its status in words only.
        status = _WORDS.get(why.casefold(), status)
    if status == 404:
        return _not_there(reply, why, data)
    kind, sentence = _MEANING.get(status, _SERVER if status >= 500 else _CLIENT)
    wait_s = reply.retry_after_s if kind is VendorBusy else None
    tail = f" (HTTP {status})" if not why else f": {why}"
    asked = f" It asks to wait {wait_s:g} s." if wait_s is not None else ""
    return kind(f"{reply.who} {sentence}{tail}.{asked}")


def _not_there(reply: Reply, why: str, data: Mapping[str, Any]) -> VendorError:
    if why.casefold() == _ROUTE_MISSING or (not why and _code(data) == 404):
        return VendorRouteMissing(f"{reply.who} doesn't have this function in its version.")
    if not data:
        return VendorGarbled(f"{reply.who} answered as something else than a PBX would (HTTP 404).")
    return VendorNotFound(f"{reply.who} doesn't find it{f': {why}' if why else ''}.")


def _reason(data: Mapping[str, Any]) -> str:
    errors = data.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if isinstance(first, dict):
        first = first.get("message")
    for text in (data.get("reason"), data.get("message"), first):
        if cleaned := clean(text).rstrip("."):
            return cleaned
    return ""


def _code(data: Mapping[str, Any]) -> int | None:
    code = data.get("code")
    text = str(code) if isinstance(code, int | str) else ""
    return int(text) if re.fullmatch(r"[45][0-9]{2}", text) else None
