"""A connection's definition as a JSON document, in which it is stored. Pure.

What equals a default is left out, so that a document of an older version reads the same, and a better
default reaches whoever said nothing. The file of `linedesk apply` has words of its own: `accounts.edge_sync`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from linedesk.sync.model import Connection, Direction, MappingRow, PairBy, RowEdit, Side
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rule_documents import rules_from_document, rules_to_document

SIDES: Mapping[str, Side] = {side.value: side for side in Side}
"""How a stored rule names the side that it writes."""

_USUAL = Connection("", "", "")
_WORDS = ("conflict", "tie", "blanks", "deletes", "delete_tag", "pass_on")


def connection_to_document(connection: Connection) -> dict[str, Any]:
    """All of it but its name, its accounts and whether it is paused: those have columns of their own."""
    document: dict[str, Any] = {
        "direction": connection.direction.value,
        "every_s": connection.every_s,
        "pair_by": [each.value for each in connection.pair_by],
        "external_ids": connection.external_ids,
        "enabled": connection.enabled,
    }
    for name in _WORDS:
        if (value := getattr(connection, name)) != getattr(_USUAL, name):
            document[name] = value if isinstance(value, bool) else str(value)
    if connection.rules:
        document["rules"] = rules_to_document(connection.rules)
    if connection.rows:
        document["rows"] = [edit_to_document(edit) for edit in connection.rows]
    if brakes := brakes_to_document(connection.brakes):
        document["brakes"] = brakes
    return document


def connection_from_document(
    name: str, a: str, b: str, document: Mapping[str, Any], paused: bool
) -> Connection:
    """The connection between accounts `a` and `b`, exactly as it was. Raises `ValueError`, `KeyError`."""
    return Connection(
        name=name,
        a=a,
        b=b,
        direction=Direction(document["direction"]),
        every_s=document["every_s"],
        pair_by=tuple(PairBy(each) for each in document["pair_by"]),
        external_ids=document["external_ids"],
        enabled=document["enabled"],
        paused=paused,
        rules=rules_from_document(document.get("rules", []), SIDES),
        rows=tuple(edit_from_document(each) for each in document.get("rows", ())),
        conflict=Conflict(document.get("conflict", _USUAL.conflict)),
        tie=Side(document.get("tie", _USUAL.tie)),
        blanks=Blanks(document.get("blanks", _USUAL.blanks)),
        deletes=Deletes(document.get("deletes", _USUAL.deletes)),
        delete_tag=document.get("delete_tag", _USUAL.delete_tag),
        pass_on=document.get("pass_on", _USUAL.pass_on),
        brakes=Brakes(**document.get("brakes", {})),
    )


def brakes_to_document(brakes: Brakes) -> dict[str, int]:
    """The brakes that are not the usual ones."""
    usual = Brakes()
    names = (each.name for each in fields(Brakes))
    return {name: getattr(brakes, name) for name in names if getattr(brakes, name) != getattr(usual, name)}


def edit_to_document(edit: RowEdit) -> dict[str, Any]:
    """One custom row; `a` and `b` name the fields."""
    row = edit.row
    document: dict[str, Any] = {"a": row.a, "b": row.b}
    if row.direction is not Direction.BOTH:
        document["direction"] = row.direction.value
    if row.transform != "same":
        document["transform"] = row.transform
    if row.options:
        document["options"] = dict(row.options)
    if row.conflict is not None:
        document["conflict"] = row.conflict.value
    if row.blanks is not None:
        document["blanks"] = row.blanks.value
    if edit.off:
        document["off"] = True
    return document


def edit_from_document(document: Mapping[str, Any]) -> RowEdit:
    """The custom row of `edit_to_document`."""
    conflict, blanks = document.get("conflict"), document.get("blanks")
    row = MappingRow(
        a=document["a"],
        b=document["b"],
        direction=Direction(document.get("direction", Direction.BOTH)),
        transform=document.get("transform", "same"),
        options=document.get("options", {}),
        conflict=None if conflict is None else Conflict(conflict),
        blanks=None if blanks is None else Blanks(blanks),
    )
    return RowEdit(row, document.get("off", False))
