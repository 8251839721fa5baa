"""What a sync means to do: plan from what was read, ask people what is unsure, and stop at the brakes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace

from linedesk.apps.base import Removal
from linedesk.errors import SyncImpossible
from linedesk.store import decisions
from linedesk.sync.activity import Found, record_activity
from linedesk.sync.brakes import brakes_in_slices
from linedesk.sync.ground import Ground
from linedesk.sync.model import Change, Known, Op, Plan, Problem, Side
from linedesk.sync.plan import plan_in_slices
from linedesk.sync.planning import Questions, held_back, in_slices, without
from linedesk.sync.run_parts import Seen, Tools, Wish
from linedesk.sync.twins import put_off
from linedesk.sync.twins_look import TwinsLook
from linedesk.sync.writing_parts import Written, about


class Syncing:
    """The purpose of one run that syncs."""

    def __init__(self, tools: Tools, ground: Ground, wish: Wish, questions: Questions) -> None:
        self._tools = tools
        self._ground = ground
        self._wish = wish
        self._questions = questions
        self._known: Mapping[Side, Known] = {}

    async def plan(self, seen: Seen) -> Plan:
        """The plan with its brakes; nothing is stored yet.

        Who may be a linked record that was made anew is looked at once it is sure that something is written.
        """
        self._known = seen.known
        plan = await self._made(seen)
        if plan.brakes and self._wish.approve is None:
            return plan
        look = TwinsLook(self._tools, self._ground, seen)
        while await look.look(plan):
            plan = await self._made(seen)
        if any(look.late.values()):
            accounts = {side: self._ground.account(side) for side in Side}
            plan = await in_slices(put_off(plan, look.late, accounts))
        return plan

    async def _made(self, seen: Seen) -> Plan:
        tools, connection = self._tools, self._ground.connection
        answers = await tools.books.read(lambda c: decisions.answered(c, connection.name), snapshot=False)
        a, b = seen.known[Side.A], seen.known[Side.B]
        links = tuple(seen.links.values())
        steps = plan_in_slices(connection, self._ground.rows, a, b, links, answers, tools.new_id)
        plan = await in_slices(without_impossible(await in_slices(steps), self._ground))
        if self._wish.patient:
            refused = await self._questions.refused()
            plan = await in_slices(held_back(plan, refused, seen.books, tools.clock.now_ms()))
        first = self._wish.first_by_person
        brakes = await in_slices(brakes_in_slices(plan, connection, a, b, links, first_by_person=first))
        return replace(plan, brakes=brakes)

    async def barred(self, plan: Plan) -> str:
        """Why nothing is written: the brakes, or that the plan is not the one that was approved.

        What waits for people is stored only with what is written: a braked plan changes nothing.
        """
        approve = self._wish.approve
        if approve is not None and approve != plan.hash:
            return (
                f"The plan is another one now ({plan.hash}) than the one that was approved; nothing was "
                "written. Look at the new one, and approve that."
            )
        if plan.brakes and approve is None:
            return braked_sentence(plan)
        await self._questions.keep(plan)
        return ""

    async def ended(self, plan: Plan, written: Written, *, braked: bool) -> None:
        """Tell the people who watch what was done and how records stand."""
        if self._wish.run is not None:
            tools, name = self._tools, self._ground.connection.name
            found = Found(plan, written.problems, written.changes, braked, self._known)
            await record_activity(tools.books, tools.clock, name, self._wish.run, found)


def braked_sentence(plan: Plan) -> str:
    """Why a plan changes nothing, and how a person lets it."""
    reasons = " ".join(brake.sentence for brake in plan.brakes)
    return f"{reasons} Nothing was changed; look at the plan, and approve it with its hash ({plan.hash})."


def without_impossible(plan: Plan, ground: Ground) -> Generator[None, None, Plan]:
    """The plan without deletes in an app that can't delete: each is a problem, and the rest goes on (S16)."""
    unable = {side for side, each in ground.sides.items() if each.app.capabilities.removal is Removal.NONE}

    def undeletable(change: Change) -> Problem | None:
        is_unable = change.op is Op.DELETE and change.side in unable
        return _undeletable(change, ground) if is_unable else None

    return (yield from without(plan, undeletable)) if unable else plan


def _undeletable(change: Change, ground: Ground) -> Problem:
    account = ground.account(change.side)
    return Problem(
        *about(change),
        SyncImpossible.code,
        f"Its counterpart was deleted, and {account} lets nobody delete records: delete it there by hand, or "
        'choose another `deletes` than "propagate".',
    )
