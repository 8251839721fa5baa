"""What the simulated Freshdesk API says: records as its lists and views show them, and its error bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from linedesk.demo.crm.book import CrmBook
from linedesk.demo.seed import Company, Person, Ticket

_LANGUAGE, _ZONE = "en", "London"
_INTERNAL = {"active": False, "view_all_tickets": False}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of a validation answer."""

    field: str
    message: str
    code: str
    info: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"field": self.field, "message": self.message, "code": self.code}
        return document if self.info is None else {**document, "additional_info": self.info}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is sent; `body` None is an empty one."""

    status: int
    body: Any | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a request with `answer`."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def not_found() -> Refusal:
    """This API's 404 has no body."""
    return Refusal(Answer(404))


def invalid(errors: Sequence[FieldError], status: int = 400) -> Refusal:
    """A validation answer."""
    body = {"description": "Validation failed", "errors": [each.as_json() for each in errors]}
    return Refusal(Answer(status, body))


def coded(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """An answer of the other form, with a code and a message."""
    return Refusal(Answer(status, {"code": code, "message": message}, headers or {}))


def stamp(seconds: float) -> str:
    """A time as the API writes it: whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def row(person: Person) -> dict[str, Any]:
    """A contact in a list: without tags and other e-mails, other companies as bare ids."""
    extra = {**_INTERNAL, **person.extra}
    document: dict[str, Any] = {
        "active": extra["active"],
        "address": person.address or None,
        "description": person.description or None,
        "email": person.email or None,
        "id": person.id,
        "job_title": person.job_title or None,
        "language": extra.get("language", _LANGUAGE),
        "mobile": person.mobile or None,
        "name": person.name,
        "phone": person.phone or None,
        "time_zone": extra.get("time_zone", _ZONE),
        "twitter_id": extra.get("twitter_id"),
        "custom_fields": person.custom,
        "facebook_id": None,
        "created_at": stamp(person.created_s),
        "updated_at": stamp(person.changed_s),
        "csat_rating": None,
        "preferred_source": None,
        "company_id": person.company_id,
        "unique_external_id": person.unique_external_id or None,
        "twitter_profile_status": False,
        "twitter_followers_count": None,
        "other_companies": list(person.other_companies),
    }
    return {**document, "deleted": True} if person.state == "deleted" else document


def view(person: Person) -> dict[str, Any]:
    """A contact by itself: everything."""
    whole = {**_INTERNAL, **person.extra}
    companies = [{"company_id": each, "view_all_tickets": False} for each in person.other_companies]
    return {
        **row(person),
        "view_all_tickets": whole["view_all_tickets"],
        "tags": list(person.tags),
        "other_emails": list(person.other_emails),
        "other_companies": companies,
        "avatar": None,
    }


def company(record: Company) -> dict[str, Any]:
    """A company."""
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description or None,
        "note": record.note or None,
        "domains": list(record.domains),
        "health_score": record.extra.get("health_score"),
        "account_tier": record.extra.get("account_tier"),
        "renewal_date": record.extra.get("renewal_date"),
        "industry": record.extra.get("industry"),
        "custom_fields": {"switchboard": record.phone or None},
        "created_at": stamp(record.created_s),
        "updated_at": stamp(record.updated_s or record.created_s),
    }


def ticket(record: Ticket, book: CrmBook) -> dict[str, Any]:
    """A ticket."""
    person = book.people.get(record.person_id)
    return {
        "id": record.id,
        "subject": record.subject,
        "description": record.description,
        "description_text": record.description,
        "requester_id": record.person_id,
        "company_id": person.company_id if person else None,
        "status": record.status,
        "priority": record.priority,
        "source": record.source,
        "tags": list(record.tags),
        "spam": False,
        "fr_escalated": False,
        "type": None,
        "custom_fields": {},
        "cc_emails": [],
        "created_at": stamp(record.made_s),
        "updated_at": stamp(record.made_s),
        "due_by": stamp(record.made_s + 86_400),
    }


CUSTOM_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "customer_number", "label": "Customer number", "type": "custom_text"},
    {"name": "second_phone", "label": "Second phone", "type": "custom_phone_number"},
    {"name": "vip", "label": "VIP", "type": "custom_checkbox"},
    {"name": "customer_since", "label": "Customer since", "type": "custom_date"},
    {
        "name": "loyalty_level",
        "label": "Loyalty level",
        "type": "custom_dropdown",
        "choices": ["Gold", "Silver", "Bronze"],
    },
)
REQUIRED_FIELD = {"name": "account_manager", "label": "Account manager", "type": "custom_text"}

_DEFAULT_FIELDS = (
    ("name", "Full name", "default_name", True),
    ("job_title", "Title", "default_job_title", False),
    ("email", "Email", "default_email", False),
    ("phone", "Work phone", "default_phone", False),
    ("mobile", "Mobile phone", "default_mobile", False),
    ("twitter_id", "Twitter", "default_twitter_id", False),
    ("company_name", "Company", "default_company_name", False),
    ("address", "Address", "default_address", False),
    ("time_zone", "Time zone", "default_time_zone", False),
    ("language", "Language", "default_language", False),
    ("tag_names", "Tags", "default_tag_names", False),
    ("description", "About", "default_description", False),
    ("unique_external_id", "Unique external ID", "default_unique_external_id", False),
)


def custom_fields(required: bool) -> tuple[dict[str, Any], ...]:
    """The custom fields in force; with `required`, one that agents must fill."""
    return (*CUSTOM_FIELDS, REQUIRED_FIELD) if required else CUSTOM_FIELDS


def contact_fields(required: bool, unique: frozenset[str]) -> list[dict[str, Any]]:
    """The answer of `/contact_fields`; `unique`: the fields that no two contacts may share."""
    rows = [
        _field(name, label, kind, needed, name in unique) for name, label, kind, needed in _DEFAULT_FIELDS
    ]
    for each in custom_fields(required):
        needed = each["name"] == REQUIRED_FIELD["name"]
        rows.append({**_field(each["name"], each["label"], each["type"], needed, False), "default": False})
        if "choices" in each:
            rows[-1]["choices"] = each["choices"]
    return [{"id": 50_000_000 + index, "position": index + 1, **each} for index, each in enumerate(rows)]


def _field(name: str, label: str, kind: str, required: bool, unique: bool) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "default": True,
        "required_for_agents": required,
        "agents_can_edit": True,
        "label_for_customers": label,
        "customers_can_edit": False,
        "unique": unique,
        "choices": None,
    }
