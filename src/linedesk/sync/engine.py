"""One sync run of a connection: lease, recovery, reading, plan, writes, report.

The order is what makes it safe: what an earlier run left open is looked for before anything is planned,
and the directory knows what was read before anything is written.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from linedesk.apps.base import App
from linedesk.apps.kind import AppKind
from linedesk.budget_use import Use, used_for
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.errors import LinedeskError, NotFound, SyncImpossible, VendorError
from linedesk.numbers import NumberPlan
from linedesk.store import runs
from linedesk.store.database import Database
from linedesk.store.runs import RunRow
from linedesk.sync.beside import beside
from linedesk.sync.entries import Entries
from linedesk.sync.ground import Ground, open_ground
from linedesk.sync.journal import Checkpoint, no_checkpoint
from linedesk.sync.known_fields import remember
from linedesk.sync.lease import held, new_owner
from linedesk.sync.model import LINK_ID_PREFIX, Connection, Plan, Progress, RunReport, RunState, Side
from linedesk.sync.permit import Permit, paused
from linedesk.sync.planning import Questions
from linedesk.sync.reading import Reader
from linedesk.sync.report import counts_of
from linedesk.sync.run import Run
from linedesk.sync.run_parts import Purpose, Tools, Wish
from linedesk.sync.sides import Openers
from linedesk.sync.syncing import Syncing
from linedesk.sync.undoing import UndoAsk, Undoing
from linedesk.sync.writing_parts import Tally

log = structlog.get_logger(__name__)

SCHEDULE = "schedule"
"""The actor of runs that nobody asked for."""

Watcher = Callable[[Progress], None]
_Means = Callable[[Ground, Wish], Callable[[Questions], Purpose]]
"""Makes the purpose of a run once its sides are open."""

_DEFECT = "Something in Linedesk went wrong in this run."
_DEFECT_REMEDY = "The service's log says more; the next run takes up what this one left."


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a run. `approve`: the hash of the only plan that may be carried out."""

    preview: bool = False
    approve: str | None = None
    actor: str = SCHEDULE


class Engine:
    """Runs syncs, one at a time for each connection.

    `connection_of` and the openers take names and raise `ConfigError`, `NotFound` or `SyncImpossible`.
    `checkpoint` is for tests: it is awaited at every step of a run.
    """

    def __init__(
        self,
        books: Database,
        clock: Clock,
        directory: Directory,
        *,
        connection_of: Callable[[str], Connection],
        app_of: Callable[[str], App],
        kind_of: Callable[[str], AppKind],
        plan_of: Callable[[str], NumberPlan],
        new_id: Callable[[], str] = lambda: f"{LINK_ID_PREFIX}{uuid.uuid4().hex}",
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        self._connection_of = connection_of
        self._openers = Openers(app_of, kind_of, plan_of)
        self._books = books
        self._clock = clock
        self._owner = new_owner()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._pairs: defaultdict[frozenset[str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used: Counter[str] = Counter()
        entries = Entries(books, directory, plan_of)
        self.reader = Reader(books, clock, entries, checkpoint)
        self._tools = Tools(
            books=books,
            clock=clock,
            reader=self.reader,
            entries=entries,
            lock=self.lock,
            new_id=new_id,
            checkpoint=checkpoint,
        )

    def lock(self, account: str) -> asyncio.Lock:
        """Guards the copies of an account: whoever reads or writes records of it holds it."""
        return self._locks[account]

    def in_use(self) -> frozenset[str]:
        """Accounts whose apps a run is working with."""
        return frozenset(+self._used)

    async def run(self, name: str, ask: Ask = Ask(), watch: Watcher | None = None) -> RunReport:
        """One run, or its plan.

        An account that fails ends it with the state `failed` and a sentence; so does a pause or a change of
        the connection once something was written. Raises `SyncBusy` while another run of the connection is
        going on, and `SyncImpossible`, `NotFound` or `ConfigError` when nothing was written. `watch` is
        called on the loop, at most once a request or a slice of work.
        """

        def syncing(ground: Ground, wish: Wish) -> Callable[[Questions], Purpose]:
            return lambda questions: Syncing(self._tools, ground, wish, questions)

        with used_for(Use.SCHEDULE if ask.actor == SCHEDULE else Use.WORK):
            return await self._run(name, ask, syncing, watch)

    async def undo(self, run: int, ask: UndoAsk, watch: Watcher | None = None) -> RunReport:
        """Take back what a run wrote, as far as nobody edited it since; a run of its own. Raises as `run`.

        A connection that is paused is undone too: who sees a bad run pauses first. A pause that comes later
        stops it. `NotFound`: there is no such run.
        """
        row = await self._books.read(lambda c: runs.find(c, run), snapshot=False)
        if row is None:
            raise NotFound(f"There is no run {run}.", remedy="`linedesk runs` lists them.")

        def undoing(ground: Ground, wish: Wish) -> Callable[[Questions], Purpose]:
            return lambda _: Undoing(self._tools, ground, undone=run, ask=ask, run=wish.run)

        how = Ask(preview=ask.preview, actor=ask.actor)
        return await self._run(row.connection, how, undoing, watch, undoes=True)

    async def _run(
        self, name: str, ask: Ask, purpose: _Means, watch: Watcher | None, *, undoes: bool = False
    ) -> RunReport:
        connection = self._connection_of(name)
        if not ask.preview:
            self._may_write(connection, undoes=undoes)
        owner = f"{self._owner}-{uuid.uuid4().hex[:8]}"
        accounts = Counter((connection.a, connection.b))
        self._used.update(accounts)
        try:
            # Two connections between the same accounts, run at once, would each make the same people.
            async with self._pairs[frozenset(accounts)], held(self._books, self._clock, name, owner):
                permit = Permit(connection, owner, looks_only=ask.preview, beside_pause=undoes)
                await self._books.read(permit.begin)
                return await self._held_run(connection, permit, ask, purpose, watch or _unwatched)
        finally:
            self._used.subtract(accounts)

    async def _held_run(
        self, connection: Connection, permit: Permit, ask: Ask, purpose: _Means, watch: Watcher
    ) -> RunReport:
        name, now_ms = connection.name, self._clock.now_ms()
        mend = await self._books.write(lambda c: runs.mark_cut(c, name, now_ms))
        is_first = not await self._books.read(lambda c: runs.ever_done(c, name), snapshot=False)
        number = None
        if not ask.preview:
            number = await self._books.write(lambda c: runs.begin(c, name, ask.actor, now_ms))
        wish = Wish(
            run=number,
            approve=ask.approve,
            patient=ask.actor == SCHEDULE,
            mend=mend,
            first_by_person=is_first and ask.actor != SCHEDULE,
        )
        going = _Going(connection, permit, number)
        look = permit.watch(self._books, self._clock, self._openers.app_of, going.apps)
        try:
            async with beside(look, f"permit:{connection.name}"):
                report = await self._outcome(going, wish, purpose, watch)
        except LinedeskError as error:
            report = going.failed(error)
            await self._end(number, connection, report)
            if not report.writes:
                raise
            log.warning("sync_stopped", connection=connection.name, reason=error.message, code=error.code)
            return report
        except Exception:
            await self._end(number, connection, going.failed(LinedeskError(_DEFECT, remedy=_DEFECT_REMEDY)))
            raise
        await self._end(number, connection, report)
        return report

    async def _outcome(self, going: _Going, wish: Wish, purpose: _Means, watch: Watcher) -> RunReport:
        try:
            ground = await open_ground(going.connection, self._openers)
            for side in ground.sides.values():
                await remember(self._books, side.app.account, side.fields.values())
            going.run = Run(
                self._tools,
                ground,
                wish=wish,
                permit=going.permit,
                purpose=purpose(ground, wish),
                watch=watch,
            )
            return await going.run.carry_out()
        except VendorError as error:
            log.warning(
                "sync_failed", connection=going.connection.name, reason=error.message, code=error.code
            )
            return going.failed(error)

    async def _end(self, number: int | None, connection: Connection, report: RunReport) -> None:
        if number is None:
            return
        row = RunRow(
            id=number,
            connection=connection.name,
            state=report.state,
            actor="",
            hash=report.plan.hash,
            writes=report.writes,
            counts=report.counts,
            sentence=report.sentence,
            started_ms=0,
            ended_ms=self._clock.now_ms(),
        )
        await self._books.write(lambda c: runs.end(c, row))
        log.info(
            "sync_ended",
            connection=connection.name,
            run=number,
            state=report.state.value,
            writes=report.writes,
            errors=len(report.problems),
        )

    def _may_write(self, connection: Connection, *, undoes: bool) -> None:
        """A preview writes nothing, so only runs are refused."""
        if not connection.enabled:
            raise SyncImpossible(
                f"The connection {connection.name} is switched off.",
                remedy="Switch it on with `linedesk apply` (`enabled = true`).",
            )
        if connection.paused and not undoes:
            raise paused(connection.name)


@dataclass(slots=True)
class _Going:
    """A run that is going on; `run` None: its sides are not open yet."""

    connection: Connection
    permit: Permit
    number: int | None
    run: Run | None = None

    def apps(self) -> Iterable[App]:
        """The apps that the run works with."""
        return self.run.apps() if self.run is not None else ()

    def failed(self, error: LinedeskError) -> RunReport:
        """The report when it ended with this error: what is done is done."""
        if self.run is not None:
            return self.run.failed(error)
        return failed(self.connection, self.number, error)


def failed(connection: Connection, number: int | None, error: LinedeskError) -> RunReport:
    """The report of a run that ended before it had a plan."""
    return RunReport(
        run=number,
        state=RunState.FAILED,
        plan=Plan(connection.name),
        accounts={Side.A: connection.a, Side.B: connection.b},
        writes=0,
        counts=counts_of(Plan(connection.name), Tally(), 0),
        changes=(),
        problems=(),
        sentence=f"{error.message} {error.remedy}",
    )


def _unwatched(_: Progress) -> None:
    """Nobody is waiting."""
