"""`linedesk pause` and `linedesk resume`: stop the writes of a connection within a second, and go on (S20).

Both write into the database, where a run that is going on looks twice a second, in whichever process it is.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import Connection

from linedesk.clock import SystemClock
from linedesk.commands.books import actor, config_option, json_option, with_books
from linedesk.commands.connections import known_connection
from linedesk.settings import Settings
from linedesk.store import activity, audit, connections, generation
from linedesk.store.database import Database
from linedesk.sync.activity_words import Event, Kind


@click.command()
@click.argument("connection")
@config_option
@json_option
def pause(connection: str, config: Path | None, as_json: bool) -> None:
    """Stop the writes of CONNECTION, within a second also in the middle of a run."""
    _set(connection, config, paused=True, as_json=as_json)


@click.command()
@click.argument("connection")
@config_option
@json_option
def resume(connection: str, config: Path | None, as_json: bool) -> None:
    """Let CONNECTION write again; what a pause cut off is taken up by its next run, at once if it has a
    schedule."""
    _set(connection, config, paused=False, as_json=as_json)


def _set(name: str, config: Path | None, *, paused: bool, as_json: bool) -> None:
    async def work(_: Settings, books: Database) -> bool:
        now_ms, who = SystemClock().now_ms(), actor()
        return await books.write(lambda c: set_paused(c, name, paused=paused, now_ms=now_ms, who=who))

    changed = with_books(config, work)
    if as_json:
        click.echo(json.dumps({"connection": name, "paused": paused, "changed": changed}))
    elif paused:
        click.echo(
            f"{name} is paused{'' if changed else ' already'}: nothing is written until it is resumed."
        )
    else:
        click.echo(f"{name} goes on." if changed else f"{name} was not paused.")


def set_paused(c: Connection, name: str, *, paused: bool, now_ms: int, who: str) -> bool:
    """Pause or resume a connection; answers whether that changed anything. Raises `SyncImpossible`."""
    was_paused = known_connection(c, name).paused
    if paused or was_paused:
        # Told again it changes nothing, but it stops an undo, which goes on beside an older pause.
        connections.set_paused(c, name, paused)
    if was_paused == paused:
        return False
    generation.bump(c)
    kind = Kind.PAUSED if paused else Kind.RESUMED
    activity.add(c, name, [Event(kind, 0, reason=f"By {who}.")], now_ms)
    audit.add(
        c,
        at_ms=now_ms,
        actor=who,
        action=f"connection.{'pause' if paused else 'resume'}",
        target=name,
        before={"paused": not paused},
        after={"paused": paused},
    )
    return True
