"""A record that an app would not make because another one holds a value that must be unique.

The holder is taken as the counterpart only when it passes the pairing rules; else the pair waits for a
person, and nothing is overwritten or made meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping

from linedesk.store.records import Copy
from linedesk.sync.model import Change, Connection, Known, Link, Problem, Side, Waiting
from linedesk.sync.pairing import adoptable
from linedesk.sync.planning import Questions


class Adoption:
    """Judges holders for one run. `known` is what the run's plan was made from."""

    def __init__(self, connection: Connection, questions: Questions, known: Mapping[Side, Known]) -> None:
        self._connection = connection
        self._questions = questions
        self._known = known

    async def judge(
        self, change: Change, holder: Copy | None, links: Mapping[str, Link]
    ) -> tuple[Link | None, Problem | None]:
        """The link to be stored, or the problem that a person must look at; the question is stored here.

        The link has no base: the next plan compares all fields of the two.
        """
        source_side = change.side.other
        record = self._known[source_side].records[change.source_id]
        if holder is not None and self._is_free(change.side, holder, links):
            known, held = self._known[source_side], self._known[change.side]
            if adoptable(record, known, holder.record, held, self._connection.pair_by):
                a_id, b_id = change.source_id, holder.record.id
                if change.side is Side.A:
                    a_id, b_id = b_id, a_id
                return Link(change.link_id, a_id, b_id, {}), None
        account = self._known[change.side].account
        sentence = (
            f"{account} has another record with a value of this one that must be unique, and they may be "
            "different people: say whether they are the same, or correct one of the two."
        )
        problem = Problem(source_side, change.source_id, "vendor_duplicate", sentence)
        candidates = (holder.record.id,) if holder is not None and not holder.gone else ()
        await self._questions.ask(Waiting(source_side, change.source_id, candidates, sentence), problem)
        return None, problem

    def _is_free(self, side: Side, holder: Copy, links: Mapping[str, Link]) -> bool:
        if holder.gone:
            return False
        taken = (link.b_id if side is Side.B else link.a_id for link in links.values())
        return all(holder.record.id != each for each in taken)
