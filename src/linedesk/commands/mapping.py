"""`linedesk mapping`: which field of a connection goes where, by default and by what was changed of that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from linedesk.apps.records import FieldInfo
from linedesk.apps.registry import REGISTRY
from linedesk.commands.books import config_option, json_option, with_books
from linedesk.commands.connections import account_of, known_connection
from linedesk.commands.plain_lines import say
from linedesk.errors import SyncImpossible
from linedesk.settings import Settings
from linedesk.store import accounts
from linedesk.store.database import Database
from linedesk.sync.known_fields import recalled
from linedesk.sync.mapping import described
from linedesk.sync.model import Side
from linedesk.sync.row_edits import edited
from linedesk.sync.sides import usual_rows

Document = dict[str, Any]


@click.command()
@click.argument("connection")
@config_option
@json_option
def mapping(connection: str, config: Path | None, as_json: bool) -> None:
    """Show the rows of CONNECTION: the usual ones of the two apps, with what its file changes of them."""

    async def work(_: Settings, books: Database) -> Document:
        return await books.read(lambda c: mapping_document(c, connection))

    document = with_books(config, work)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    arrows = {"both": "<->", "to": " ->", "from": "<- "}
    lines = [f"{document['from']} and {document['to']}:"]
    for row in document["rows"]:
        mark = "" if row["usual"] else "  (changed)"
        lines.append(f"  {row['from']} {arrows[row['direction']]} {row['to']}{mark}: {row['sentence']}")
    lines += [f"  {row['from']} and {row['to']}: switched off." for row in document["off"]]
    say(lines)


def mapping_document(c: Connection, name: str) -> Document:
    """`{"connection", "from", "to", "rows", "off"}`, by the fields that both accounts told last.

    Raises `SyncImpossible` for a connection that there is not, or an account that never told its fields.
    """
    connection = known_connection(c, name)
    rows = {row.name: row for row in accounts.all_accounts(c)}
    kinds = {side: REGISTRY[rows[account_of(connection, side)].app] for side in Side}
    fields = {side: _fields(c, account_of(connection, side), name) for side in Side}
    usual = usual_rows(kinds, fields)
    used = edited(usual, connection.rows)
    keys = {row.key for row in used}
    told = described(used, fields[Side.A], fields[Side.B])
    return {
        "connection": name,
        "from": connection.a,
        "to": connection.b,
        "rows": [{**each, "usual": row in usual} for row, each in zip(used, told, strict=True)],
        "off": [{"from": row.a, "to": row.b} for row in usual if row.key not in keys],
    }


def _fields(c: Connection, account: str, name: str) -> Mapping[str, FieldInfo]:
    fields = {info.name: info for info in recalled(c, account)}
    if not fields:
        raise SyncImpossible(
            f"The fields of {account} are not known yet.",
            remedy=f"Run `linedesk sync {name} --preview` first: it asks for them and writes nothing.",
        )
    return fields
