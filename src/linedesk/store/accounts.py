"""Rows of accounts and of allowed origins. Secrets come and go sealed; see `accounts.vault`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.sync_tables import agent_grants, cursors, records
from linedesk.store.tables import accounts, origins


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account: `config` holds nothing secret, `secrets` is a sealed blob or None."""

    name: str
    app: str
    config: dict[str, Any]
    secrets: bytes | None = field(default=None, repr=False)


def all_accounts(c: Connection) -> list[AccountRow]:
    """Every account, by name."""
    query = select(accounts.c.name, accounts.c.app, accounts.c.config, accounts.c.secrets)
    return [AccountRow(**row) for row in c.execute(query.order_by(accounts.c.name)).mappings()]


def put(c: Connection, row: AccountRow, now_ms: int) -> None:
    """Write the account whole, secrets included."""
    statement = insert(accounts).values(
        name=row.name, app=row.app, config=row.config, secrets=row.secrets, updated_ms=now_ms
    )
    changed = {name: statement.excluded[name] for name in ("app", "config", "secrets", "updated_ms")}
    c.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def remove(c: Connection, name: str) -> None:
    """Forget the account, its secrets and what was read of it: another of its name is another account."""
    c.execute(delete(accounts).where(accounts.c.name == name))
    c.execute(delete(agent_grants).where(agent_grants.c.account == name))
    forget_records(c, name)


def forget_records(c: Connection, name: str) -> None:
    """Forget what was read of the account: it is another book now."""
    for table in (records, cursors):
        c.execute(delete(table).where(table.c.account == name))


def all_origins(c: Connection) -> frozenset[str]:
    """The origins that may embed the widget."""
    return frozenset(c.execute(select(origins.c.origin)).scalars())


def replace_origins(c: Connection, wanted: Iterable[str]) -> None:
    """Make the list exactly `wanted`."""
    c.execute(delete(origins))
    rows = [{"origin": each} for each in sorted(set(wanted))]
    if rows:
        c.execute(plain_insert(origins), rows)
