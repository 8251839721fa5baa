"""Stores what a run did and found as events: a row when something became so, none while it stays so (S2).

Called at the end of each run that was no preview. What the events mean is `sync.activity_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import Connection as SqlConnection

from linedesk.apps.records import Record, Value
from linedesk.clock import Clock
from linedesk.store import activity
from linedesk.store.activity import Write
from linedesk.store.database import Database
from linedesk.sync.activity_words import (
    OF_WRITES,
    Event,
    Key,
    Kind,
    Standing,
    standings_digest,
    standings_of,
    title_of,
    turn,
    why,
)
from linedesk.sync.json_values import fields_from_json
from linedesk.sync.model import Change, Known, Plan, Problem, Side
from linedesk.sync.planning import in_slices
from linedesk.sync.slices import Breather, undisturbed
from linedesk.sync.writing_parts import about

_SLICE, _ID_SLICE = 200, 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a run came to. `plan` None: it says nothing of how records stand (an undo).

    `refused`: problems of its writes. `done`: its changes that were made.
    """

    plan: Plan | None = None
    refused: Sequence[Problem] = ()
    done: Sequence[Change] = ()
    braked: bool = False
    known: Mapping[Side, Known] = field(default_factory=dict)


async def record_activity(books: Database, clock: Clock, connection: str, run: int, found: Found) -> None:
    """Add the events of a run, in slices. A quiet run adds none, and a run that was cut is made up for."""
    recorder = _Recorder(books, clock, connection, run, found)
    with undisturbed():
        await recorder.tell_writes()
        if found.plan is not None:
            await recorder.tell_standings(found.plan)


class _Recorder:
    def __init__(self, books: Database, clock: Clock, connection: str, run: int, found: Found) -> None:
        self._books = books
        self._clock = clock
        self._connection = connection
        self._run = run
        self._found = found
        self._breather = Breather()

    async def tell_writes(self) -> None:
        """Each write of the journal that no event tells of yet."""
        after = 0
        while entries := await self._books.read(self._untold(after)):
            for start in range(0, len(entries), _SLICE):
                part = await self._books.read(_writes(entries[start : start + _SLICE]), snapshot=False)
                events = []
                for each in part:
                    events.append(self._of_write(each))
                    await self._breather.rest()
                await self._store(events, [], [])
            after = entries[-1]

    def _untold(self, after: int) -> Callable[[SqlConnection], list[int]]:
        return lambda c: activity.untold(c, self._connection, self._run, after, _ID_SLICE)

    async def tell_standings(self, plan: Plan) -> None:
        """What became so since the last run, and what is so no more.

        In a quiet minute all stands as it did, and then nothing is read or compared record by record.
        """
        if self._found.braked:
            # Nothing of a braked plan came true, so all else stands as it did.
            whole = await self._books.read(self._whole(), snapshot=False)
            old = {} if whole is None else {whole.key: whole}
            await self._compare(old, {**old, **{each.key: each for each in _braked(plan)}})
            return
        untried = await self._untried(plan)
        refused = self._refused()
        digest = await in_slices(standings_digest(plan, refused.values(), untried))
        if digest == await self._books.read(self._digest(), snapshot=False):
            return
        old = await self._old()
        await self._compare(old, await self._new(plan, old, refused, untried))
        await self._books.write(lambda c: activity.keep_digest(c, self._connection, digest))

    async def _compare(self, old: Mapping[Key, Standing], new: Mapping[Key, Standing]) -> None:
        events: list[Event] = []
        put: list[Standing] = []
        drop: list[Standing] = []
        for key in chain(new, (key for key in old if key not in new)):
            before, after = old.get(key), new.get(key)
            if before != after:
                events += self._of_turn(before, after)
                drop += [before] if before is not None and _starts_anew(before, after) else []
                put += [after] if after is not None else []
            if len(put) + len(drop) >= _SLICE:
                await self._store(events, put, drop)
                events, put, drop = [], [], []
            await self._breather.rest()
        await self._store(events, put, drop)

    def _whole(self) -> Callable[[SqlConnection], Standing | None]:
        return lambda c: activity.standing_of(c, self._connection, None, "")

    def _digest(self) -> Callable[[SqlConnection], str]:
        return lambda c: activity.digest_of(c, self._connection)

    def _refused(self) -> dict[Key, Problem]:
        return {(each.side, each.record_id): each for each in self._found.refused}

    async def _old(self) -> dict[Key, Standing]:
        found: dict[Key, Standing] = {}
        after: tuple[str, str] | None = None
        while True:
            part = await self._books.read(self._page(after), snapshot=False)
            found |= {each.key: each for each in part}
            if len(part) < _SLICE:
                return found
            last = part[-1]
            after = (last.side.value if last.side is not None else "", last.record_id)
            await self._breather.rest()

    def _page(self, after: tuple[str, str] | None) -> Callable[[SqlConnection], list[Standing]]:
        return lambda c: activity.all_standings(c, self._connection, after, _SLICE)

    async def _new(
        self,
        plan: Plan,
        old: Mapping[Key, Standing],
        refused: Mapping[Key, Problem],
        untried: Mapping[Key, None],
    ) -> dict[Key, Standing]:
        new: dict[Key, Standing] = {}
        for each in standings_of(plan, refused):
            new[each.key] = each
            await self._breather.rest()
        for unread in plan.unread:
            # Nothing was decided, so it stands as it did.
            key: Key = (unread.side, unread.record_id)
            if key in old:
                new[key] = old[key]
            await self._breather.rest()
        for key, each in old.items():
            if each.kind is Kind.FAILING and key in untried:
                new.setdefault(key, each)
            await self._breather.rest()
        return new

    async def _untried(self, plan: Plan) -> dict[Key, None]:
        """Records whose changes the run did not come to, in order: what failed before fails still."""
        untried: dict[Key, None] = {}
        for change in plan.changes:
            untried[about(change)] = None
            await self._breather.rest()
        for change in self._found.done:
            untried.pop(about(change), None)
            await self._breather.rest()
        return untried

    def _of_turn(self, before: Standing | None, after: Standing | None) -> list[Event]:
        one = after or before
        if one is None:
            return []
        record = self._record(one.side, one.record_id)
        kind = turn(before, after, is_there=one.side is None or record is not None)
        if kind is None:
            return []
        title = self._title(one.side, record) or one.record_id
        return [Event(kind, self._run, one.side, one.record_id, title, why(kind, before, after))]

    def _of_write(self, write: Write) -> Event:
        kind = Kind.UNDONE if write.is_undo else OF_WRITES[write.op]
        side, other = write.side, write.side.other
        title = (
            self._title(side, self._record(side, write.record_id))
            or self._title(other, self._record(other, write.source_id))
            or self._title(side, Record(write.record_id, _told(write)))
        )
        return Event(
            kind, write.run, side, write.record_id, title or write.record_id, write.reason, write.entry
        )

    def _record(self, side: Side | None, record_id: str) -> Record | None:
        known = self._found.known.get(side) if side is not None else None
        return known.records.get(record_id) if known is not None else None

    def _title(self, side: Side | None, record: Record | None) -> str:
        known = self._found.known.get(side) if side is not None else None
        return title_of(record, known.fields) if known is not None and record is not None else ""

    async def _store(
        self, events: Sequence[Event], put: Sequence[Standing], drop: Sequence[Standing]
    ) -> None:
        """At once, so that a run that is cut tells nothing twice."""
        if not (events or put or drop):
            return
        name, now_ms = self._connection, self._clock.now_ms()

        def store(c: SqlConnection) -> None:
            activity.drop_standings(c, name, drop)
            activity.put_standings(c, name, put, now_ms)
            activity.add(c, name, events, now_ms)

        await self._books.write(store)


def _writes(entries: Sequence[int]) -> Callable[[SqlConnection], list[Write]]:
    return lambda c: activity.writes(c, entries)


def _told(write: Write) -> dict[str, Value]:
    """What the journal knows of the record: what was sent, and what was there before."""
    sent = {name: value for name, value in write.after.items() if value is not None}
    return fields_from_json({**write.before, **sent})


def _braked(plan: Plan) -> list[Standing]:
    if not plan.brakes:
        return []
    return [Standing(None, "", Kind.BRAKED, " ".join(each.sentence for each in plan.brakes))]


def _starts_anew(before: Standing, after: Standing | None) -> bool:
    return after is None or after.kind is not before.kind
