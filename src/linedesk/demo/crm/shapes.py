"""Of which type each field of a body must be, and the answer to one that is of another. Pure.

What a right type then says (is there such a company?) is checked where the record is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linedesk.demo.crm.wire import FieldError, invalid

Check = Callable[[Any], bool]
Shape = Mapping[str, tuple[Check, str]]

_ID_MAX = 10**18


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _whole(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < _ID_MAX)


def _ids(value: Any) -> bool:
    return isinstance(value, list) and all(each is not None and _whole(each) for each in value)


def _companies(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and each.get("company_id") is not None and _whole(each["company_id"])
        for each in value
    )


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _table(value: Any) -> bool:
    return value is None or isinstance(value, dict)


TEXT, WHOLE = (_text, "String"), (_whole, "Positive Integer")
_TEXTS, _TABLE, _TRUTH = (_texts, "Array of Strings"), (_table, "key/value pair"), (_truth, "Boolean")

CONTACT: Shape = {
    **dict.fromkeys(
        (
            "name",
            "email",
            "phone",
            "mobile",
            "address",
            "description",
            "job_title",
            "unique_external_id",
            "language",
            "time_zone",
            "twitter_id",
        ),
        TEXT,
    ),
    "company_id": WHOLE,
    "tags": _TEXTS,
    "other_emails": _TEXTS,
    "other_companies": (_companies, "Array of Objects"),
    "view_all_tickets": _TRUTH,
    "custom_fields": (lambda value: isinstance(value, dict), "key/value pair"),
}
MERGE: Shape = {
    "primary_contact_id": WHOLE,
    "secondary_contact_ids": (_ids, "Array of Positive Integers"),
    "contact": _TABLE,
}
COMPANY: Shape = {
    **dict.fromkeys(
        ("name", "description", "note", "health_score", "account_tier", "renewal_date", "industry"), TEXT
    ),
    "domains": _TEXTS,
    "custom_fields": _TABLE,
}
TICKET: Shape = {
    **dict.fromkeys(
        ("subject", "description", "email", "phone", "name", "unique_external_id", "type", "due_by"), TEXT
    ),
    **dict.fromkeys(("requester_id", "status", "priority", "source", "company_id", "group_id"), WHOLE),
    "responder_id": WHOLE,
    "tags": _TEXTS,
    "cc_emails": _TEXTS,
    "custom_fields": _TABLE,
}
NOTE: Shape = {"body": TEXT, "private": _TRUTH, "incoming": _TRUTH, "user_id": WHOLE, "notify_emails": _TEXTS}


def wrong_types(body: Mapping[str, Any], shape: Shape) -> list[FieldError]:
    """What is wrong with the fields of a body: unknown ones, and those of another type."""
    errors = []
    for name, value in body.items():
        check = shape.get(name)
        if check is None:
            errors.append(FieldError(name, "Unexpected/invalid field in request", "invalid_field"))
        elif not check[0](value):
            message = f"Value set is of type {_type(value)}. Give a/an {check[1]}"
            errors.append(FieldError(name, message, "datatype_mismatch"))
    return errors


def check_shape(body: Mapping[str, Any], shape: Shape) -> None:
    """Raises `Refusal` (400) for a body that does not fit."""
    if errors := wrong_types(body, shape):
        raise invalid(errors)


def _type(value: Any) -> str:
    names = {bool: "Boolean", int: "Integer", str: "String", list: "Array", dict: "Hash"}
    return names.get(type(value), "Null")
