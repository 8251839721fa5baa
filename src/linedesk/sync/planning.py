"""The plan of a run: made in slices, without what was refused a short while ago, and its questions kept.

What the plan says is `sync.plan`'s matter. Here it is made on a loop that has calls to serve.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from linedesk.clock import Clock
from linedesk.store import decisions, problems
from linedesk.store.database import Database
from linedesk.store.decisions import DecisionRow
from linedesk.store.problems import ProblemRow
from linedesk.sync.content_hash import ContentHash
from linedesk.sync.copies import Book
from linedesk.sync.model import Change, Plan, Problem, Side, Waiting
from linedesk.sync.parts import LIGHT, STEPS, in_parts
from linedesk.sync.slices import Breather, undisturbed
from linedesk.sync.writing_parts import Tally, about

T = TypeVar("T")

RETRY_MS = 3_600_000  # a refused record that nobody edited is tried again after so long


async def in_slices(work: Generator[None, None, T]) -> T:
    """Run pure work that pauses by itself, and let others run at its pauses when a slice is used up."""
    breather = Breather()
    with undisturbed():
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            await breather.rest()


async def tally_of(changes: Iterable[Change]) -> Tally:
    """The changes, counted in slices."""
    tally = Tally()

    def count(change: Change) -> None:
        tally[change.side, change.op] += 1

    await in_slices(in_parts(changes, count, LIGHT))
    return tally


def held_back(
    plan: Plan, refused: Mapping[tuple[Side, str], ProblemRow], books: Mapping[Side, Book], now_ms: int
) -> Generator[None, None, Plan]:
    """The plan without changes that the app refused and that nothing has changed for since.

    Their problems stay. A setting in the app may have been the cause, so they are tried again by and by.
    """

    def waits(change: Change) -> Problem | None:
        row = refused.get(about(change))
        if row is None or not now_ms < row.tried_ms + RETRY_MS:
            return None
        return None if _edited_since(change, books, row.tried_ms) else row.problem

    return (yield from without(plan, waits)) if refused else plan


def without(plan: Plan, why: Callable[[Change], Problem | None]) -> Generator[None, None, Plan]:
    """The plan without the changes for which `why` tells a problem; its hash names those that are left."""
    changes: list[Change] = []
    problems: list[Problem] = []
    content = ContentHash()

    def judge(change: Change) -> None:
        problem = why(change)
        if problem is not None:
            problems.append(problem)
        else:
            changes.append(change)
            content.add(change)

    yield from in_parts(plan.changes, judge, STEPS)
    if not problems:
        return plan
    return replace(plan, changes=tuple(changes), problems=(*plan.problems, *problems), hash=content.text())


class Questions:
    """What a connection asks of people: pairs that wait, and records that can't be synced."""

    def __init__(self, books: Database, clock: Clock, connection: str) -> None:
        self._books = books
        self._clock = clock
        self._connection = connection

    async def refused(self) -> dict[tuple[Side, str], ProblemRow]:
        """The problems that are known, by side and record."""
        return await self._books.read(lambda c: problems.all_of(c, self._connection), snapshot=False)

    async def keep(self, plan: Plan) -> None:
        """Store what the plan leaves to people; what is about to be tried keeps its row until then."""
        now_ms, known = self._clock.now_ms(), await self.refused()
        tried = await _tried(plan, known)
        found = {(each.side, each.record_id): each for each in plan.problems}
        found |= {key: row.problem for key, row in known.items() if key in tried}
        rows = await self._books.read(lambda c: decisions.all_of(c, self._connection), snapshot=False)
        open_still = [
            row.waiting
            for row in rows
            if row.answer is None and (row.waiting.side, row.waiting.record_id) in found
        ]
        waiting = list(_one_each((*plan.waiting, *open_still)))
        if found != {key: row.problem for key, row in known.items()}:
            await self._books.write(lambda c: problems.replace(c, self._connection, found, now_ms))
        answered = {(r.waiting.side, r.waiting.record_id): r for r in rows if r.answer is not None}
        open_now = [each for each in waiting if _is_open(each, answered)]
        if open_now != [row.waiting for row in rows if row.answer is None]:
            await self._books.write(
                lambda c: decisions.replace_waiting(c, self._connection, open_now, now_ms)
            )

    async def ask(self, waiting: Waiting, problem: Problem) -> None:
        """A record that an app would not take beside another one, which a person must look at."""
        now_ms = self._clock.now_ms()
        await self._books.write(lambda c: problems.put(c, self._connection, [problem], now_ms))
        await self._books.write(lambda c: decisions.ask(c, self._connection, waiting, now_ms))


def _is_open(each: Waiting, answered: Mapping[tuple[Side, str], DecisionRow]) -> bool:
    before = answered.get((each.side, each.record_id))
    return before is None or decisions.is_another(before, each)


async def _tried(plan: Plan, known: Mapping[tuple[Side, str], ProblemRow]) -> set[tuple[Side, str]]:
    """Records with a known problem that the plan is about to write."""
    breather, tried = Breather(), set()
    for change in plan.changes if known else ():
        if (key := about(change)) in known:
            tried.add(key)
        await breather.rest()
    return tried


def _edited_since(change: Change, books: Mapping[Side, Book], tried_ms: int) -> bool:
    ids: Sequence[tuple[Side, str | None]] = (
        (change.side.other, change.source_id),
        (change.side, change.record_id),
    )
    copies = (books[side].copies.get(record_id or "") for side, record_id in ids)
    return any(copy is not None and copy.changed_ms > tried_ms for copy in copies)


def _one_each(waiting: Iterable[Waiting]) -> Iterable[Waiting]:
    """The first question of each record, in the order in which they are stored."""
    first: dict[tuple[str, str], Waiting] = {}
    for each in waiting:
        first.setdefault((each.side.value, each.record_id), each)
    return [first[key] for key in sorted(first)]
