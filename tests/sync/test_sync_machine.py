"""Edits, lost answers, refusals, lags and dead accounts in any order: S1 S2 S3 S4 S6 S13 S14 S15 S16."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from contract.memory import Fault, numbers_reformatted
from linedesk.apps.base import Feed, Vanished
from linedesk.apps.records import RecordState
from linedesk.store import journal, runs
from linedesk.sync.model import RunState
from sync.engine_house import SOURCE, TARGET, WITHOUT_IDS, House, house
from sync.memory_stores import memory_stores

NAMES = st.sampled_from(["Ada", "Bob", "Čeněk Đ", "名前", "O'Neill-Smith", "Zoë 👩‍👩‍👧", "U+202E \u202e"])
PHONES = st.sampled_from(["", "+390212345678", "02 9876 5432", "201", "not a number", "+49 30 23125-0"])
WRITE_FAULTS = st.sampled_from(
    [Fault.REFUSE, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.TIMEOUT, Fault.UNREACHABLE, Fault.AUTH, None]
)
LIST_FAULTS = st.sampled_from([Fault.BUSY, Fault.GARBLED, Fault.REPEAT_PAGE, Fault.EMPTY_PAGE])
SOURCES = (SOURCE, replace(SOURCE, feed=Feed.TOKEN, vanished=Vanished.TOMBSTONE))
TARGETS = (TARGET, WITHOUT_IDS, replace(TARGET, create_batch=3, update_batch=3))


class SyncMachine(RuleBasedStateMachine):
    """A person of the source is known by an e-mail address that never changes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.people: dict[str, str] = {}
        self.in_target: dict[str, str] = {}
        self.removed: set[str] = set()
        self.typed = 0
        self.must_stay: set[str] = set()

    @initialize(
        read=st.sampled_from(SOURCES),
        written=st.sampled_from(TARGETS),
        lag_s=st.sampled_from([0.0, 0.0, 200.0]),
        reformats=st.booleans(),
    )
    def open(self, read: Any, written: Any, lag_s: float, reformats: bool) -> None:
        self.lag_s = lag_s
        target = replace(written, visibility_lag_s=lag_s)
        opening = house(Path(), source=read, target=target, stores=memory_stores())
        self.home: House = self.runner.run(self.stack.enter_async_context(opening))
        self.home.a.page_size = self.home.b.page_size = 2
        self.reformats = numbers_reformatted() if reformats else None
        self.home.b.faults.text = self.reformats

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.settled()
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @rule(name=NAMES, phone=PHONES)
    def add(self, name: str, phone: str) -> None:
        mail = f"p{len(self.people)}@example.com"
        self.people[mail] = self.home.a.seed(name=f"{name} {len(self.people)}", phone=phone, email=mail)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), name=NAMES, phone=PHONES)
    def edit(self, data: Any, name: str, phone: str) -> None:
        mail = data.draw(st.sampled_from(sorted(self.people)))
        self.home.a.edit(self.people[mail], name=f"{name} {mail[:-12]}", phone=phone)

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def trash(self, data: Any) -> None:
        self.home.a.trash(self.people[data.draw(st.sampled_from(sorted(self.people)))])

    @rule(phone=PHONES)
    def add_in_both(self, phone: str) -> None:
        """A person whom both sides have already; the first pairing meets them."""
        mail = f"p{len(self.people)}@example.com"
        name = f"Both {len(self.people)}"
        self.people[mail] = self.home.a.seed(name=name, phone=phone, email=mail)
        self.in_target[mail] = self.home.b.seed(name=name, email=mail, notes=f"notes of {mail}")
        # What was made within the lag can be seen by nobody, and would be made a second time.
        self.home.clock.advance(self.lag_s + 1)

    @precondition(lambda self: not self.lag_s and self.home.b.records)
    @rule(data=st.data(), name=NAMES)
    def edit_target(self, data: Any, name: str) -> None:
        record_id = data.draw(st.sampled_from(sorted(self.home.b.records)))
        self.typed += 1
        self.must_stay.discard(self.home.b.truth(record_id).text("name"))
        self.home.b.edit(record_id, name=f"{name} typed {self.typed}")

    @precondition(lambda self: not self.lag_s and self.home.b.records)
    @rule(data=st.data())
    def remove_in_target(self, data: Any) -> None:
        record = data.draw(st.sampled_from(sorted(self.home.b.records.values(), key=lambda r: r.id)))
        self.must_stay.discard(record.text("name"))
        self.home.b.vanish(record.id)
        self.removed.add(record.text("email"))

    @rule(op=st.sampled_from(["create", "update"]), faults=st.lists(WRITE_FAULTS, min_size=1, max_size=4))
    def trouble(self, op: str, faults: list[Fault | None]) -> None:
        self.home.b.faults.script(op, *faults)

    @rule(fault=LIST_FAULTS, at_source=st.booleans())
    def broken_listing(self, fault: Fault, at_source: bool) -> None:
        server = self.home.a if at_source else self.home.b
        server.faults.script("list", fault)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), name=NAMES)
    def sync_with_edit(self, data: Any, name: str) -> None:
        """A user edits while the run is going on."""
        mail = data.draw(st.sampled_from(sorted(self.people)))
        edits = [name]

        def edit(_: str) -> None:
            if edits:
                self.home.a.edit(self.people[mail], name=f"{edits.pop()} {mail[:-12]}")

        self.home.b.on_request = edit
        self.sync()
        self.home.b.on_request = None

    @rule()
    def sync(self) -> None:
        if self.runner.run(self.in_doubt()):
            # The run would wait for the target's lag, and nobody moves the clock meanwhile.
            self.home.clock.advance(self.lag_s)
        shown = {record.text("name") for record in self.home.b.records.values()}
        if self.runner.run(self.home.sync()).state is RunState.DONE:
            self.must_stay |= shown

    def settled(self) -> None:
        """No more edits and no more faults."""
        for server in (self.home.a, self.home.b):
            server.faults.clear()
        self.home.b.faults.text = self.reformats
        for _ in range(2):
            self.home.clock.advance(self.lag_s + 1)
            report = self.runner.run(self.home.sync())
            if (
                report.state is RunState.BRAKED
            ):  # all that was linked is gone, and a person says that it may be
                report = self.runner.run(self.home.sync(approve=report.plan.hash))
            assert report.state is RunState.DONE, report.sentence
        assert report.problems == ()
        self.home.clock.advance(self.lag_s + 1)
        rows = self.runner.run(self.home.journal_rows())
        with self.home.b.no_write_due():
            assert self.runner.run(self.home.sync()).writes == 0
        assert self.runner.run(self.home.journal_rows()) == rows
        self.is_converged()
        self.runner.run(self.nothing_is_lost())

    def is_converged(self) -> None:
        at_target: dict[str, list[Any]] = {}
        for record in self.home.b.records.values():
            at_target.setdefault(record.text("email"), []).append(record)
        assert all(len(each) == 1 for each in at_target.values()), "S06"
        sources = {
            self.home.a.truth(record_id).text("email"): record_id for record_id in self.people.values()
        }
        for mail, record_id in sources.items():
            source = self.home.a.truth(record_id)
            if source.state is not RecordState.ACTIVE or mail in self.removed:
                continue
            [record] = at_target[mail]
            [theirs] = self.home.mapped_of([record])
            [ours] = self.home.mapped_of([source])
            assert theirs == ours, "S01"
        for mail, record_id in self.in_target.items():
            if mail not in self.removed:
                assert self.home.b.truth(record_id).text("notes") == f"notes of {mail}", "S13"

    async def in_doubt(self) -> bool:
        return bool(await self.home.stores.books.read(lambda c: journal.open_entries(c, "office")))

    async def nothing_is_lost(self) -> None:
        books = self.home.stores.books
        seen = {record.text("name") for record in self.home.b.records.values()}
        for run in await books.read(lambda c: runs.latest(c, "office", 1000)):
            entries = await books.read(partial(journal.of_run, run=run.id))
            seen |= {str(entry.before.get("name")) for entry in entries}
        assert seen >= self.must_stay, "S04"
        assert not await self.in_doubt()


TestSyncMachine = SyncMachine.TestCase
TestSyncMachine.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
