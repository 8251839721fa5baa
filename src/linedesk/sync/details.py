"""Fills in what listings leave out (tags, further addresses), in the background and within the budget.

Records are read a few at a time, in turn over the accounts. What is filled in is stored at once, so a
restart goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from linedesk.apps.base import App, Paced
from linedesk.budget_use import Use, used_for
from linedesk.clock import Clock
from linedesk.errors import LinedeskError
from linedesk.store import records
from linedesk.store.database import Database
from linedesk.sync.engine import Engine

log = structlog.get_logger(__name__)

_SLICE = 10
_PACE_S = 1.0  # between slices: nobody waits for details, and a plan with a large budget is no hurry
_IDLE_S = 5.0
_FAILED_S = 60.0


class Details:
    """`await run()` in a task of the service's. `app_of` opens an account or raises `ConfigError`."""

    def __init__(self, books: Database, clock: Clock, engine: Engine, app_of: Callable[[str], App]) -> None:
        self._books = books
        self._clock = clock
        self._engine = engine
        self._app_of = app_of
        self._after: dict[str, str] = {}
        self._not_before_ms: dict[str, int] = {}

    async def run(self) -> None:
        """Fill in whatever there is, a slice a second, and look every few seconds for more."""
        while True:
            try:
                busy = await self.step()
            except LinedeskError as error:
                log.warning("details_unreadable", reason=error.message)
                busy = False
            await self._clock.sleep(_PACE_S if busy else _IDLE_S)

    async def step(self) -> bool:
        """A few records of each account; answers whether there was anything to do."""
        busy = False
        with used_for(Use.DETAILS):
            for account in await self._books.read(records.accounts_with_incomplete, snapshot=False):
                if self._clock.now_ms() >= self._not_before_ms.get(account, 0):
                    busy = await self._some(account) or busy
        return busy

    async def counts(self, account: str) -> tuple[int, int]:
        """How many records were read whole, and how many there are: "312 of 900 read so far"."""
        return await self._books.read(lambda c: records.counts(c, account))

    async def _some(self, account: str) -> bool:
        after = self._after.get(account, "")
        count = self._room(account)
        if not count:
            return False
        async with self._engine.lock(account):
            ids = await self._books.read(_ids(account, after, count), snapshot=False)
            if not ids:
                # The end of the book: what is still open (a lagging record) is looked at again later.
                self._after.pop(account, None)
                self._pause(account, _IDLE_S)
                return False
            try:
                await self._engine.reader.take({account: self._app_of(account)}, account, ids)
            except LinedeskError as error:
                log.info("details_paused", account=account, reason=error.message)
                self._pause(account, _FAILED_S)
                return False
        self._after[account] = ids[-1]
        return True

    def _room(self, account: str) -> int:
        """How many records may be read now: nobody waits for the budget while a run waits for the account."""
        try:
            app = self._app_of(account)
        except LinedeskError as error:
            log.info("details_paused", account=account, reason=error.message)
            self._pause(account, _FAILED_S)
            return 0
        return min(app.room(), _SLICE) if isinstance(app, Paced) else _SLICE

    def _pause(self, account: str, seconds: float) -> None:
        self._not_before_ms[account] = self._clock.now_ms() + round(seconds * 1000)


def _ids(account: str, after: str, count: int) -> Callable[[Connection], list[str]]:
    return lambda c: records.incomplete_ids(c, account, after, count)
