"""What the connection tables of a file make of the present connections. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from linedesk.accounts.connection_table import with_table
from linedesk.accounts.edge_sync import ConnectionTable, rule_sentence
from linedesk.accounts.sentences import meant
from linedesk.accounts.setup import AccountSetup
from linedesk.apps.registry import REGISTRY
from linedesk.errors import ApplyError
from linedesk.sync.model import Connection


def wanted_connections(
    before: Mapping[str, Connection],
    tables: Mapping[str, ConnectionTable],
    accounts: Mapping[str, AccountSetup],
) -> dict[str, Connection]:
    """The connections after the file, between `accounts` as they are then; raises `ApplyError`."""
    after = dict(before)
    for name, table in tables.items():
        if table.remove:
            after.pop(name, None)
        else:
            after[name] = _connection(name, before.get(name), table)
    for name in sorted(after):
        _check(after[name], accounts)
    return after


def _connection(name: str, before: Connection | None, table: ConnectionTable) -> Connection:
    try:
        return with_table(before or Connection(name, "", ""), table)
    except ValueError as error:
        raise ApplyError(f"{rule_sentence(name, error)}.") from None


def _check(connection: Connection, accounts: Mapping[str, AccountSetup]) -> None:
    path = f"connections.{connection.name}"
    for key, name in (("from", connection.a), ("to", connection.b)):
        if not name:
            raise ApplyError(f"`{path}.{key}` is missing.", remedy="Name an account.")
        account = accounts.get(name)
        if account is None:
            raise ApplyError(
                f"`{path}.{key}` names `{name}`, which is no account{meant(name, accounts)}.",
                remedy="Add the account in the same file, correct the name, or remove the connection: "
                f"`[{path}]` with `remove = true`.",
            )
        if account.is_pbx:
            raise ApplyError(
                f"`{path}.{key}` names `{name}`, which is a PBX; its contacts are in a phonebook.",
                remedy='Add an account for the phonebook (`app = "wildix-phonebook"`) and name that.',
            )
        kind = REGISTRY.get(account.app)
        if kind is None or kind.open is None:
            raise ApplyError(
                f"`{path}.{key}` names `{name}`; Linedesk can't sync {account.app} accounts.",
                remedy="Import its contacts with `linedesk contacts import`.",
            )
    if connection.a == connection.b:
        raise ApplyError(f"`{path}` must join two different accounts, not `{connection.a}` with itself.")
