"""What commands about a connection share: finding it, its accounts by side, its records by their titles."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from linedesk.errors import SyncImpossible
from linedesk.store import connections, records
from linedesk.sync import model
from linedesk.sync.activity_words import title_of
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
