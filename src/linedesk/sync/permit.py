"""Whether a run may go on: asked in each of its transactions, and twice a second while it waits.

A run must stop within a second when its connection is paused (S20), also while a request waits for the
budget; and whatever was read of a connection or account that was changed meanwhile is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import Connection as SqlConnection

from linedesk.apps.base import App
from linedesk.clock import Clock
from linedesk.errors import SyncImpossible
from linedesk.store import connections
from linedesk.store.database import Database
from linedesk.sync.lease import still_held
from linedesk.sync.model import Connection

_LOOK_S = 0.5


class Permit:
    """That of one run of `connection`, under the lease of `owner`. Raises `SyncBusy` or `SyncImpossible`.

    `looks_only`: it is a preview, which a pause does not concern. `beside_pause`: it is an undo, which a
    person asks for because of what the paused connection did; only a pause that comes later stops it.
    """

    def __init__(
        self, connection: Connection, owner: str, *, looks_only: bool = False, beside_pause: bool = False
    ) -> None:
        self._connection = connection
        self._owner = owner
        self._looks_only = looks_only
        self._beside_pause = beside_pause
        self._old_pause_ms: int | None = None

    def begin(self, c: SqlConnection) -> None:
        """Take note of the pause that there is already."""
        stored = connections.find(c, self._connection.name)
        if self._beside_pause and stored is not None and stored.paused:
            self._old_pause_ms = connections.touched_ms(c, self._connection.name)

    def to_settle(self, c: SqlConnection) -> None:
        """What was written may be stored, also when a pause came in between."""
        still_held(c, self._connection.name, self._owner)
        self._check_same(connections.find(c, self._connection.name))

    def to_write(self, c: SqlConnection) -> None:
        """An intent may be stored, and its write may go out."""
        still_held(c, self._connection.name, self._owner)
        self._check_going(c)

    async def watch(
        self, books: Database, clock: Clock, app_of: Callable[[str], App], apps: Callable[[], Iterable[App]]
    ) -> None:
        """Look now and then; raises as soon as the run is to stop. `apps`: those that it works with."""
        name = self._connection.name
        while True:
            await clock.sleep(_LOOK_S)
            await books.read(self._check_going)
            for app in apps():
                if app_of(app.account) is not app:
                    raise SyncImpossible(
                        f"The account {app.account} was changed while {name} was running, so that run ended.",
                        remedy="Run the sync again.",
                    )

    def _check_going(self, c: SqlConnection) -> None:
        stored = connections.find(c, self._connection.name)
        self._check_same(stored)
        if stored is None or not stored.paused or self._looks_only:
            return
        if self._old_pause_ms is None or connections.touched_ms(c, stored.name) != self._old_pause_ms:
            raise paused(stored.name)

    def _check_same(self, stored: Connection | None) -> None:
        """Whether it still joins the same accounts in the same way; when and whether it runs may differ."""
        mine = self._connection
        if stored is None or replace(stored, every_s=0, paused=False, enabled=True) != replace(
            mine, every_s=0, paused=False, enabled=True
        ):
            raise SyncImpossible(
                f"The connection {mine.name} was changed while it was running, so that run ended.",
                remedy="Run the sync again.",
            )


def paused(name: str) -> SyncImpossible:
    """What is said of a connection that is paused."""
    return SyncImpossible(f"The connection {name} is paused.", remedy=f"Run `linedesk resume {name}` first.")
