"""What other connections made in an account since a run began to read it: nobody is made twice (S6).

Two connections that share an account may each plan to make the same person there. A plan can't know what the
other is about to make; its intents can. Whoever comes second leaves it, and pairs with it in its next run.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import structlog

from linedesk.apps.records import Record, Value
from linedesk.store import journal
from linedesk.store.database import Database
from linedesk.sync.evidence import Witness
from linedesk.sync.json_values import fields_from_json
from linedesk.sync.model import Change, Connection, Known, Op, PairBy, Side
from linedesk.sync.writing_parts import after_of

log = structlog.get_logger(__name__)


class Others:
    """For one run of `connection`. `since`: the journal's last entry when it began to read.

    Asked under the account's lock, right before intents are stored: what another run of this process makes
    is either in the journal by then, or is made after it.
    """

    def __init__(
        self, books: Database, connection: Connection, known: Mapping[Side, Known], since: int
    ) -> None:
        self._books = books
        self._connection = connection
        self._known = known
        self._since = dict.fromkeys(Side, since)
        self._witness: dict[Side, Witness] = {}
        self._made: dict[Side, set[tuple[PairBy, Hashable]]] = {side: set() for side in Side}

    async def overtaken(self, batch: Sequence[Change]) -> list[Change]:
        """Those creates of a batch, which is of one side, whose person another connection made meanwhile."""
        creates = [change for change in batch if change.op is Op.CREATE]
        if not creates:
            return []
        side = creates[0].side
        await self._take_in(side)
        if not self._made[side]:
            return []
        found = [
            each for each in creates if not self._made[side].isdisjoint(self._keys(side, after_of(each)))
        ]
        if found:
            log.info("made_by_another_connection", connection=self._connection.name, count=len(found))
        return found

    async def _take_in(self, side: Side) -> None:
        """What was made, or is being made, since the last look."""
        account, name, since = self._known[side].account, self._connection.name, self._since[side]
        last, made = await self._books.read(lambda c: journal.made_beside(c, account, name, since))
        self._since[side] = last
        for after in made:
            self._made[side].update(self._keys(side, fields_from_json(after)))

    def _keys(self, side: Side, fields: Mapping[str, Value]) -> set[tuple[PairBy, Hashable]]:
        if side not in self._witness:
            self._witness[side] = Witness(self._known[side], external_ids=False)
        offers = self._witness[side].evidence(Record("", fields))
        return {(by, key) for by in self._connection.pair_by for key in offers.keys(by)}
