"""Two apps that err, two sets of users, a process that dies anywhere: S1-S6, S8, S10-S14, S17-S20, S23, S24.

`LINEDESK_TORTURE=1` runs many more and longer traces (`make torture`). A trace that was found stays in
`test_two_way_traces`.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from linedesk.errors import LinedeskError
from linedesk.sync.model import Answer, Decision, Question, RunReport, RunState, Side, Waiting
from sync.two_way_apps import saved_as
from sync.two_way_truth import mapped_of, told_of
from sync.two_way_undoing import SecondThoughts
from sync.two_way_users import NO_BRAKES, PICKS

TORTURE = os.environ.get("LINEDESK_TORTURE") == "1"


class TwoWay(SecondThoughts):
    """A run may come at any time; after quiet time both sides must be at rest and alike."""

    def teardown(self) -> None:
        try:
            if hasattr(self, "home"):
                self.settled()
                self.runner.run(self.home.close())
        finally:
            self.runner.close()

    # Runs

    @rule()
    def sync(self) -> None:
        before = self.sight()
        try:
            report = self.runner.run(self.home.sync())
        except LinedeskError:
            report = None
        self.checked(before, report)

    @rule(left=st.integers(1, 90))
    def sync_and_die(self, left: int) -> None:
        before = self.sight()
        with suppress(LinedeskError):
            self.runner.run(self.home.crashing_sync(left))
        self.checked(before, None)

    @rule()
    def preview_and_sync(self) -> None:
        """S19: what is approved is what is done, or nothing is."""
        before = self.sight()
        try:
            shown = self.runner.run(self.home.sync(preview=True))
            assert self.sight().written == before.written, "S19: a preview writes nothing"
            done = self.runner.run(self.home.sync(approve=shown.plan.hash))
        except LinedeskError:
            self.checked(before, None)
            return
        self.checked(before, done)
        if done.state is RunState.BRAKED:
            assert self.sight().written == before.written, "S19"
        elif done.state is RunState.DONE:
            wanted = {(each.side, each.op, each.source_id, *each.fields) for each in shown.plan.changes}
            made = {(each.side, each.op, each.source_id, *each.fields) for each in done.changes}
            assert made <= wanted, "S19"

    @rule(pick=PICKS, same=st.booleans(), side=st.sampled_from(list(Side)))
    def answer(self, pick: int, same: bool, side: Side) -> None:
        """A person answers one of the questions."""
        waiting = self.runner.run(self.home.waiting())
        if not waiting:
            return
        asked = waiting[pick % len(waiting)]
        if asked.question is Question.PAIR and same:
            return  # people do not tie strangers together
        self.runner.run(self.home.decide(_answer(asked, same, side)))

    # Quiet time

    def settled(self) -> None:
        """No more edits and no more faults."""
        for side, server in self.home.servers.items():
            server.faults.clear()
            server.faults.text = saved_as(self.home.traits[side].saves)
        self.set_up(brakes=NO_BRAKES, paused=False)
        for _ in range(2):
            self.home.let_time_pass()
            before = self.sight()
            report = self.looked_at(self.runner.run(self.home.sync()))
            assert report.state is RunState.DONE, report.sentence
            self.checked(before, report)
        self.is_quiet()
        self.is_converged(report)

    def looked_at(self, report: RunReport) -> RunReport:
        """Where users deleted everybody, a side is empty: a brake that can't be off, so a person approves."""
        if {each.kind for each in report.plan.brakes} != {"empty-side"}:
            return report
        return self.runner.run(self.home.sync(approve=report.plan.hash))

    def is_quiet(self) -> None:
        self.home.let_time_pass()
        rows = len(self.runner.run(self.home.entries()))
        with ExitStack() as stack:
            for server in self.home.servers.values():
                stack.enter_context(server.no_write_due())
            report = self.runner.run(self.home.sync())
        assert report.writes == 0, "S02"
        assert len(self.runner.run(self.home.entries())) == rows, "S02"
        assert not self.runner.run(self.home.open_entries()), "S03"

    def is_converged(self, report: RunReport) -> None:
        links, told = self.runner.run(self.home.links()), told_of(report)
        undone = self.undone_kinds()
        for link in links:
            if {(Side.A, link.a_id), (Side.B, link.b_id)} & told:
                continue
            apart = {
                name
                for name in self.truth.apart(link) - undone.get(link.id, set())
                if not self.may_differ(link.a_id, link.b_id, name)
            }
            assert not apart, f"S01: {link.id} differs in {apart}"
        self.everybody_is_there(told)

    def may_differ(self, a_id: str, b_id: str, kind: str) -> bool:
        """What only one side has may stay so where a blank does not count, or one side can't be written."""
        now = self.sight().records
        a, b = now[Side.A][a_id], now[Side.B][b_id]
        if any(self.is_private(each.fields.get("company")) for each in (a, b)):
            return True
        says = [{text for each, text in mapped_of(record) if each == kind} for record in (a, b)]
        read_only = any(kind in traits.read_only for traits in self.home.traits.values())
        if kind in self.switched_off:
            return True
        excused = self.blank_ever or self.one_way_ever or read_only or kind in self.mapped_ever
        return (excused and (says[0] <= says[1] or says[1] <= says[0])) or all(
            kind in traits.read_only for traits in self.home.traits.values()
        )

    @property
    def switched_off(self) -> set[str]:
        return {each.row.a for each in self.home.connection.rows if each.off}

    def is_private(self, company: object) -> bool:
        return self.is_scoped and "private" in str(company or "").casefold()

    def everybody_is_there(self, told: set[tuple[Side, str]]) -> None:
        links = self.runner.run(self.home.links())
        linked = {(Side.A, link.a_id) for link in links} | {(Side.B, link.b_id) for link in links}
        for side in Side:
            if not self.home.connection.direction.writes(side.other):
                continue
            for record in self.there(side):
                place = (side, record.id)
                if not self.is_private(record.fields.get("company")):
                    assert place in linked | told, f"S01: nothing became of {place}"


def _answer(asked: Waiting, same: bool, side: Side) -> Decision:
    if asked.question is Question.CONFLICT:
        answer = Answer.KEEP_A if side is Side.A else Answer.KEEP_B
        return Decision(asked.side, asked.record_id, answer, question=asked.question, about=asked.about)
    if same and asked.candidates:
        chosen = asked.candidates[0]
        return Decision(asked.side, asked.record_id, Answer.SAME, chosen, asked.candidates, asked.question)
    answer = Answer.SKIP if same else Answer.NOT_THE_SAME
    return Decision(asked.side, asked.record_id, answer, None, asked.candidates, asked.question)


TestTwoWay = TwoWay.TestCase
TestTwoWay.settings = settings(
    max_examples=2_000 if TORTURE else 30,
    stateful_step_count=40 if TORTURE else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
