"""Carries out a plan that may be written: links first, then the writes group by group, then adoptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from linedesk.store.records import Copy
from linedesk.sync.adoption import Adoption
from linedesk.sync.ground import Ground
from linedesk.sync.journal import Journal, Settlement
from linedesk.sync.merge import Lanes
from linedesk.sync.model import Change, Link, LinkState, Op, Plan, Progress, Side
from linedesk.sync.others import Others
from linedesk.sync.planning import Questions
from linedesk.sync.run_parts import Seen, Tools
from linedesk.sync.second_look import SecondLook
from linedesk.sync.writing import Writer
from linedesk.sync.writing_groups import Pace, groups
from linedesk.sync.writing_parts import batch_size, look_cost, requests_needed

_LINK_SLICE = 100


class Carrying:
    """For one run, once both sides are read. Raises `VendorError`; `seen.written` says what is done."""

    def __init__(
        self,
        tools: Tools,
        ground: Ground,
        seen: Seen,
        *,
        run: int,
        journal: Journal,
        lanes: Mapping[Side, Lanes],
        questions: Questions,
        watch: Callable[[Progress], None],
    ) -> None:
        self._tools = tools
        self._ground = ground
        self._seen = seen
        self._journal = journal
        self._questions = questions
        self._watch = watch
        self._apps = ground.apps()
        self._before: dict[str, Link | None] = {}
        self._targets = ground.targets()
        planned_on = {side: known.records for side, known in seen.known.items()}
        checks = frozenset(side for side, each in ground.sides.items() if each.app.capabilities.versions)
        self._look = SecondLook(
            tools.clock, tools.books, lanes, planned_on, read_ms=seen.read_ms, checks=checks
        )
        self._others = Others(tools.books, ground.connection, seen.known, seen.journal_id)
        self._pace = Pace(tools.clock)
        self._taken: Mapping[str, Copy] = {}
        self._done = self._total = 0
        self._requests = 0.0
        self._writer = Writer(
            journal,
            tools.clock,
            run,
            targets=self._targets,
            lanes=lanes,
            known=seen.known,
            links=seen.links,
            checkpoint=tools.checkpoint,
            written=seen.written,
            pace=self._pace,
            going=self._tell,
        )

    async def carry_out(self, plan: Plan) -> None:
        """All of the plan."""
        await self._store_linkings(plan)
        await self._write(plan)
        await self._adopt()

    async def _store_linkings(self, plan: Plan) -> None:
        """What belongs together is stored before any write of it."""
        for start in range(0, len(plan.linkings), _LINK_SLICE):
            linkings = plan.linkings[start : start + _LINK_SLICE]
            part = [each.link for each in linkings]
            ended = [each.ends for each in linkings if each.ends is not None]
            self._before |= {link.id: self._seen.links.get(link.id) for link in part}
            await self._journal.settle(self._ground.account(Side.B), Settlement(links=part, untied=ended))
            for link_id in ended:
                self._seen.links.pop(link_id, None)
            self._seen.links.update({link.id: link for link in part})
            await self._tools.checkpoint("linked")
            await self._show(part)

    async def _write(self, plan: Plan) -> None:
        self._total, self._requests = len(plan.changes), requests_needed(self._seen.tally, self._targets)
        ended = 0
        for group in groups(plan.changes, self._targets, self._pace, self._is_looked_at):
            side = group[0].side
            self._done, stale_before = ended, len(self._seen.written.stale)
            async with self._tools.lock(self._ground.account(side)):
                fits = await self._looked_at(group)
                settlement = await self._writer.write(fits, self._unmarked(side)) if fits else Settlement()
            ended += len(group)
            self._take_in(side, settlement)
            await self._show(_worth_showing(group, settlement))
            await self._untie(group, self._seen.written.stale[stale_before:])
            self._writer.raise_failure()

    def _tell(self, side: Side, going: int) -> None:
        """How far it is, now that a call takes so many changes."""
        left_s = self._ground.left_s(side, max(0, self._requests))
        self._watch(Progress("writing", self._done, self._total, left_s))
        self._done += going
        self._requests -= 1

    def _is_looked_at(self, change: Change) -> bool:
        return bool(self._look.wanted([change]))

    def _unmarked(self, side: Side) -> frozenset[str]:
        """Of the records that were just looked at, those without an external id."""
        field = self._targets[side].app.capabilities.external_id_field
        if field is None:
            return frozenset()
        return frozenset(each for each, copy in self._taken.items() if not copy.record.text(field))

    async def _looked_at(self, batch: Sequence[Change]) -> Sequence[Change]:
        """Those of the batch whose records are still as the plan saw them, as far as can be known now."""
        self._taken = {}
        side = batch[0].side
        account = self._ground.account(side)
        overtaken = await self._others.overtaken(batch)
        if overtaken:
            self._seen.written.stale.extend(overtaken)
            left = frozenset(id(change) for change in overtaken)
            batch = [change for change in batch if id(change) not in left]
        if not batch:
            return batch
        now = await self._look.stored_since(batch, account)
        ids = self._look.wanted(batch)
        taken = await self._tools.reader.look(self._apps, account, ids) if ids else {}
        looks = ceil(len(ids) / batch_size(batch[0], self._targets))
        self._requests -= looks * look_cost(batch[0], self._targets)
        self._taken = taken
        now |= taken
        if not now:
            return batch
        self._seen.books[side].copies.update(now)
        looked = self._look.judge(batch, now, asked=frozenset(ids))
        self._seen.written.stale.extend(looked.stale)
        self._seen.written.late.extend(looked.late)
        await self._look.doubt(account, [taken[i] for i in _ids(looked.stale) if i in taken])
        return looked.fits

    async def _untie(self, batch: Sequence[Change], found_stale: Sequence[Change]) -> None:
        """What was tied only now, and is another record than the plan saw, may belong to somebody else."""
        stale = {(change.link_id, change.side) for change in found_stale}
        untied = Settlement()
        for change in batch:
            link, before = self._seen.links.get(change.link_id), self._before.get(change.link_id)
            is_tied_now = change.link_id in self._before and (change.link_id, change.side) in stale
            if link is None or not is_tied_now or self._is_written(change):
                continue
            if before is None:
                untied.untied.append(link.id)
                del self._seen.links[link.id]
            elif (before.a_id, before.b_id) != (link.a_id, link.b_id):
                untied.links.append(before)
                self._seen.links[link.id] = before
        if untied.untied or untied.links:
            await self._journal.settle(self._ground.account(batch[0].side), untied)

    def _is_written(self, change: Change) -> bool:
        return self._seen.written.has_link(change.link_id)

    def _take_in(self, side: Side, settlement: Settlement) -> None:
        self._seen.links.update({link.id: link for link in settlement.links})
        self._seen.books[side].copies.update({copy.record.id: copy for copy in settlement.copies})

    async def _adopt(self) -> None:
        """Creates that were refused because a record holds the value already."""
        adoption = Adoption(self._ground.connection, self._questions, self._seen.known)
        for change, holder in self._seen.written.adopt:
            account = self._ground.account(change.side)
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
        await show(self._tools, self._ground, self._seen, links)


def _ids(changes: Sequence[Change]) -> list[str]:
    return [change.record_id for change in changes if change.record_id is not None]


def _worth_showing(batch: Sequence[Change], settlement: Settlement) -> list[Link]:
    """A record that was just made holds nothing that its source's entry does not."""
    made = {change.link_id for change in batch if change.op is Op.CREATE}
    return [link for link in settlement.links if link.id not in made]


async def show(tools: Tools, ground: Ground, seen: Seen, links: Sequence[Link]) -> None:
    """Let the directory show each person once, now that these are linked."""
    if not links:
        return
    for side in Side:
        book = seen.books[side]
        # Beside its counterpart a record on B has no entry of its own; left alone, it gets one.
        shown = [link for link in links if side is Side.A or link.state is not LinkState.ACTIVE]
        ids = [link.a_id if side is Side.A else link.b_id for link in shown]
        copies = [book.copies[each] for each in dict.fromkeys(ids) if each in book.copies]
        await tools.entries.refresh(ground.apps(), book.account, copies)
