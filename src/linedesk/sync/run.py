"""What one run does, step by step, once its lease is held and both sides are open.

It looks, plans, stops where a person must decide, and writes. The steps are `sync.run_looking`, the run's
purpose (`sync.syncing`, `sync.undoing`) and `sync.run_writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from linedesk.apps.base import App
from linedesk.errors import LinedeskError, VendorError
from linedesk.sync.ground import Ground
from linedesk.sync.journal import Journal
from linedesk.sync.model import Change, Plan, Problem, Progress, RunReport, RunState, Side
from linedesk.sync.permit import Permit
from linedesk.sync.planning import Questions, tally_of
from linedesk.sync.report import counts_of, duration
from linedesk.sync.run_looking import Looking
from linedesk.sync.run_parts import Purpose, Seen, Tools, Wish
from linedesk.sync.run_writing import Carrying
from linedesk.sync.slices import drain, take_back
from linedesk.sync.writing_parts import Tally, requests_needed


class Run:
    """One run of one connection. `carry_out` raises `VendorError`; `failed` then says what was done.

    `purpose` makes the plan and says whether it may be written.
    """

    def __init__(
        self,
        tools: Tools,
        ground: Ground,
        *,
        wish: Wish,
        permit: Permit,
        purpose: Callable[[Questions], Purpose],
        watch: Callable[[Progress], None],
    ) -> None:
        name = ground.connection.name
        self._tools = tools
        self._ground = ground
        self._wish = wish
        self._watch = watch
        self._journal = Journal(
            tools.books, tools.clock, name, may_begin=permit.to_write, may_settle=permit.to_settle
        )
        self._questions = Questions(tools.books, tools.clock, name)
        self._purpose = purpose(self._questions)
        self._seen = Seen()
        self._is_braked = False

    async def carry_out(self) -> RunReport:
        """The whole run; for a preview, all that changes nothing.

        What a run that was cut did not tell its purpose, the next one makes up for.
        """
        try:
            report = await self._carry_out()
            await self._tell_the_end()
        except VendorError:
            await self._tell_the_end()
            raise
        finally:
            await self._let_go()
        return report

    async def _carry_out(self) -> RunReport:
        await Looking(self._tools, self._ground, self._seen, journal=self._journal, watch=self._watch).look(
            mend=self._wish.mend, asked=not self._wish.patient
        )
        plan = await self._plan()
        if self._wish.run is None:
            return self._planned(RunState.DONE, plan, self._outlook(plan))
        sentence = await self._purpose.barred(plan)
        if sentence:
            self._is_braked = True
            return self._planned(RunState.BRAKED, plan, sentence)
        await self._write(plan, self._wish.run)
        self._watch(Progress("done", len(self._seen.written.changes), len(plan.changes), 0.0))
        return self._report_written(RunState.DONE, "")

    def apps(self) -> Iterable[App]:
        """The apps that the run works with."""
        return self._ground.apps().values()

    def failed(self, error: LinedeskError) -> RunReport:
        """The report when an account failed or the run was stopped: what is done is done."""
        return self._report_written(RunState.FAILED, f"{error.message} {error.remedy}")

    async def _plan(self) -> Plan:
        self._watch(Progress("planning", 0))
        plan = await self._purpose.plan(self._seen)
        self._seen.plan, self._seen.tally = plan, await tally_of(plan.changes)
        await self._tools.checkpoint("planned")
        return plan

    async def _write(self, plan: Plan, run: int) -> None:
        carrying = Carrying(
            self._tools,
            self._ground,
            self._seen,
            run=run,
            journal=self._journal,
            lanes=self._ground.lanes(self._seen.known),
            questions=self._questions,
            watch=self._watch,
        )
        await carrying.carry_out(plan)

    async def _tell_the_end(self) -> None:
        if self._seen.plan is not None and self._wish.run is not None:
            await self._purpose.ended(self._seen.plan, self._seen.written, braked=self._is_braked)

    async def _let_go(self) -> None:
        """Free what was loaded, without holding up the loop."""
        seen = self._seen
        planned_on = [known.records for known in seen.known.values()]
        last = [known.last for known in seen.known.values()]
        await drain(seen.links, *(book.copies for book in seen.books.values()))
        await drain(*(each for each in (*planned_on, *last) if isinstance(each, dict)))
        take_back()

    def _outlook(self, plan: Plan) -> str:
        """What a preview says at the end: the brakes, and how long the writes take within the budgets."""
        lines = [brake.sentence for brake in plan.brakes]
        if plan.changes:
            lines.append(f"Writing it takes about {duration(self._needed_s())}.")
        return " ".join(lines)

    def _needed_s(self) -> float:
        """Each side's writes go by its own budget, one after the other."""
        targets = self._ground.targets()
        needed = 0.0
        for side in Side:
            needed += self._ground.left_s(side, requests_needed(self._seen.tally, targets, [side]))
        return needed

    def _planned(self, state: RunState, plan: Plan, sentence: str) -> RunReport:
        """What would be written, and how long that would take."""
        report = self._report(state, plan.changes, self._seen.tally, plan.problems, sentence)
        return replace(report, takes_s=self._needed_s())

    def _report_written(self, state: RunState, sentence: str) -> RunReport:
        seen = self._seen
        problems = (seen.plan.problems if seen.plan is not None else ()) + tuple(seen.written.problems)
        return self._report(
            state, tuple(seen.written.changes), seen.written.tally, problems, sentence or self._left()
        )

    def _left(self) -> str:
        """What the next run has to see to."""
        written = self._seen.written
        sentences = []
        if count := len(written.unsure):
            lost = "The answer to 1 write was" if count == 1 else f"The answers to {count} writes were"
            them = "it" if count == 1 else "them"
            sentences.append(
                f"{lost} lost; the next run looks for what became of {them} before it writes again."
            )
        for side in Side:
            if count := sum(change.side is side for change in written.late):
                waits = "1 change waits" if count == 1 else f"{count} changes wait"
                account = self._ground.account(side)
                sentences.append(
                    f"{waits} until {account} shows what Linedesk wrote last; a later run goes on."
                )
        return " ".join(sentences)

    def _report(
        self,
        state: RunState,
        changes: Sequence[Change],
        tally: Tally,
        problems: Sequence[Problem],
        sentence: str,
    ) -> RunReport:
        plan = self._seen.plan or Plan(self._ground.connection.name)
        counts = counts_of(plan, tally, len(problems))
        counts["skip"] += len(self._seen.written.stale) + len(self._seen.written.late)
        return RunReport(
            run=self._wish.run,
            state=state,
            plan=plan,
            accounts={side: self._ground.account(side) for side in Side},
            writes=len(self._seen.written.changes),
            counts=counts,
            changes=tuple(changes),
            problems=tuple(problems),
            sentence=sentence,
        )
