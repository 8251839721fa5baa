"""Looks whether linked records are gone unseen, before a plan makes doubles of their counterparts.

Which ones those are is `sync.twins`' matter. They are asked for by their ids, or with a reading of the whole
account where they are many: who puts a whole phonebook in anew makes a twin of each entry.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from linedesk.store.records import Copy
from linedesk.sync.ground import Ground
from linedesk.sync.model import Plan, Side
from linedesk.sync.planning import in_slices
from linedesk.sync.reading import hides_deletes
from linedesk.sync.run_parts import Seen, Tools
from linedesk.sync.slices import drain
from linedesk.sync.twins import Twins, twins_in_slices

log = structlog.get_logger(__name__)

MOST = 100
"""So many are asked for by id; more take a whole reading, which is cheaper then."""

_SLICE = 50


class TwinsLook:
    """For one run. `late`: new records, by side, of whose twins the app may not tell the newest."""

    def __init__(self, tools: Tools, ground: Ground, seen: Seen) -> None:
        self._tools = tools
        self._ground = ground
        self._seen = seen
        self._asked: dict[Side, set[str]] = {side: set() for side in Side}
        self.late: dict[Side, frozenset[str]] = {side: frozenset() for side in Side}

    async def look(self, plan: Plan) -> bool:
        """Whether anything turned out other than `plan` took it for; raises `VendorError`.

        Nothing is asked for twice, so a plan that is made anew may be looked at again.
        """
        is_other = False
        for side in Side:
            if self._seen.books[side].whole or not hides_deletes(self._ground.sides[side].app):
                continue
            links = (*self._seen.links.values(), *(each.link for each in plan.linkings))
            pair_by = self._ground.connection.pair_by
            twins = await in_slices(
                twins_in_slices(side, self._seen.known[side], plan.changes, links, pair_by)
            )
            if await self._ask(side, twins):
                is_other = True
                await self._know(side)
        return is_other

    async def _ask(self, side: Side, twins: Twins) -> bool:
        ids = sorted(twins.doubtful() - self._asked[side])
        if not ids:
            return False
        self._asked[side].update(ids)
        account = self._ground.account(side)
        async with self._tools.lock(account):
            is_read = len(ids) > MOST
            if is_read and await self._read_whole(side):
                return True
            found = await self._by_id(account, ids)
        copies = self._seen.books[side].copies
        other = {key: copy for key, copy in found.items() if copy != copies.get(key)}
        copies.update(other)
        self.late[side] |= twins.of(key for key, copy in found.items() if copy.look_again and not copy.gone)
        log.info("twins_looked_at", account=account, asked=len(ids), other=len(other))
        return is_read or bool(other)

    async def _by_id(self, account: str, ids: Sequence[str]) -> dict[str, Copy]:
        found: dict[str, Copy] = {}
        for start in range(0, len(ids), _SLICE):
            part = ids[start : start + _SLICE]
            found |= await self._tools.reader.look(self._ground.apps(), account, part)
        return found

    async def _read_whole(self, side: Side) -> bool:
        """Whether the listing was proven complete; if not, it says nothing of what is gone (S12)."""
        seen, account = self._seen, self._ground.account(side)
        before = seen.books[side]
        seen.read_ms[side] = self._tools.clock.now_ms()
        seen.books[side] = await self._tools.reader.read(
            self._ground.apps(), account, lambda *_: None, whole=True
        )
        await drain(before.copies)
        return seen.books[side].whole

    async def _know(self, side: Side) -> None:
        before = self._seen.known[side]
        view = await in_slices(self._seen.books[side].view_in_slices())
        self._seen.known[side] = self._ground.sides[side].known(
            view, foreign=before.foreign, members=before.members
        )
        await drain(*(each for each in (before.records, before.last) if isinstance(each, dict)))
