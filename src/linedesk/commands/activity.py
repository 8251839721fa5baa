"""`linedesk activity` and `linedesk runs`: what syncs did and found, as it was stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from linedesk.commands.books import config_option, json_option, with_books
from linedesk.commands.connections import account_of, known_connection
from linedesk.commands.plain_lines import instant, say
from linedesk.settings import Settings
from linedesk.store import activity as rows
from linedesk.store import connections, runs
from linedesk.store.activity import ActivityRow
from linedesk.store.database import Database
from linedesk.store.runs import RunRow
from linedesk.sync import model
from linedesk.sync.activity_words import OF_WRITES, Kind
from linedesk.sync.model import Side

_PAGE = 500
_FOLLOW_S = 1.0
_SENTENCES_MAX = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    connection: str | None
    run: int | None
    count: int
    follow: bool


@click.command()
@click.argument("connection", required=False)
@click.option("--run", type=click.IntRange(0), help="Only of this run.")
@click.option("--count", type=click.IntRange(1), default=_SENTENCES_MAX, help="The last so many (100).")
@click.option("--follow", is_flag=True, help="Go on with what happens from now on, until it is stopped.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
def activity(
    *, connection: str | None, run: int | None, count: int, follow: bool, config: Path | None, as_json: bool
) -> None:
    """Show what happened to contacts: created, updated, excluded and why, waiting, failing."""
    asked = _Asked(connection, run, count, follow)

    async def work(_: Settings, books: Database) -> None:
        await _tell(books, asked, as_json=as_json)

    with_books(config, work)


async def _tell(books: Database, asked: _Asked, *, as_json: bool) -> None:
    known = await books.read(lambda c: _known(c, asked.connection))
    after = await books.read(
        lambda c: rows.before_last(c, connection=asked.connection, run=asked.run, count=asked.count)
    )
    while True:
        part = await _page(books, asked, after)
        for row in part:
            document = activity_document(row, known.get(row.connection))
            if as_json:
                click.echo(json.dumps(document, ensure_ascii=False))
            else:
                say([sentence(document)])
        if part:
            after = part[-1].id
        elif not asked.follow:
            return
        else:
            await asyncio.sleep(_FOLLOW_S)


async def _page(books: Database, asked: _Asked, after: int) -> list[ActivityRow]:
    return await books.read(
        lambda c: rows.page(c, connection=asked.connection, run=asked.run, after=after, limit=_PAGE)
    )


def _known(c: Connection, name: str | None) -> dict[str, model.Connection]:
    if name is not None:
        return {name: known_connection(c, name)}
    return {each.name: each for each in connections.all_connections(c)}


def activity_document(row: ActivityRow, connection: model.Connection | None) -> dict[str, Any]:
    """`{"id","at_ms","connection","run","kind","from","to","account","record","title","reason","entry"}`.

    `from` and `to`: of a write, the accounts it went between.
    """
    event = row.event
    account = account_of(connection, event.side) if connection is not None and event.side else None
    is_write = event.kind in {*OF_WRITES.values(), Kind.UNDONE}
    other = account_of(connection, event.side.other) if connection is not None and event.side else None
    return {
        "id": row.id,
        "at_ms": row.at_ms,
        "connection": row.connection,
        "run": event.run or None,
        "kind": event.kind.value,
        "from": other if is_write and event.kind is not Kind.UNDONE else None,
        "to": account if is_write else None,
        "account": account,
        "record": event.record_id or None,
        "title": event.title,
        "reason": event.reason,
        "entry": event.entry,
    }


def sentence(document: Mapping[str, Any]) -> str:
    """One event for people."""
    title = f" {document['title']}" if document["title"] else ""
    between = f" {document['from']} -> {document['to']}" if document["from"] else ""
    where = f" ({document['account']} {document['record']})" if document["record"] else ""
    run = f" run {document['run']}" if document["run"] is not None else ""
    reason = f": {document['reason']}" if document["reason"] else ""
    head = f"{instant(document['at_ms'])} {document['connection']}{run}"
    return f"{head} {document['kind']}{between}{title}{where}{reason}"


@click.command(name="runs")
@click.argument("connection", required=False)
@click.option("--count", type=click.IntRange(1, 1000), default=20, help="The last so many (20).")
@config_option
@json_option
def runs_command(connection: str | None, count: int, config: Path | None, as_json: bool) -> None:
    """Show the last runs, of CONNECTION or of all, with what each did; `linedesk undo` takes one back."""

    async def work(_: Settings, books: Database) -> list[dict[str, Any]]:
        return await books.read(lambda c: run_documents(c, connection, count))

    documents = with_books(config, work)
    if as_json:
        click.echo(json.dumps({"runs": documents}, ensure_ascii=False))
        return
    say([line for each in documents for line in _run(each)] or ["No run yet."])


def run_documents(c: Connection, name: str | None, count: int) -> list[dict[str, Any]]:
    """The last runs with their activity by kind and direction, the newest first."""
    known = _known(c, name)
    found = runs.latest(c, name, count) if name is not None else runs.latest_of_all(c, count)
    counted = rows.counts(c, [each.id for each in found])
    return [_run_document(each, counted[each.id], known.get(each.connection)) for each in found]


def _run_document(
    row: RunRow, counted: Mapping[tuple[Kind, Side | None], int], connection: model.Connection | None
) -> dict[str, Any]:
    activities = [
        {
            "kind": kind.value,
            "account": account_of(connection, side) if connection is not None and side else None,
            "count": count,
        }
        for (kind, side), count in sorted(counted.items(), key=lambda each: str(each[0]))
    ]
    return {
        "run": row.id,
        "connection": row.connection,
        "state": row.state.value,
        "actor": row.actor,
        "started_ms": row.started_ms,
        "ended_ms": row.ended_ms,
        "writes": row.writes,
        "counts": dict(row.counts),
        "activity": activities,
        "sentence": row.sentence,
    }


def _run(document: Mapping[str, Any]) -> list[str]:
    what = ", ".join(
        f"{each['count']:,} {each['kind']}{' in ' + each['account'] if each['account'] else ''}"
        for each in document["activity"]
    )
    head = f"{document['run']} {instant(document['started_ms'])} {document['connection']}"
    line = f"{head} {document['state']} by {document['actor']}: {what or 'nothing changed'}"
    return [line, *([f"  {document['sentence']}"] if document["sentence"] else [])]
