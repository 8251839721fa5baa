"""An undo as a run: which writes of the journal are asked for, and the plan that takes them back.

What a write becomes is `sync.undo`; the run itself, with its lease, intents and recovery, is that of every
sync (`sync.run`). Brakes do not apply: a person asked for exactly this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection as SqlConnection

from linedesk.apps.base import Removal
from linedesk.errors import UserError
from linedesk.store import journal, journal_reading, links
from linedesk.store.database import Database
from linedesk.store.journal import Entry, EntryState
from linedesk.sync.activity import Found, record_activity
from linedesk.sync.ground import Ground
from linedesk.sync.model import Known, Link, Op, Plan, Side
from linedesk.sync.planning import in_slices
from linedesk.sync.run_parts import Seen, Tools
from linedesk.sync.slices import Breather
from linedesk.sync.undo import Past, SideNow, undo_in_slices, undone_entries
from linedesk.sync.undo_pasts import past_of
from linedesk.sync.writing_parts import Written

_PAGE = 200
_TAKE_SLICE = 50
_LINK_SLICE = 100


@dataclass(frozen=True, slots=True)
class UndoAsk:
    """What of a run is taken back: all, or only the writes of one rule, or to or from one record.

    `account`: where `record` stands, for ids that exist on both sides.
    """

    preview: bool = False
    actor: str = "person"
    record: str | None = None
    account: str | None = None
    rule: str | None = None


class Undoing:
    """The purpose of a run that undoes `undone`. `run`: its own number, None for a preview."""

    def __init__(self, tools: Tools, ground: Ground, *, undone: int, ask: UndoAsk, run: int | None) -> None:
        self._tools = tools
        self._ground = ground
        self._undone = undone
        self._ask = ask
        self._run = run
        self._known: Mapping[Side, Known] = {}

    async def plan(self, seen: Seen) -> Plan:
        """What takes the writes back, from what both sides hold now; raises `UserError` if there are none."""
        pasts = await self._pasts(seen.links)
        await self._read_whole(seen, pasts)
        self._known = seen.known
        name = self._ground.connection.name
        takes_back = await self._tools.books.read(lambda c: journal_reading.takes_back(c, name))
        undo = await in_slices(
            undo_in_slices(pasts, undone_entries(takes_back), await self._sides(seen, pasts), seen.links)
        )
        return Plan(name, changes=undo.changes, skipped=undo.left, hash=undo.hash)

    async def barred(self, plan: Plan) -> str:
        """Never: who undoes has named what is undone."""
        return ""

    async def ended(self, plan: Plan, written: Written, *, braked: bool) -> None:
        """Tell the people who watch what was taken back."""
        if self._run is not None:
            tools, name = self._tools, self._ground.connection.name
            await record_activity(tools.books, tools.clock, name, self._run, Found(known=self._known))

    async def _pasts(self, links: Mapping[str, Link]) -> list[Past]:
        """The writes that are asked for, as data."""
        wanted = await self._wanted()
        if not wanted:
            raise UserError(
                f"Run {self._undone} wrote nothing{self._narrowed()}, so there is nothing to undo.",
                remedy="`linedesk runs` shows what each run wrote.",
            )
        of_links, pasts, breather = await self._of_links(wanted), [], Breather()
        for each in wanted:
            link = links.get(each.link_id)
            pasts.append(past_of(each, of_links.get(each.link_id, ()), link, self._ground.rows))
            await breather.rest()
        return pasts

    async def _wanted(self) -> list[Entry]:
        wanted: list[Entry] = []
        breather, after = Breather(), 0
        while page := await self._tools.books.read(_page_of(self._undone, after), snapshot=False):
            for each in page:
                if each.state is EntryState.DONE and self._is_meant(each):
                    wanted.append(each)
                await breather.rest()
            after = page[-1].id
        return wanted

    def _is_meant(self, entry: Entry) -> bool:
        ask = self._ask
        if ask.rule is not None and entry.rule != ask.rule:
            return False
        if ask.record is None:
            return True
        source = self._ground.account(entry.side.other)
        places = {(entry.account, entry.record_id), (source, entry.source_id)}
        accounts = (entry.account, source) if ask.account is None else (ask.account,)
        return any((account, ask.record) in places for account in accounts)

    def _narrowed(self) -> str:
        by = f" by the rule {self._ask.rule}" if self._ask.rule is not None else ""
        return by + (f" for the record {self._ask.record}" if self._ask.record is not None else "")

    async def _of_links(self, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
        """Every write that was done for the links of these, by link."""
        ids = await _each_once(each.link_id for each in entries)
        found: dict[str, list[Entry]] = {}
        for start in range(0, len(ids), _LINK_SLICE):
            part = ids[start : start + _LINK_SLICE]
            for each in await self._tools.books.read(_of_links(self._ground.connection.name, part)):
                found.setdefault(each.link_id, []).append(each)
        return found

    async def _read_whole(self, seen: Seen, pasts: Sequence[Past]) -> None:
        """Read what a listing left out of the records concerned: a field that is not told is no empty one."""
        for side in Side:
            known, account = seen.known[side], self._ground.account(side)
            concerned = (past.record_id if past.side is side else past.source_id for past in pasts)
            lacking = [
                each
                for each in await _each_once(concerned)
                if each in known.records and known.records[each].missing
            ]
            for start in range(0, len(lacking), _TAKE_SLICE):
                async with self._tools.lock(account):
                    found = await self._tools.reader.take(
                        self._ground.apps(), account, lacking[start : start + _TAKE_SLICE]
                    )
                seen.books[side].copies.update(found)
            if lacking:
                now = {each: seen.books[side].copies[each] for each in lacking}
                records = dict(known.records) | {key: each.record for key, each in now.items()}
                gone = frozenset(key for key, each in now.items() if each.gone)
                for key in gone:
                    del records[key]
                seen.known[side] = replace(known, records=records, gone=known.gone | gone)

    async def _sides(self, seen: Seen, pasts: Sequence[Past]) -> Mapping[Side, SideNow]:
        direction = self._ground.connection.direction
        shared = {side: await self._shared(side, pasts) for side in Side}
        return {
            side: SideNow(
                seen.known[side],
                writes=direction.writes(side) and each.app.capabilities.writable,
                removes=each.app.capabilities.removal is not Removal.NONE,
                shared=shared[side],
            )
            for side, each in self._ground.sides.items()
        }

    async def _shared(self, side: Side, pasts: Sequence[Past]) -> dict[str, str]:
        """Records that were made, and that other connections keep in step too."""
        made = await _each_once(
            each.record_id for each in pasts if each.side is side and each.op is Op.CREATE
        )
        account, name, found = self._ground.account(side), self._ground.connection.name, dict[str, str]()
        for start in range(0, len(made), _LINK_SLICE):
            part = made[start : start + _LINK_SLICE]
            found |= await self._tools.books.read(_shared_of(account, name, part), snapshot=False)
        return found


async def _each_once(ids: Iterable[str]) -> list[str]:
    """In order of their first appearance."""
    breather, once = Breather(), dict[str, None]()
    for each in ids:
        once[each] = None
        await breather.rest()
    return list(once)


def _page_of(run: int, after: int) -> Callable[[SqlConnection], list[Entry]]:
    return lambda c: journal.of_run(c, run, after=after, limit=_PAGE)


def _of_links(connection: str, ids: Sequence[str]) -> Callable[[SqlConnection], list[Entry]]:
    return lambda c: journal_reading.of_links(c, connection, ids)


def _shared_of(
    account: str, connection: str, ids: Sequence[str]
) -> Callable[[SqlConnection], dict[str, str]]:
    return lambda c: links.kept_by_others(c, account, connection, ids)


async def run_meant(books: Database, run: int | None, connection: str, ask: UndoAsk) -> int:
    """The run that is undone: `run` itself, or the connection's last one that did what `ask` narrows to."""
    if run is not None:
        return run
    if ask.rule is None and ask.record is None:
        raise UserError(
            f"{connection} is not the number of a run.",
            remedy="`linedesk runs` shows the numbers; with a connection, add --rule or --record.",
        )
    found = await books.read(
        lambda c: journal_reading.last_run(c, connection, rule=ask.rule, record=ask.record), snapshot=False
    )
    if found is None:
        raise UserError(
            f"No run of {connection} wrote anything of that kind.",
            remedy=f"`linedesk activity {connection}` shows what was written.",
        )
    return found
