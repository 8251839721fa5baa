"""What one run does, step by step, once its lease is held and both sides are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linedesk.apps.base import App, Watch
from linedesk.clock import Clock
from linedesk.errors import LinedeskError
from linedesk.store import decisions
from linedesk.store.database import Database
from linedesk.store.records import Copy
from linedesk.sync.adoption import Adoption
from linedesk.sync.copies import Book, load_links
from linedesk.sync.entries import Entries
from linedesk.sync.journal import Checkpoint, Journal, Settlement
from linedesk.sync.merge import Lanes, lanes_to
from linedesk.sync.model import (
    Change,
    Connection,
    Known,
    Link,
    MappingRow,
    Op,
    Plan,
    Problem,
    Progress,
    RunReport,
    RunState,
    Side,
)
from linedesk.sync.permit import Permit
from linedesk.sync.plan import plan_in_slices
from linedesk.sync.planning import Questions, held_back, in_slices
from linedesk.sync.reading import Reader
from linedesk.sync.recovery import Recovery, Shore
from linedesk.sync.report import counts_of, duration
from linedesk.sync.second_look import SecondLook
from linedesk.sync.sides import OpenSide
from linedesk.sync.slices import drain, set_aside, take_back
from linedesk.sync.writing import Target, Writer, Written, batches, requests_needed

_LINK_SLICE = 100


@dataclass(frozen=True, slots=True)
class Tools:
    """What every run of the engine shares."""

    books: Database
    clock: Clock
    reader: Reader
    entries: Entries
    lock: Callable[[str], asyncio.Lock]
    new_id: Callable[[], str]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Wish:
    """`run` None: a preview. `patient`: what was refused lately is not tried again now.

    `mend`: the last run did not come to its end.
    """

    run: int | None
    approve: str | None
    patient: bool
    mend: bool


@dataclass(slots=True)
class _Seen:
    """What the run has found out so far. `read_ms`: when the reading of a side began."""

    books: dict[Side, Book] = field(default_factory=dict)
    read_ms: dict[Side, int] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    known: dict[Side, Known] = field(default_factory=dict)
    plan: Plan | None = None
    written: Written = field(default_factory=Written)


class Run:
    """One run of one connection. `carry_out` raises `VendorError`; `failed` then says what was done."""

    def __init__(
        self,
        tools: Tools,
        connection: Connection,
        sides: Mapping[Side, OpenSide],
        *,
        rows: tuple[MappingRow, ...],
        wish: Wish,
        permit: Permit,
        watch: Callable[[Progress], None],
    ) -> None:
        self._tools = tools
        self._connection = connection
        self._sides = sides
        self._rows = rows
        self._wish = wish
        self._watch = watch
        self._apps: dict[str, App] = {each.app.account: each.app for each in sides.values()}
        self._targets = {
            side: Target(each.app, side, connection.external_ids) for side, each in sides.items()
        }
        self._journal = Journal(
            tools.books,
            tools.clock,
            connection.name,
            may_begin=permit.to_write,
            may_settle=permit.to_settle,
        )
        self._questions = Questions(tools.books, tools.clock, connection.name)
        self._seen = _Seen()

    async def carry_out(self) -> RunReport:
        """The whole run; for a preview, all that changes nothing."""
        try:
            return await self._carry_out()
        finally:
            await self._let_go()

    async def _carry_out(self) -> RunReport:
        await self._look()
        plan = await self._plan()
        if self._wish.run is None:
            return self._report(RunState.DONE, plan.changes, plan.problems, self._outlook(plan))
        await self._questions.keep(plan)
        if self._wish.approve is not None and self._wish.approve != plan.hash:
            sentence = (
                f"The plan is another one now ({plan.hash}) than the one that was approved; nothing was "
                "written. Look at the new one, and approve that."
            )
            return self._report(RunState.BRAKED, plan.changes, plan.problems, sentence)
        await self._store_linkings(plan)
        await self._write(plan)
        await self._adopt()
        self._watch(Progress("done", len(self._seen.written.changes), len(plan.changes), 0.0))
        return self._report_written(RunState.DONE, "")

    def apps(self) -> Iterable[App]:
        """The apps that the run works with."""
        return self._apps.values()

    def failed(self, error: LinedeskError) -> RunReport:
        """The report when an account failed or the run was stopped: what is done is done."""
        return self._report_written(RunState.FAILED, f"{error.message} {error.remedy}")

    async def _look(self) -> None:
        """Read both sides and settle what an earlier run left open."""
        name, seen = self._connection.name, self._seen
        lanes = self._lanes({side: each.known(Book(each.app.account)) for side, each in self._sides.items()})
        recovery = Recovery(
            self._journal,
            self._tools.clock,
            lanes=lanes,
            external_ids=self._connection.external_ids,
            checkpoint=self._tools.checkpoint,
        )
        entries = await self._journal.open_entries()
        lags = {side: each.app.capabilities.visibility_lag_s for side, each in self._sides.items()}
        await recovery.wait_for_lag(entries, lags)
        for side, each in self._sides.items():
            account = each.app.account
            async with self._tools.lock(account):
                watch = self._reading_watch(side)
                seen.read_ms[side] = self._tools.clock.now_ms()
                seen.books[side] = await self._tools.reader.read(self._apps, account, watch)
        seen.links = await load_links(self._tools.books, name)
        if self._wish.mend:
            a, b = (seen.books[side] for side in Side)
            await self._tools.entries.mend(self._apps, a, b, seen.links.values())
        if entries:
            found = await recovery.settle(entries, {s: self._shore(s) for s in Side}, seen.links)
            await self._show(found)
        seen.known = {side: each.known(seen.books[side]) for side, each in self._sides.items()}

    async def _plan(self) -> Plan:
        seen, tools, name = self._seen, self._tools, self._connection.name
        self._watch(Progress("planning", 0))
        answers = await tools.books.read(lambda c: decisions.answered(c, name), snapshot=False)
        plan = await in_slices(
            plan_in_slices(
                self._connection,
                self._rows,
                seen.known[Side.A],
                seen.known[Side.B],
                tuple(seen.links.values()),
                answers,
                tools.new_id,
            )
        )
        if self._wish.patient:
            refused = await self._questions.refused()
            plan = held_back(plan, refused, seen.books, tools.clock.now_ms())
        seen.plan = plan
        await tools.checkpoint("planned")
        return plan

    async def _store_linkings(self, plan: Plan) -> None:
        """Links that need no write."""
        for start in range(0, len(plan.linkings), _LINK_SLICE):
            part = [each.link for each in plan.linkings[start : start + _LINK_SLICE]]
            await self._journal.settle(self._sides[Side.B].app.account, Settlement(links=part))
            await self._tools.checkpoint("linked")
            await self._show(part)

    async def _write(self, plan: Plan) -> None:
        seen, tools = self._seen, self._tools
        if not plan.changes:
            return
        lanes = self._lanes(seen.known)
        planned_on = {side: known.records for side, known in seen.known.items()}
        look = SecondLook(tools.clock, lanes, planned_on, seen.read_ms)
        writer = Writer(
            self._journal,
            tools.clock,
            self._wish.run or 0,
            targets=self._targets,
            lanes=lanes,
            records=planned_on,
            links=seen.links,
            checkpoint=tools.checkpoint,
        )
        seen.written = writer.written
        done, requests = 0, requests_needed(plan.changes, self._targets)
        for sent, batch in enumerate(batches(plan.changes, self._targets)):
            left_s = self._left_s(batch, max(0, requests - sent))
            self._watch(Progress("writing", done, len(plan.changes), left_s))
            async with tools.lock(self._sides[batch[0].side].app.account):
                fits = await self._looked_at(look, batch)
                settlement = await writer.write(fits) if fits else Settlement()
            self._take_in(batch[0].side, settlement)
            await self._show(self._worth_showing(batch, settlement))
            writer.raise_failure()
            done += len(batch)

    async def _looked_at(self, look: SecondLook, batch: Sequence[Change]) -> Sequence[Change]:
        """Those of the batch whose records are still as the plan saw them."""
        ids = look.wanted(batch)
        if not ids:
            return batch
        side = batch[0].side
        now = await self._tools.reader.take(self._apps, self._sides[side].app.account, ids)
        self._seen.books[side].copies.update(now)
        looked = look.judge(batch, now)
        self._seen.written.stale.extend(looked.stale)
        return looked.fits

    def _take_in(self, side: Side, settlement: Settlement) -> None:
        self._seen.links.update({link.id: link for link in settlement.links})
        self._seen.books[side].copies.update({copy.record.id: copy for copy in settlement.copies})

    def _worth_showing(self, batch: Sequence[Change], settlement: Settlement) -> list[Link]:
        """A record that was just made holds nothing that its source's entry does not."""
        made = {change.link_id for change in batch if change.op is Op.CREATE}
        return [link for link in settlement.links if link.id not in made]

    async def _adopt(self) -> None:
        """Creates that were refused because a record holds the value already."""
        adoption = Adoption(self._connection, self._questions, self._seen.known)
        for change, holder in self._seen.written.adopt:
            account = self._sides[change.side].app.account
            async with self._tools.lock(account):
                found = await self._tools.reader.take(self._apps, account, [holder])
            link, problem = await adoption.judge(change, found.get(holder), self._seen.links)
            if problem is not None:
                self._seen.written.problems.append(problem)
            if link is not None:
                self._take_in(change.side, Settlement(links=[link], copies=list(found.values())))
                await self._journal.settle(account, Settlement(links=[link]))
                await self._tools.checkpoint("adopted")
                await self._show([link])

    async def _show(self, links: Sequence[Link]) -> None:
        """Let the directory show each person once, now that these are linked."""
        if links:
            book = self._seen.books[Side.A]
            copies = [book.copies[link.a_id] for link in links if link.a_id in book.copies]
            await self._tools.entries.refresh(self._apps, book.account, copies)

    async def _let_go(self) -> None:
        """Free what was loaded, without holding up the loop."""
        seen = self._seen
        planned_on = [known.records for known in seen.known.values()]
        await drain(seen.links, *(book.copies for book in seen.books.values()))
        await drain(*(records for records in planned_on if isinstance(records, dict)))
        take_back()

    def _shore(self, side: Side) -> Shore:
        each, account = self._sides[side], self._sides[side].app.account

        async def take(ids: Sequence[str]) -> Mapping[str, Copy]:
            async with self._tools.lock(account):
                return await self._tools.reader.take(self._apps, account, ids)

        return Shore(each.app, self._seen.books[side], take)

    def _lanes(self, known: Mapping[Side, Known]) -> dict[Side, Lanes]:
        return {side: lanes_to(side, self._rows, known[Side.A], known[Side.B]) for side in Side}

    def _reading_watch(self, side: Side) -> Watch:
        def watch(done: int, total: int | None) -> None:
            set_aside()
            self._watch(Progress(f"reading-{side.value}", done, total))

        return watch

    def _left_s(self, batch: Sequence[Change], requests: int) -> float:
        capabilities = self._sides[batch[0].side].app.capabilities
        return requests * capabilities.requests_per_write / capabilities.requests_per_s

    def _outlook(self, plan: Plan) -> str:
        if not plan.changes:
            return ""
        requests = requests_needed(plan.changes, self._targets)
        return f"Writing it takes about {duration(self._left_s(plan.changes, requests))}."

    def _report_written(self, state: RunState, sentence: str) -> RunReport:
        seen = self._seen
        problems = (seen.plan.problems if seen.plan is not None else ()) + tuple(seen.written.problems)
        return self._report(state, tuple(seen.written.changes), problems, sentence or self._lost())

    def _lost(self) -> str:
        count = len(self._seen.written.unsure)
        if not count:
            return ""
        lost = "The answer to 1 write was" if count == 1 else f"The answers to {count} writes were"
        them = "it" if count == 1 else "them"
        return f"{lost} lost; the next run looks for what became of {them} before it writes again."

    def _report(
        self, state: RunState, changes: Sequence[Change], problems: Sequence[Problem], sentence: str
    ) -> RunReport:
        plan = self._seen.plan or Plan(self._connection.name)
        counts = counts_of(plan, changes, problems)
        counts["skip"] += len(self._seen.written.stale)
        return RunReport(
            run=self._wish.run,
            state=state,
            plan=plan,
            accounts={side: each.app.account for side, each in self._sides.items()},
            writes=len(self._seen.written.changes),
            counts=counts,
            changes=tuple(changes),
            problems=tuple(problems),
            sentence=sentence,
        )
