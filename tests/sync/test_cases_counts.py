"""What other products told their users, and it was not so (H10), and what providers can't bear (I17)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from contract.memory import Fault, MemoryApp
from linedesk.apps.base import Outcome
from linedesk.apps.records import Draft
from linedesk.store import connections
from linedesk.sync.engine import Ask
from linedesk.sync.model import Connection, Direction, Op, RunState
from linedesk.sync.policies import Brakes, Deletes
from sync.engine_house import OFFICE, TARGET, house
from sync.memory_stores import memory_stores

SPREADS = replace(OFFICE, direction=Direction.BOTH, deletes=Deletes.PROPAGATE, brakes=Brakes(0, 0, 0, 0))


async def test_H10_a_delete_that_the_app_refuses_is_told_and_not_counted() -> None:
    async with house(Path(), connection=SPREADS, stores=memory_stores()) as home:
        ada, bob = (home.a.seed(name=each, email=f"{each}@example.com") for each in ("ada", "bob"))
        await home.sync()
        for each in (ada, bob):
            home.a.trash(each)
        home.a.seed(name="Eve")  # so that the side is not empty
        home.b.faults.script("delete", Fault.REFUSE, None)
        home.clock.advance(7200)
        report = await home.sync()
        removed = [each for each in report.changes if each.op is Op.DELETE]
        assert (report.state, report.counts["delete"], len(removed)) == (RunState.DONE, 1, 1)
        assert [each.text("name") for each in home.b.active if each.text("name") in {"ada", "bob"}] != []
        assert len(report.problems) == 1
        written = [each for each in home.b.written if each.op == "delete"]
        assert [each.id for each in written] == [each.record_id for each in removed]


class OneAtATime(MemoryApp):
    """An app that notices when a second write comes while one is under way."""

    under_way = 0
    most = 0

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        outcomes = await super().create(drafts)
        self.under_way -= 1
        return outcomes


async def test_I17_two_connections_that_share_an_account_never_write_to_it_at_once() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        app = OneAtATime(home.clock, account="book", capabilities=TARGET, server=home.b)
        third = MemoryApp(home.clock, account="shop")
        home.apps |= {"book": app, "shop": third}
        other = Connection("shop", "shop", "book")
        home.connections["shop"] = other
        await home.stores.books.write(lambda c: connections.put(c, other, 0))
        for number in range(8):
            home.a.seed(name=f"Customer {number}", email=f"c{number}@example.com")
            third.server.seed(name=f"Buyer {number}", email=f"b{number}@example.com")
        both = [home.engine.run(name, Ask(actor="test")) for name in ("office", "shop")]
        done = await asyncio.gather(*both)
        assert [each.writes for each in done] == [8, 8]
        assert (app.most, len(home.b.active)) == (1, 16)
