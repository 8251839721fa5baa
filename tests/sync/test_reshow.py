"""A book is shown anew when how its entries are made has changed: from what is stored, with no request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from contract.memory import FIELDS, MemoryApp
from linedesk.accounts.model import AppAccount
from linedesk.apps.base import App
from linedesk.apps.records import FieldInfo, RecordState
from linedesk.contacts.model import Contact, ContactNumber, contact_id
from linedesk.errors import ConfigError
from linedesk.numbers import NumberPlan, PrefixRule, read
from linedesk.store import documents
from linedesk.store.records import Copy
from linedesk.sync import reshow
from linedesk.sync.known_fields import recalled, remember
from linedesk.sync.reshow import AccountsNow, Reshow
from sync.engine_house import House, house

IT, GB = NumberPlan("IT"), NumberPlan("GB")


@dataclass
class Desk:
    """What an administrator has set: the accounts, the plan, and which of them can't be opened."""

    home: House
    plan: NumberPlan = IT
    accounts: dict[str, AppAccount] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in self.home.apps:
            self.accounts[name] = AppAccount(name, "memory", "")

    def app_of(self, name: str) -> App:
        if name in self.closed or name not in self.home.apps:
            raise ConfigError(f"{name} can't be opened.")
        return self.home.apps[name]

    def started(self) -> Reshow:
        """As after a restart of the service."""
        now = AccountsNow(lambda: tuple(self.accounts.values()), self.app_of, lambda _: self.plan)
        home = self.home
        return Reshow(home.stores.books, home.clock, home.directory, home.engine, now)

    def choose(self, account: str, *names: str) -> None:
        """Set `number_fields`; the app is opened anew by that."""
        self.accounts[account] = replace(self.accounts[account], config={"number_fields": list(names)})
        old = self.home.apps[account]
        self.home.apps[account] = MemoryApp(
            self.home.clock,
            account=account,
            capabilities=old.capabilities,
            number_fields=names,
            server=old.server,
        )

    async def found(self, text: str) -> list[str]:
        """Names of those who surely own the number, written as on this PBX."""
        return [
            each.contact.name for each in (await self.home.directory.lookup(read(text, self.plan), None)).sure
        ]

    def requests(self) -> int:
        return sum(self.home.a.requests.values()) + sum(self.home.b.requests.values())


@asynccontextmanager
async def desk(folder: Path, people: int = 3) -> AsyncIterator[Desk]:
    """A synced house; person n has the number 020 7946 0nnn, which Italy and Britain read differently."""
    async with house(folder) as home:
        for number in range(people):
            home.a.seed(
                name=f"Person {number:03}",
                phone=f"020 7946 0{number:03}",
                notes=f"Cellulare: 333 1234{number:03}; 02 9999{number:03}",
            )
        await home.sync()
        yield Desk(home)


async def test_a_region_that_changes_changes_who_is_found_without_any_request(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        await work.step()
        assert await it.found("+442079460001") == []
        asked = it.requests()

        it.plan = GB
        assert set(await work.step()) == {"crm", "book"}

        assert await it.found("+442079460001") == ["Person 001"]
        it.plan = IT
        await work.step()
        assert await it.found("+442079460001") == []
        assert await it.found("+3902079460001") == ["Person 001"]
        assert it.requests() == asked


@pytest.mark.parametrize(
    "plan",
    [
        NumberPlan("IT", rules=(PrefixRule("0", "", 8),)),
        NumberPlan("IT", outside_line="0"),
        NumberPlan("IT", internal_pattern=r"\d{10}"),
    ],
)
async def test_rules_outside_line_and_internal_pattern_count_and_rules_for_dialling_do_not(
    tmp_path: Path, plan: NumberPlan
) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        await work.step()
        it.plan = replace(IT, dial_rules=(PrefixRule("+", "00"),))
        assert await work.step() == ()
        it.plan = plan
        assert set(await work.step()) == {"crm", "book"}
        assert await work.step() == ()


async def test_A22_number_fields_that_are_named_are_found_at_once_and_leave_at_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        await work.step()
        assert await it.found("+393331234001") == []
        asked = it.requests()

        it.choose("crm", "phone", "notes")
        assert await work.step() == ("crm",)
        assert await it.found("+393331234001") == ["Person 001"]
        assert await it.found("+3902079460001") == ["Person 001"]

        it.choose("crm", "notes")
        await work.step()
        assert await it.found("+393331234002") == ["Person 002"]
        assert it.requests() == asked
        # The counterpart in the other book holds the number still, and belongs to the same entry.
        assert await it.found("+3902079460002") == ["Person 002"]


async def test_a_linked_pair_stays_one_entry(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        it.plan = GB
        await work.step()
        assert await it.home.directory.count("crm") == 3
        assert await it.home.directory.count("book") == 0


async def test_what_is_shown_already_is_not_shown_again_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        assert set(await it.started().step()) == {"crm", "book"}
        assert await it.started().step() == ()


async def test_after_a_kill_it_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, people=9) as it:
        await it.started().step()
        monkeypatch.setattr(reshow, "_PAGE", 3)
        it.plan = GB
        killed = it.started()
        shown: list[list[str]] = []
        refresh = killed._entries.refresh

        async def dying(apps: dict[str, App], account: str, copies: Sequence[Copy]) -> None:
            if len(shown) == 2:
                raise RuntimeError("killed")
            shown.append([copy.record.id for copy in copies])
            await refresh(apps, account, copies)

        monkeypatch.setattr(killed._entries, "refresh", dying)
        with pytest.raises(RuntimeError, match="killed"):
            await killed.step()

        again = it.started()
        later: list[list[str]] = []
        refresh = again._entries.refresh

        async def watched(apps: dict[str, App], account: str, copies: Sequence[Copy]) -> None:
            if account == "crm":
                later.append([copy.record.id for copy in copies])
            await refresh(apps, account, copies)

        monkeypatch.setattr(again._entries, "refresh", watched)
        await again.step()
        first = [each for part in shown for each in part]
        second = [each for part in later for each in part]
        assert len(first) == 6
        assert set(first).isdisjoint(second)
        assert len(first + second) == 9
        assert await it.found("+442079460008") == ["Person 008"]


async def test_a_change_in_the_middle_begins_anew_and_ends_with_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, people=9) as it:
        work = it.started()
        await work.step()
        monkeypatch.setattr(reshow, "_PAGE", 3)
        refresh = work._entries.refresh
        seen: list[str] = []

        async def meddled(apps: dict[str, App], account: str, copies: Sequence[Copy]) -> None:
            await refresh(apps, account, copies)
            seen.append(account)
            if len(seen) == 2:
                it.plan = IT

        monkeypatch.setattr(work._entries, "refresh", meddled)
        it.plan = GB
        await work.step()
        await work.step()
        for number in range(9):
            assert await it.found(f"+3902079460{number:03}") == [f"Person {number:03}"]
            assert await it.found(f"+442079460{number:03}") == []
        assert await work.step() == ()


async def test_a_book_without_copies_has_its_numbers_read_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.accounts["list"] = AppAccount("list", "csv", "")
        ada = Contact(
            id=contact_id("list", "1"),
            book="list",
            app="csv",
            record_id="1",
            name="Ada Example",
            numbers=(ContactNumber("020 7946 0123"),),
        )
        await it.home.directory.put([ada], IT)
        work = it.started()
        await work.step()
        assert await it.found("+442079460123") == []
        it.plan = GB
        assert "list" in await work.step()
        assert await it.found("+442079460123") == ["Ada Example"]


async def test_entries_beside_the_copies_of_a_book_are_read_again_too(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        ada = Contact(contact_id("crm", "x"), "crm", "memory", "x", "Ada Example")
        await it.home.directory.put([replace(ada, numbers=(ContactNumber("020 7946 0123"),))], IT)
        work = it.started()
        await work.step()
        it.plan = GB
        await work.step()
        assert await it.found("+442079460123") == ["Ada Example"]


async def test_an_account_that_can_not_be_opened_waits_until_it_is_mended(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        await work.step()
        it.choose("crm", "notes")
        it.closed.add("crm")
        await work.step()
        assert await work.step() == ()
        assert await it.found("+393331234001") == []
        it.closed.clear()
        it.accounts["crm"] = replace(it.accounts["crm"], secrets={"api_key": "new"})
        assert await work.step() == ("crm",)
        assert await it.found("+393331234001") == ["Person 001"]


async def test_a_removed_account_is_left_alone(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        work = it.started()
        for book in it.accounts:
            await it.home.directory.replace_book(book, [], IT)
        it.accounts.clear()
        it.plan = GB
        assert await work.step() == ()
        assert not await it.home.stores.books.read(lambda c: documents.get(c, documents.shown_as("crm")))


async def test_an_empty_book_is_only_noted(tmp_path: Path) -> None:
    async with desk(tmp_path, people=0) as it:
        work = it.started()
        assert await work.step() == ()
        kept = await it.home.stores.books.read(lambda c: documents.get(c, documents.shown_as("crm")))
        assert kept is not None
        assert kept["made_with"]


async def test_fields_are_kept_as_they_were_told_and_written_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        books = it.home.stores.books
        assert await books.read(lambda c: recalled(c, "crm")) == FIELDS
        assert await books.read(lambda c: recalled(c, "nobody")) == ()
        before = await books.read(lambda c: documents.get(c, documents.fields_of("crm")))
        await remember(books, "crm", FIELDS)
        assert await books.read(lambda c: documents.get(c, documents.fields_of("crm"))) == before


async def test_A22_an_app_is_told_the_fields_it_knew_before_the_restart(tmp_path: Path) -> None:
    class Recalling(MemoryApp):
        told: tuple[FieldInfo, ...] = ()

        def recall_fields(self, fields: Sequence[FieldInfo]) -> None:
            self.told = tuple(fields)

    async with desk(tmp_path) as it:
        app = Recalling(it.home.clock, account="crm", server=it.home.a)
        it.home.apps["crm"] = app
        await it.started().step()
        assert app.told == FIELDS


async def test_a_blocked_contact_is_shown_and_marked_and_one_in_the_bin_is_not(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        blocked, deleted = list(it.home.a.records)[:2]
        it.home.a.set_state(blocked, RecordState.BLOCKED)
        it.home.a.set_state(deleted, RecordState.DELETED)
        await it.home.sync()
        (found,) = (await it.home.directory.lookup(read("020 7946 0000", IT), None)).sure
        assert found.contact.blocked
        assert found.contact.name == "Person 000"
        kept = (await it.home.directory.lookup(read("020 7946 0001", IT), None)).sure
        # The copy in the other book is there still, and is no longer hidden behind its source.
        assert [each.contact.book for each in kept] == ["book"]


async def test_S16_a_book_that_fails_keeps_no_other_one_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as it:
        work = it.started()

        def broken(_record: object) -> None:
            raise RuntimeError("a defect")

        monkeypatch.setattr(it.home.apps["book"], "contact", broken)
        it.choose("crm", "notes")
        it.accounts = {name: it.accounts[name] for name in ("book", "crm")}
        it.accounts["list"] = AppAccount("list", "csv", "")
        ada = Contact(contact_id("list", "1"), "list", "csv", "1", "Ada Example")
        await it.home.directory.put([replace(ada, numbers=(ContactNumber("020 7946 0123"),))], IT)
        it.plan = GB
        with pytest.raises(RuntimeError, match="a defect"):
            await work.step()
        assert await it.found("+442079460123") == ["Ada Example"]
