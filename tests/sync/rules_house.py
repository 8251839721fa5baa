"""A small CRM whose records have every kind of field that a rule can ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from linedesk.apps.records import Choice, FieldInfo, FieldKind, Record, Value
from linedesk.numbers import NumberPlan
from linedesk.sync.conditions import Judge, Verdict
from linedesk.sync.instants import instant_ms
from linedesk.sync.model import Known, Side
from linedesk.sync.rules import Action, Condition, Do, Rule, Test, When

INFOS = (
    FieldInfo("name", "Name", FieldKind.NAME, required=True),
    FieldInfo("phone", "Work phone", FieldKind.PHONE),
    FieldInfo("mobile", "Mobile", FieldKind.PHONE, detail_only=True),
    FieldInfo("email", "E-mail", FieldKind.EMAIL, unique=True),
    FieldInfo("company", "Company", FieldKind.COMPANY),
    FieldInfo("owner", "Account manager", FieldKind.OWNER),
    FieldInfo("city", "City", FieldKind.TEXT, max_length=20),
    FieldInfo("tier", "Tier", FieldKind.CHOICE, choices=(Choice("1", "Gold"), Choice("2", "Silver"))),
    FieldInfo("newsletter", "Newsletter", FieldKind.CHECKBOX),
    FieldInfo("employees", "Employees", FieldKind.NUMBER),
    FieldInfo("customer_since", "Customer since", FieldKind.DATE),
    FieldInfo("tags", "Tags", FieldKind.TAGS, many=True, detail_only=True, group_kind="tag"),
    FieldInfo("verified", "Verified", FieldKind.CHECKBOX, read_only=True),
    FieldInfo("crm_id", "ID", FieldKind.ID),
)
FIELDS = {info.name: info for info in INFOS}
CRM = Known("crm", "crm", FIELDS, {}, NumberPlan("IT"), whole=True, group_kinds=("tag", "list"))
"""Tags stand on a field, lists do not."""


def record(record_id: str = "1", /, *, missing: tuple[str, ...] = (), **fields: Value) -> Record:
    """A record that was made on 2026-01-31 at eight and changed on 2026-02-10 at midnight."""
    return Record(
        record_id,
        fields,
        missing=frozenset(missing),
        created_ms=instant_ms("2026-01-31T08:00:00Z"),
        modified_ms=instant_ms("2026-02-10"),
    )


def in_lists(**members: tuple[str, ...]) -> Known:
    """The CRM with the members of its lists."""
    return replace(CRM, members={f"@list:{name}": frozenset(ids) for name, ids in members.items()})


def rule(when: When | None, *actions: Action, name: str = "Customers", to: Side = Side.B) -> Rule:
    return Rule(name, to, when, actions)


def asks(test: Test, field: str = "", *values: str) -> Condition:
    return Condition(test, field, values)


def judged(when: When, given: Record, *, source: Known = CRM, exists: bool = False) -> Verdict:
    """The verdict of one rule with one tree."""
    return Judge((rule(when),), Side.B, source).judge(given, exists=exists)


def add(name: str, *, kind: str = "tag", revert: bool = True) -> Action:
    return Action(Do.ADD, kind, name, revert)


def remove(name: str, *, kind: str = "tag", revert: bool = True) -> Action:
    return Action(Do.REMOVE, kind, name, revert)


def put(field: str, value: str, *, revert: bool = True) -> Action:
    return Action(Do.SET, field, value, revert)


def after(given: Record, fields: Mapping[str, tuple[Value, Value]]) -> Record:
    """The record with what was done on its fields."""
    changed = {name: pair[1] for name, pair in fields.items() if not name.startswith("@")}
    return replace(given, fields={**given.fields, **changed})
