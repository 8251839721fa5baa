"""Records, links' bases and changes as JSON documents for columns of the database, and back, exactly. Pure.

Keys that hold their usual value are left out, so that a copy of 100,000 records stays small.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from linedesk.apps.records import Record, RecordState, Value
from linedesk.contacts.model import ContactType
from linedesk.sync.json_values import fields_from_json, fields_to_json, value_from_json, value_to_json
from linedesk.sync.model import Agreed, Applied, Change, Op, Side

__all__ = [
    "applied_from_document",
    "applied_to_document",
    "base_from_document",
    "base_to_document",
    "change_from_document",
    "change_to_document",
    "fields_from_json",
    "fields_to_json",
    "record_from_document",
    "record_to_document",
    "value_from_json",
    "value_to_json",
]

Document = dict[str, Any]


def record_to_document(record: Record) -> Document:
    """`{"id", "fields"}` and whatever else is not as usual."""
    document: Document = {"id": record.id, "fields": fields_to_json(record.fields)}
    if record.type is not ContactType.PERSON:
        document["type"] = record.type.value
    if record.state is not RecordState.ACTIVE:
        document["state"] = record.state.value
    if record.version is not None:
        document["version"] = record.version
    if record.modified_ms is not None:
        document["modified_ms"] = record.modified_ms
    if record.missing:
        document["missing"] = sorted(record.missing)
    if record.former_ids:
        document["former_ids"] = list(record.former_ids)
    if record.created_ms is not None:
        document["created_ms"] = record.created_ms
    return document


def record_from_document(document: Mapping[str, Any]) -> Record:
    """What `record_to_document` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return Record(
        id=document["id"],
        fields=fields_from_json(document["fields"]),
        type=ContactType(document.get("type", ContactType.PERSON)),
        state=RecordState(document.get("state", RecordState.ACTIVE)),
        version=document.get("version"),
        modified_ms=document.get("modified_ms"),
        missing=frozenset(document.get("missing", ())),
        former_ids=tuple(document.get("former_ids", ())),
        created_ms=document.get("created_ms"),
    )


def base_to_document(base: Mapping[str, Agreed]) -> Document:
    """Key of the mapping row -> `[a, b]`."""
    return {key: [value_to_json(agreed.a), value_to_json(agreed.b)] for key, agreed in base.items()}


def base_from_document(document: Mapping[str, Any]) -> dict[str, Agreed]:
    """What `base_to_document` wrote; keys are one object for all links."""
    return {intern(key): _agreed(a, b) for key, (a, b) in document.items()}


def applied_to_document(applied: Mapping[str, Applied | None]) -> Document:
    """Key -> `{"side", "field", "before", "after", "rule"}`, and `"revert"` and `"read_back"` if so."""
    return {key: None if each is None else _applied(each) for key, each in applied.items()}


def applied_from_document(document: Mapping[str, Any]) -> dict[str, Applied | None]:
    """What `applied_to_document` wrote."""
    return {
        key: None
        if each is None
        else Applied(
            Side(each["side"]),
            each["field"],
            value_from_json(each["before"]),
            value_from_json(each["after"]),
            each["rule"],
            each.get("revert", False),
            value_from_json(each.get("read_back")),
        )
        for key, each in document.items()
    }


def change_to_document(change: Change) -> Document:
    """Every key of the change; `fields` is field name -> `[before, after]`."""
    return {
        "side": change.side.value,
        "op": change.op.value,
        "link_id": change.link_id,
        "record_id": change.record_id,
        "source_id": change.source_id,
        "fields": {name: [value_to_json(value) for value in pair] for name, pair in change.fields.items()},
        "reason": change.reason,
        "notes": list(change.notes),
        "version": change.version,
        "rule": change.rule,
        "trace": change.trace,
        "applied": applied_to_document(change.applied),
        "undoes": change.undoes,
    }


def change_from_document(document: Mapping[str, Any]) -> Change:
    """What `change_to_document` wrote."""
    return Change(
        side=Side(document["side"]),
        op=Op(document["op"]),
        link_id=document["link_id"],
        record_id=document["record_id"],
        source_id=document["source_id"],
        fields={name: _pair(pair) for name, pair in document["fields"].items()},
        reason=document["reason"],
        notes=tuple(document["notes"]),
        version=document["version"],
        rule=document.get("rule", ""),
        trace=document.get("trace", ""),
        applied=applied_from_document(document.get("applied", {})),
        undoes=document.get("undoes"),
    )


def _applied(applied: Applied) -> Document:
    return {
        "side": applied.side.value,
        "field": applied.field,
        "before": value_to_json(applied.before),
        "after": value_to_json(applied.after),
        "rule": applied.rule,
        **({"revert": True} if applied.revert else {}),
        **({} if applied.read_back is None else {"read_back": value_to_json(applied.read_back)}),
    }


def _agreed(a: Any, b: Any) -> Agreed:
    """Mostly both sides hold the same, which then takes room once. 1, 1.0 and True are not the same."""
    held = value_from_json(a)
    return Agreed(held, held if isinstance(a, str) and a == b else value_from_json(b))


def _pair(pair: list[Any]) -> tuple[Value, Value]:
    before, after = pair
    return value_from_json(before), value_from_json(after)
