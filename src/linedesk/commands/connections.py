"""What commands about a connection share: finding it, its accounts by side, its records by their titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from linedesk.commands.books import with_books
from linedesk.commands.report_lines import NOBODY, Names, Place, named
from linedesk.errors import SyncImpossible
from linedesk.settings import Settings
from linedesk.store import connections, records
from linedesk.store.database import Database
from linedesk.sync import model
from linedesk.sync.activity_words import title_of
from linedesk.sync.composite import field_of, value_of
from linedesk.sync.documents import value_to_json
from linedesk.sync.known_fields import recalled
from linedesk.sync.model import Side

_SLICE = 200


def known_connection(c: Connection, name: str) -> model.Connection:
    """The connection of this name; `SyncImpossible` with the names there are."""
    found = connections.find(c, name)
    if found is not None:
        return found
    known = ", ".join(each.name for each in connections.all_connections(c)) or "none yet"
    raise SyncImpossible(
        f"There is no connection {name}.", remedy=f"Connections are: {known}. `linedesk apply` adds one."
    )


def account_of(connection: model.Connection, side: Side) -> str:
    """The account on that side."""
    return connection.a if side is Side.A else connection.b


def side_of(connection: model.Connection, account: str) -> Side | None:
    """The side on which an account stands; None: it is none of this connection."""
    return {connection.a: Side.A, connection.b: Side.B}.get(account)


def titles(c: Connection, account: str, ids: Iterable[str]) -> dict[str, str]:
    """Records as people know them, also those that are gone; what was never read is left out."""
    fields = {info.name: info for info in recalled(c, account)}
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), _SLICE):
        for record_id, copy in records.some(c, account, wanted[start : start + _SLICE]).items():
            found[record_id] = title_of(copy.record, fields)
    return found


def names_of(config: Path | None, name: str, report: Mapping[str, Any] | None = None) -> Names:
    """The names of a connection's accounts, and of the records that a report's lines name.

    A connection that there is not has none: whoever runs it says so.
    """

    def read(c: Connection) -> Names:
        found = connections.find(c, name)
        known = _titles_of(c, named(report)) if report is not None else {}
        return Names(name, found.a, found.b, known) if found is not None else replace(NOBODY, titles=known)

    async def work(_: Settings, books: Database) -> Names:
        return await books.read(read)

    return with_books(config, work)


def _titles_of(c: Connection, places: Iterable[Place]) -> dict[Place, str]:
    """The records at these places as people know them."""
    wanted: dict[str, list[str]] = {}
    for account, record in places:
        wanted.setdefault(account, []).append(record)
    return {
        (account, record): title
        for account, ids in wanted.items()
        for record, title in titles(c, account, ids).items()
    }


def values_between(
    c: Connection, connection: model.Connection, pair: Mapping[Side, str], row: str
) -> list[Any]:
    """What the two records hold in the fields of a mapping row, `[A, B]` as JSON; None: not known."""
    return [
        _value_in(c, account_of(connection, side), pair[side], field)
        for side, field in zip(Side, row.split("=", 1), strict=True)
    ]


def _value_in(c: Connection, account: str, record: str, field: str) -> Any:
    fields = {info.name: info for info in recalled(c, account)}
    copy = records.some(c, account, [record]).get(record)
    if copy is None or not all(part in fields for part in field.split("+")):
        return None
    return value_to_json(value_of(copy.record, field_of(fields, field)))
