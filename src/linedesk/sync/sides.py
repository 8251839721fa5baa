"""The two open sides of a run, and the mapping rows between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from linedesk.apps.base import App
from linedesk.apps.kind import AppKind
from linedesk.apps.records import FieldInfo
from linedesk.errors import SyncImpossible
from linedesk.numbers import NumberPlan
from linedesk.sync.conditions import check_rules, usual_rules
from linedesk.sync.copies import View
from linedesk.sync.mapping import check_rows, default_rows, mirrored
from linedesk.sync.model import Connection, Known, MappingRow, Side
from linedesk.sync.row_edits import edited
from linedesk.sync.rules import Rule


@dataclass(frozen=True, slots=True)
class OpenSide:
    """One side: its open app, what kind it is, its fields by name, and how its numbers are read."""

    side: Side
    app: App
    kind: AppKind
    fields: Mapping[str, FieldInfo]
    plan: NumberPlan

    def known(
        self,
        view: View,
        *,
        foreign: frozenset[str] = frozenset(),
        members: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> Known:
        """The side as plans take it. `foreign`: records that another connection made."""
        return Known(
            account=self.app.account,
            app=self.kind.info.name,
            fields=self.fields,
            records=view.present,
            plan=self.plan,
            whole=view.whole,
            external_id_field=self.app.capabilities.external_id_field,
            gone=frozenset(view.last),
            merged=view.merged,
            names_merge_winner=self.app.capabilities.names_merge_winner,
            last=view.last,
            foreign=foreign,
            group_kinds=self.app.capabilities.group_kinds,
            members=members,
        )


@dataclass(frozen=True, slots=True)
class Openers:
    """How accounts are opened, by name. Each raises `ConfigError` or `SyncImpossible` with a sentence."""

    app_of: Callable[[str], App]
    kind_of: Callable[[str], AppKind]
    plan_of: Callable[[str], NumberPlan]


async def open_sides(connection: Connection, openers: Openers) -> dict[Side, OpenSide]:
    """Open both sides and ask for their fields, both at once; raises `SyncImpossible` and `VendorError`."""
    names = {Side.A: connection.a, Side.B: connection.b}
    apps = {side: openers.app_of(name) for side, name in names.items()}
    for side in Side:
        if connection.direction.writes(side) and not apps[side].capabilities.writable:
            raise SyncImpossible(f"{names[side]} can only be read, so {connection.name} can't write to it.")
    told = await asyncio.gather(*(apps[side].fields() for side in Side), return_exceptions=True)
    for each in told:
        if isinstance(each, BaseException):
            raise each
    return {
        side: OpenSide(
            side=side,
            app=apps[side],
            kind=openers.kind_of(names[side]),
            fields={info.name: info for info in fields},
            plan=openers.plan_of(names[side]),
        )
        for side, fields in zip(Side, told, strict=True)
        if not isinstance(fields, BaseException)
    }


def usual_rows(
    kinds: Mapping[Side, AppKind], fields: Mapping[Side, Mapping[str, FieldInfo]]
) -> tuple[MappingRow, ...]:
    """The default mapping of a pair of apps, before anybody changed it.

    An app brings rows for the Wildix phonebook; other pairs get rows by the kinds of their fields.
    """
    a, b = kinds[Side.A], kinds[Side.B]
    rows: tuple[MappingRow, ...] = ()
    if b.pbx_key is not None:
        rows = a.phonebook_rows
    elif a.pbx_key is not None:
        rows = tuple(mirrored(row) for row in b.phonebook_rows)
    return rows or default_rows(fields[Side.A], fields[Side.B])


def rows_between(connection: Connection, sides: Mapping[Side, OpenSide]) -> tuple[MappingRow, ...]:
    """The mapping of a connection; raises `SyncImpossible` with a sentence for each row that can't work."""
    a, b = sides[Side.A], sides[Side.B]
    kinds = {side: each.kind for side, each in sides.items()}
    fields = {side: each.fields for side, each in sides.items()}
    rows = edited(usual_rows(kinds, fields), connection.rows)
    wrong = check_rows(rows, a.fields, b.fields, connection.direction)
    if wrong:
        raise SyncImpossible(f"The mapping of {connection.name} can't work: {' '.join(wrong)}")
    if not rows:
        raise SyncImpossible(f"The accounts of {connection.name} have no fields in common.")
    return rows


def rules_between(
    connection: Connection, sides: Mapping[Side, OpenSide], rows: tuple[MappingRow, ...]
) -> tuple[Rule, ...]:
    """The rules that count: the connection's own, else the usual ones; raises `SyncImpossible`."""
    phone_books = [side for side, each in sides.items() if each.kind.phone_book]
    rules = connection.rules or usual_rules(connection.direction, phone_books)
    fields = {side: each.fields for side, each in sides.items()}
    kinds = {side: each.app.capabilities.group_kinds for side, each in sides.items()}
    wrong = check_rules(rules, fields, kinds, connection.direction, rows)
    if wrong:
        raise SyncImpossible(f"The rules of {connection.name} can't work: {' '.join(wrong)}")
    return rules
