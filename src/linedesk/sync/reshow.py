"""Shows a book's entries anew when how they are made has changed: its number fields, or how numbers are read.

It works in the background, in slices, from the copies of records; no app is asked anything. A book without
copies (a CSV file's) has its numbers read again. What a book was made with is kept, so a restart goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import structlog
from sqlalchemy import Connection

from linedesk.accounts.model import AppAccount
from linedesk.apps.base import App, RecallsFields
from linedesk.apps.number_fields import number_infos
from linedesk.apps.records import FieldInfo
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.errors import ConfigError, LinedeskError
from linedesk.numbers import NumberPlan
from linedesk.store import documents, records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.engine import Engine
from linedesk.sync.entries import Entries
from linedesk.sync.known_fields import recalled

log = structlog.get_logger(__name__)

_EDITION = 1
"""Raised when a version of Linedesk shows records or reads numbers in another way."""
_PAGE = 150
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class _Shown:
    """Marks of what a book's entries are made with: all of them, and those up to the record `after`."""

    made_with: str = ""
    making: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class AccountsNow:
    """What is asked of the accounts, always as they are now. `app_of` raises `ConfigError`."""

    all: Callable[[], Sequence[AppAccount]]
    app_of: Callable[[str], App]
    plan_of: Callable[[str], NumberPlan]


class Reshow:
    """`await run()` in a task of the service's."""

    def __init__(
        self, books: Database, clock: Clock, directory: Directory, engine: Engine, accounts: AccountsNow
    ) -> None:
        self._books = books
        self._clock = clock
        self._directory = directory
        self._engine = engine
        self._accounts = accounts
        self._entries = Entries(books, directory, accounts.plan_of)
        self._settled: dict[str, tuple[AppAccount, str]] = {}

    async def run(self) -> None:
        """Look each second whether a book is to be shown anew, and do it."""
        failing = False
        while True:
            try:
                await self.step()
                failing = False
            except LinedeskError as error:
                if not failing:
                    log.warning("entries_not_shown_anew", reason=error.message)
                failing = True
            except Exception:
                # A defect in work of the background must not stop the popups; it is said with its traceback.
                if not failing:
                    log.exception("entries_not_shown_anew")
                failing = True
            await self._clock.sleep(_LOOK_S)

    async def step(self) -> tuple[str, ...]:
        """Show every book anew that is not as it would be made now; answers which.

        A book that fails keeps no other one waiting; its error comes at the end.
        """
        done: list[str] = []
        failures: list[Exception] = []
        for account in self._accounts.all():
            try:
                mark = await self._mark(account)
                settled = self._settled.get(account.name) == (account, mark)
                if not settled and await self._bring_up(account, mark):
                    done.append(account.name)
            except Exception as error:  # noqa: BLE001 - it is raised again below
                failures.append(error)
        if failures:
            raise failures[0]
        return tuple(done)

    async def _bring_up(self, account: AppAccount, mark: str) -> bool:
        """Make the book's entries as the mark says; answers whether there was anything to do."""
        book = account.name
        shown = await self._books.read(lambda c: _read(c, book), snapshot=False)
        worked = False
        if shown.made_with != mark:
            copied, alone = await self._books.read(lambda c: _holds(c, book), snapshot=False)
            worked = copied or alone
            if worked:
                log.info("entries_shown_anew", account=book)
                # From here on the book is made in no one way, whatever comes between.
                self._settled.pop(book, None)
                shown = _Shown(making=mark, after=shown.after if shown.making == mark else "")
                await self._write(book, shown)
            if copied and not await self._show_copies(account, mark, shown):
                return worked
            if alone:
                await self._directory.reread(book, self._accounts.plan_of(book))
            if not await self._is_still(account, mark):
                return worked
            await self._write(book, _Shown(made_with=mark))
        self._settled[book] = (account, mark)
        return worked

    async def _is_still(self, account: AppAccount, mark: str) -> bool:
        return account in self._accounts.all() and await self._mark(account) == mark

    async def _show_copies(self, account: AppAccount, mark: str, shown: _Shown) -> bool:
        """Show every copy; False when the account is another by now, or can't be opened."""
        book = account.name
        after = shown.after
        while True:
            apps = await self._apps()
            if book not in apps:
                # Its numbers can be read anew all the same; the rest follows when the account is mended.
                await self._directory.reread(book, self._accounts.plan_of(book))
                self._settled[book] = (account, mark)
                return False
            async with self._engine.lock(book):
                part = await self._books.read(_page(book, after), snapshot=False)
                await self._entries.refresh(apps, book, part)
            if not await self._is_still(account, mark):
                return False
            if len(part) < _PAGE:
                return True
            after = part[-1].record.id
            await self._write(book, replace(shown, after=after))

    async def _apps(self) -> dict[str, App]:
        """Every app that can be opened: an entry may have a counterpart in any of them."""
        found: dict[str, App] = {}
        for each in self._accounts.all():
            try:
                app = self._accounts.app_of(each.name)
            except ConfigError:
                continue  # `linedesk check` says why
            if isinstance(app, RecallsFields):
                fields = await self._fields(each.name)
                if fields:
                    app.recall_fields(fields)
            found[each.name] = app
        return found

    async def _mark(self, account: AppAccount) -> str:
        """Tells two ways of making a book's entries apart."""
        wanted: Sequence[str] = account.config.get("number_fields", ())
        infos = number_infos(await self._fields(account.name), wanted)
        plan = asdict(self._accounts.plan_of(account.name))
        # Whatever is dialled is made when it is dialled.
        del plan["dial_rules"]
        own = [(info.name, info.label) for info in infos if wanted or info.custom]
        made_with = [_EDITION, account.app, account.url, own, plan]
        return hashlib.blake2s(json.dumps(made_with, sort_keys=True).encode(), digest_size=12).hexdigest()

    async def _fields(self, account: str) -> tuple[FieldInfo, ...]:
        return await self._books.read(lambda c: recalled(c, account), snapshot=False)

    async def _write(self, book: str, shown: _Shown) -> None:
        await self._books.write(lambda c: documents.put(c, documents.shown_as(book), asdict(shown)))


def _read(c: Connection, book: str) -> _Shown:
    body: Mapping[str, str] = documents.get(c, documents.shown_as(book)) or {}
    return _Shown(**body)


def _holds(c: Connection, book: str) -> tuple[bool, bool]:
    """Whether there are copies of the book's records, and entries without one."""
    return bool(records.page(c, book, "", 1)), records.has_entries_alone(c, book)


def _page(account: str, after: str) -> Callable[[Connection], list[Copy]]:
    return lambda c: records.page(c, account, after, _PAGE)
