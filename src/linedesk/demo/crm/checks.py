"""What the simulated Freshdesk accepts in a body, and the record that results."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.shapes import CONTACT, wrong_types
from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.wire import REQUIRED_FIELD, FieldError, custom_fields, invalid
from linedesk.demo.seed import Person

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TEXTS = ("name", "email", "phone", "mobile", "address", "description", "job_title", "unique_external_id")
_EXTRA_TEXTS = ("language", "time_zone", "twitter_id")
IDENTITIES = ("email", "phone", "mobile", "twitter_id", "unique_external_id")


def checked(
    body: Any,
    base: Person,
    *,
    new: bool,
    book: CrmBook,
    switches: FreshdeskSwitches,
    instead_of: Collection[int] = (),
) -> Person:
    """The record that `body` makes of `base`; raises `Refusal`. `instead_of`: contacts that go with it, whose
    unique values it may have.
    """
    errors = _types(body, switches)
    if new:
        errors += _missing(body, switches)
    if errors:
        raise invalid(errors)
    person = _merged(base, body, switches)
    errors = _values(person, body, book)
    if errors:
        raise invalid(errors)
    clash = _clash(person, book, switches, IDENTITIES if new else body, {person.id, *instead_of})
    if clash is not None:
        raise invalid([clash], 409)
    return person


def _types(body: Any, switches: FreshdeskSwitches) -> list[FieldError]:
    errors = wrong_types(body, CONTACT)
    custom = body.get("custom_fields")
    if isinstance(custom, dict):
        errors += _custom(custom, switches)
    return errors


def _custom(given: dict[str, Any], switches: FreshdeskSwitches) -> list[FieldError]:
    known = {each["name"]: each for each in custom_fields(switches.required_custom_field)}
    errors = []
    for name, value in given.items():
        where = f"custom_fields.{name}"
        if name not in known:
            errors.append(FieldError(where, "Unexpected/invalid field in request", "invalid_field"))
        elif value is not None and not _custom_fits(known[name], value):
            errors.append(FieldError(where, "It should be one of the values allowed", "invalid_value"))
    return errors


def _custom_fits(definition: Mapping[str, Any], value: Any) -> bool:
    match definition["type"]:
        case "custom_checkbox":
            return isinstance(value, bool)
        case "custom_dropdown":
            return value in definition["choices"]
        case "custom_date":
            return isinstance(value, str) and bool(_DATE.fullmatch(value))
    return isinstance(value, str)


def _missing(body: Any, switches: FreshdeskSwitches) -> list[FieldError]:
    errors = []
    if not str(body.get("name") or "").strip():
        errors.append(FieldError("name", "It should be a/an String", "missing_field"))
    if not any(body.get(each) for each in IDENTITIES):
        errors.append(
            FieldError(
                "email",
                "Please fill at least 1 of email, mobile, phone, twitter_id, unique_external_id fields.",
                "missing_field",
            )
        )
    needed = REQUIRED_FIELD["name"]
    if switches.required_custom_field and not (body.get("custom_fields") or {}).get(needed):
        errors.append(FieldError(f"custom_fields.{needed}", "It should be a/an String", "missing_field"))
    return errors


def _merged(base: Person, body: Any, switches: FreshdeskSwitches) -> Person:
    changes: dict[str, Any] = {name: _saved(name, body[name], switches) for name in _TEXTS if name in body}
    for name in ("tags", "other_emails"):
        if name in body:
            changes[name] = tuple(body[name])
    if "company_id" in body:
        changes["company_id"] = body["company_id"]
    if "other_companies" in body:
        changes["other_companies"] = tuple(each["company_id"] for each in body["other_companies"])
    if "custom_fields" in body:
        changes["custom"] = {**base.custom, **body["custom_fields"]}
    extra = {name: body[name] for name in (*_EXTRA_TEXTS, "view_all_tickets") if name in body}
    return replace(base, **changes, extra={**base.extra, **extra})


def _saved(name: str, value: str | None, switches: FreshdeskSwitches) -> str:
    text = value or ""
    if name == "email":
        text = text.lower()
    if switches.trim_text:
        text = " ".join(text.split())
    if switches.reformat_numbers and name in {"phone", "mobile"}:
        text = text.replace(" ", "").replace("+", "00", 1)
    return text if switches.cut_text_at is None else text[: switches.cut_text_at]


def _values(person: Person, body: Any, book: CrmBook) -> list[FieldError]:
    errors = []
    if "name" in body and not person.name.strip():
        errors.append(FieldError("name", "It should not be blank", "invalid_value"))
    if person.email and not _EMAIL.fullmatch(person.email):
        errors.append(
            FieldError("email", "It should be in the 'valid email address' format", "invalid_value")
        )
    if person.company_id is not None and person.company_id not in book.companies:
        errors.append(
            FieldError(
                "company_id",
                f"There is no company matching the given company_id: {person.company_id}",
                "invalid_value",
            )
        )
    return errors


def _clash(
    person: Person,
    book: CrmBook,
    switches: FreshdeskSwitches,
    sent: Collection[str],
    besides: Collection[int],
) -> FieldError | None:
    """The first of the fields `sent` that must be unique and is not, `besides` these contacts."""
    more = {"mobile": switches.unique_mobile, "phone": switches.unique_phone}
    unique = ("email", "unique_external_id", *(name for name, on in more.items() if on))
    for name in [each for each in unique if each in sent]:
        value = getattr(person, name)
        if not value:
            continue
        for other in book.people.values():
            if other.id not in besides and other.state != "agent" and _holds(other, name, value):
                info = {"user_id": other.id} if switches.duplicate_names_holder else None
                return FieldError(name, "It should be a unique value", "duplicate_value", info)
    return None


def _holds(person: Person, name: str, value: str) -> bool:
    if name == "email":
        return value in (person.email.lower(), *(each.lower() for each in person.other_emails))
    return bool(getattr(person, name) == value)
