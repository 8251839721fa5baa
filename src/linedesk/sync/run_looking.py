"""The first half of a run: both sides are read, and what an earlier run left open is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from linedesk.apps.base import Watch
from linedesk.store import journal
from linedesk.store.records import Copy
from linedesk.sync.copies import load_foreign, load_links
from linedesk.sync.ground import Ground
from linedesk.sync.journal import Journal
from linedesk.sync.model import Progress, Side
from linedesk.sync.planning import in_slices
from linedesk.sync.recovery import Recovery, Shore
from linedesk.sync.run_parts import Seen, Tools
from linedesk.sync.run_writing import show
from linedesk.sync.slices import set_aside


class Looking:
    """For one run. Fills `seen` with books, links and what plans know; raises `VendorError`."""

    def __init__(
        self,
        tools: Tools,
        ground: Ground,
        seen: Seen,
        *,
        journal: Journal,
        watch: Callable[[Progress], None],
    ) -> None:
        self._tools = tools
        self._ground = ground
        self._seen = seen
        self._journal = journal
        self._watch = watch
        self._apps = ground.apps()

    async def look(self, *, mend: bool, asked: bool) -> None:
        """Read both sides; `mend`: the last run was cut, so the directory may lack what it wrote.

        `asked`: a person waits for this run, who wants deletes seen as well.
        """
        seen, ground = self._seen, self._ground
        recovery = Recovery(
            self._journal,
            self._tools.clock,
            lanes=ground.lanes(ground.unread()),
            external_ids=ground.connection.external_ids,
            checkpoint=self._tools.checkpoint,
        )
        entries = await self._journal.open_entries()
        lags = {side: each.app.capabilities.visibility_lag_s for side, each in ground.sides.items()}
        await recovery.wait_for_lag(entries, lags)
        seen.journal_id = await self._tools.books.read(journal.last_id, snapshot=False)
        for side in Side:
            await self._read(side, whole=asked)
        seen.links = await load_links(self._tools.books, ground.connection.name)
        if mend:
            a, b = (seen.books[side] for side in Side)
            await self._tools.entries.mend(self._apps, a, b, seen.links.values())
        if entries:
            found = await recovery.settle(entries, {side: self._shore(side) for side in Side}, seen.links)
            await show(self._tools, ground, seen, found)
        for side in Side:
            await self._know(side)

    async def _read(self, side: Side, *, whole: bool) -> None:
        account = self._ground.account(side)
        async with self._tools.lock(account):
            self._seen.read_ms[side] = self._tools.clock.now_ms()
            self._seen.books[side] = await self._tools.reader.read(
                self._apps, account, self._reading_watch(side), whole=whole
            )

    async def _know(self, side: Side) -> None:
        each, book = self._ground.sides[side], self._seen.books[side]
        foreign = await load_foreign(self._tools.books, book.account, self._ground.connection.name)
        members = await self._ground.members(side, self._seen.links.values())
        view = await in_slices(book.view_in_slices())
        self._seen.known[side] = each.known(view, foreign=foreign, members=members)

    def _shore(self, side: Side) -> Shore:
        account = self._ground.account(side)

        async def take(ids: Sequence[str]) -> Mapping[str, Copy]:
            async with self._tools.lock(account):
                return await self._tools.reader.take(self._apps, account, ids)

        return Shore(self._ground.sides[side].app, self._seen.books[side], take, self._ground.groups[side])

    def _reading_watch(self, side: Side) -> Watch:
        def watch(done: int, total: int | None) -> None:
            set_aside()
            self._watch(Progress(f"reading-{side.value}", done, total))

        return watch
