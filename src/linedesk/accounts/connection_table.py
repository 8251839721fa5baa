"""A connection as its table in the file of `linedesk apply`, and what a table's words mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from linedesk.accounts.edge_sync import ConnectionTable, MappingTable
from linedesk.sync.model import Connection, Direction, MappingRow, RowEdit, Side
from linedesk.sync.policies import Conflict
from linedesk.sync.rule_documents import rules_from_document, rules_to_document

_DIRECTIONS = {"one-way": Direction.TO_B, "two-way": Direction.BOTH}
_SIDES = {"from": Side.A, "to": Side.B}
_ROW_DIRECTIONS = {"both": Direction.BOTH, "to": Direction.TO_B, "from": Direction.TO_A}
_CONFLICTS = {"newest": Conflict.NEWEST, "from": Conflict.A, "to": Conflict.B, "ask": Conflict.ASK}
_DIRECTION_WORDS = {direction: word for word, direction in _DIRECTIONS.items()}
_SIDE_WORDS = {side: word for word, side in _SIDES.items()}
_ROW_DIRECTION_WORDS = {direction: word for word, direction in _ROW_DIRECTIONS.items()}
_CONFLICT_WORDS = {conflict: word for word, conflict in _CONFLICTS.items()}


def connection_table(connection: Connection) -> dict[str, Any]:
    """One connection's table, whole. Whether it is paused is not set up but switched."""
    return {
        "from": connection.a,
        "to": connection.b,
        "direction": _DIRECTION_WORDS[connection.direction],
        "every_s": connection.every_s,
        "enabled": connection.enabled,
        "external_ids": connection.external_ids,
        "conflict": _CONFLICT_WORDS[connection.conflict],
        "tie": _SIDE_WORDS[connection.tie],
        "blanks": connection.blanks.value,
        "deletes": connection.deletes.value,
        "delete_tag": connection.delete_tag,
        "pass_on": connection.pass_on,
        "pair_by": [each.value for each in connection.pair_by],
        "rules": _rule_tables(connection),
        "mapping": [_row_table(edit) for edit in connection.rows],
        "brakes": asdict(connection.brakes),
    }


def with_table(before: Connection, table: ConnectionTable) -> Connection:
    """`before` with what the table gives; its lists replace the stored ones whole.

    Raises `ValueError` with the sentence of a rule that names no account of the connection.
    """
    given = table.given()
    for key, field in (("source", "a"), ("target", "b")):
        if key in given:
            given[field] = given.pop(key)
    for key, words in (("direction", _DIRECTIONS), ("tie", _SIDES), ("conflict", _CONFLICTS)):
        if key in given:
            given[key] = words[given[key]]
    if "pair_by" in given:
        given["pair_by"] = tuple(given["pair_by"])
    if "brakes" in given:
        given["brakes"] = replace(before.brakes, **given["brakes"].given())
    if "mapping" in given:
        given["rows"] = tuple(map(_edit, given.pop("mapping")))
    rules = given.pop("rules", None)
    after = replace(before, **given)
    if rules is None:
        return after
    return replace(after, rules=rules_from_document(rules, {after.a: Side.A, after.b: Side.B}))


def _rule_tables(connection: Connection) -> list[dict[str, Any]]:
    accounts: Mapping[str, str] = {Side.A: connection.a, Side.B: connection.b}
    return [{**each, "to": accounts[each["to"]]} for each in rules_to_document(connection.rules)]


def _row_table(edit: RowEdit) -> dict[str, Any]:
    row = edit.row
    table: dict[str, Any] = {"from": row.a, "to": row.b, "direction": _ROW_DIRECTION_WORDS[row.direction]}
    table["transform"] = row.transform
    if row.options:
        table["options"] = dict(row.options)
    if row.conflict is not None:
        table["conflict"] = _CONFLICT_WORDS[row.conflict]
    if row.blanks is not None:
        table["blanks"] = row.blanks.value
    if edit.off:
        table["off"] = True
    return table


def _edit(table: MappingTable) -> RowEdit:
    row = MappingRow(
        a=table.source,
        b=table.target,
        direction=_ROW_DIRECTIONS[table.direction],
        transform=table.transform,
        options=table.options,
        conflict=None if table.conflict is None else _CONFLICTS[table.conflict],
        blanks=table.blanks,
    )
    return RowEdit(row, table.off)
