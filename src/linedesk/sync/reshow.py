"""Shows a book's entries anew when how they are made has changed: its number fields, or how numbers are read.

Nothing else does so by itself, be it after a setting changed, an update or an import. It works in the
background, in slices, from the copies of records; no app is asked anything. Entries without a copy (a CSV
file's) have their numbers read again. One mark a book says what it was made with, so a restart goes on.
"""

from __future__ import annotations

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
from linedesk.contacts.readings import READING, file_mark, fingerprint, plan_of_file, settings_of
from linedesk.errors import ConfigError, LinedeskError
from linedesk.numbers import NumberPlan
from linedesk.store import contact_rows, documents, records
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.engine import Engine
from linedesk.sync.entries import Entries
from linedesk.sync.known_fields import recalled

log = structlog.get_logger(__name__)

_EDITION = 1
"""Raised when a version of Linedesk shows records in another way."""
_PAGE = 150
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class _Shown:
    """Marks of what a book's entries are made with: all of them, and those up to the record `after`."""

    made_with: str = ""
    making: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a book's entries are made now; `mark` tells two ways apart.

    `account` is None for a book of files alone. `file_plan` reads the numbers of entries without a record.
    """

    book: str
    account: AppAccount | None
    file_plan: NumberPlan
    mark: str


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
        self._waiting: dict[str, _Way] = {}  # for their accounts, which can't be opened as they are

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
        for way, shown in await self._ways():
            if shown.made_with == way.mark or self._waiting.get(way.book) == way:
                continue
            try:
                if await self._bring_up(way, shown):
                    done.append(way.book)
            except Exception as error:  # noqa: BLE001 - it is raised again below
                failures.append(error)
        if failures:
            raise failures[0]
        return tuple(done)

    async def _bring_up(self, way: _Way, shown: _Shown) -> bool:
        """Make the book's entries in that way; answers whether there was anything to do."""
        book = way.book
        copied, alone = await self._books.read(lambda c: _holds(c, book), snapshot=False)
        if copied or alone:
            log.info("entries_shown_anew", account=book)
        # From here on the book is made in no one way, whatever comes between.
        self._waiting.pop(book, None)
        shown = _Shown(making=way.mark, after=shown.after if shown.making == way.mark else "")
        await self._books.write(lambda c: _put(c, book, shown))
        if copied and way.account is not None and not await self._show_copies(way, shown):
            return True
        if alone:
            await self._directory.reread(book, way.file_plan)
        if await self._is_still(way):
            await self._go_on(way, _Shown(made_with=way.mark))
        return copied or alone

    async def _is_still(self, way: _Way) -> bool:
        return any(each == way for each, _ in await self._ways())

    async def _show_copies(self, way: _Way, shown: _Shown) -> bool:
        """Show every copy; False when the way is another by now, or the account can't be opened."""
        book, after = way.book, shown.after
        while True:
            apps = await self._apps()
            if book not in apps:
                # Its numbers can be read anew all the same; the rest follows when the account is mended.
                await self._directory.reread(book, way.file_plan)
                self._waiting[book] = way
                return False
            async with self._engine.lock(book):
                part = await self._books.read(_page(book, after), snapshot=False)
                await self._entries.refresh(apps, book, part)
            if not await self._is_still(way):
                return False
            if len(part) < _PAGE:
                return True
            after = part[-1].record.id
            if not await self._go_on(way, replace(shown, after=after)):
                return False

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

    async def _ways(self) -> list[tuple[_Way, _Shown]]:
        """How every book that has an account or entries is made now, and what it was made with."""
        accounts = {account.name: account for account in self._accounts.all()}

        def look(c: Connection) -> list[tuple[_Way, _Shown]]:
            books = dict.fromkeys((*accounts, *contact_rows.all_books(c)))
            return [(self._way(c, book, accounts.get(book)), _read(c, book)) for book in books]

        return await self._books.read(look, snapshot=False)

    def _way(self, c: Connection, book: str, account: AppAccount | None) -> _Way:
        plan = self._accounts.plan_of(book)
        file_plan = plan_of_file(c, book, plan)
        if account is None:
            return _Way(book, None, file_plan, file_mark(file_plan))
        wanted: Sequence[str] = account.config.get("number_fields", ())
        infos = number_infos(recalled(c, book), wanted)
        own = [(info.name, info.label) for info in infos if wanted or info.custom]
        plans = [settings_of(plan), file_plan.region]
        mark = fingerprint([READING, _EDITION, account.app, account.url, own, *plans])
        return _Way(book, account, file_plan, mark)

    async def _fields(self, account: str) -> tuple[FieldInfo, ...]:
        return await self._books.read(lambda c: recalled(c, account), snapshot=False)

    async def _go_on(self, way: _Way, shown: _Shown) -> bool:
        """Note how far it came; False when an import or a removal took the note away meanwhile."""

        def note(c: Connection) -> bool:
            held = _read(c, way.book).making == way.mark
            if held:
                _put(c, way.book, shown)
            return held

        return await self._books.write(note)


def _put(c: Connection, book: str, shown: _Shown) -> None:
    documents.put(c, documents.shown_as(book), asdict(shown))


def _read(c: Connection, book: str) -> _Shown:
    body: Mapping[str, str] = documents.get(c, documents.shown_as(book)) or {}
    return _Shown(**body)


def _holds(c: Connection, book: str) -> tuple[bool, bool]:
    """Whether there are copies of the book's records, and entries without one."""
    return bool(records.page(c, book, "", 1)), records.has_entries_alone(c, book)


def _page(account: str, after: str) -> Callable[[Connection], list[Copy]]:
    return lambda c: records.page(c, account, after, _PAGE)
