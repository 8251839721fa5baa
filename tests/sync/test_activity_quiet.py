"""How records stand when nothing happened: known by a digest, and never taken for so when it is not."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from linedesk.store import activity
from linedesk.sync.activity import Found, record_activity
from linedesk.sync.activity_words import Event, Kind, Standing, standings_digest
from linedesk.sync.model import Brake, Change, Op, Plan, Problem, Side, SkipKind, Skipped, Unread, Waiting
from linedesk.sync.planning import in_slices
from sync.engine_house import House, house
from sync.memory_stores import memory_stores


def out(count: int, reason: str = "No rule takes it.") -> Plan:
    skipped = (Skipped(Side.A, str(n), reason, SkipKind.EXCLUDED) for n in range(count))
    return Plan("office", skipped=tuple(skipped))


async def tell(home: House, run: int, found: Found) -> None:
    await record_activity(home.stores.books, home.clock, "office", run, found)


async def standings(home: House) -> list[Standing]:
    return await home.stores.books.read(lambda c: activity.all_standings(c, "office", None, 1000))


async def events(home: House) -> list[Event]:
    rows = await home.stores.books.read(lambda c: activity.page(c, limit=1000))
    return [row.event for row in rows]


async def test_S2_a_quiet_run_reads_and_compares_no_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(Path(), stores=memory_stores()) as home:
        reads: list[int] = []
        of_all = activity.all_standings

        def counted(*args: Any) -> list[Standing]:
            reads.append(1)
            return of_all(*args)

        await tell(home, 1, Found(out(450)))
        monkeypatch.setattr(activity, "all_standings", counted)
        await tell(home, 2, Found(out(450)))
        assert not reads
        await tell(home, 3, Found(out(449)))
        assert reads


async def test_a_reason_that_changed_is_kept_also_when_it_changes_back() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        for run, reason in enumerate(("One.", "One.", "Two.", "One.")):
            await tell(home, run, Found(out(3, reason)))
            assert {each.reason for each in await standings(home)} == {reason}


async def test_S3_what_a_run_that_was_cut_told_by_half_is_set_right_by_one_like_the_run_before() -> None:
    async with house(Path(), stores=memory_stores()) as home:
        await tell(home, 1, Found(out(3)))

        def by_half(c: Any) -> None:
            activity.put_standings(c, "office", [Standing(Side.A, "1", Kind.FAILING, "No name.")], 0)

        await home.stores.books.write(by_half)
        await tell(home, 3, Found(out(3)))
        assert {each.kind for each in await standings(home)} == {Kind.EXCLUDED}


async def digest(plan: Plan, *refused: Problem, untried: tuple[tuple[Side, str], ...] = ()) -> str:
    return await in_slices(standings_digest(plan, refused, untried))


async def test_the_digest_tells_apart_all_that_decides_how_records_stand() -> None:
    fails = Problem(Side.A, "1", "x", "No name.")
    found = [
        await digest(Plan("office")),
        await digest(out(1)),
        await digest(out(2)),
        await digest(out(1, "Another reason.")),
        await digest(Plan("office", skipped=(Skipped(Side.A, "0", "No rule takes it.", SkipKind.HELD),))),
        await digest(Plan("office", skipped=(Skipped(Side.B, "0", "No rule takes it.", SkipKind.EXCLUDED),))),
        await digest(Plan("office", waiting=(Waiting(Side.A, "0", (), "No rule takes it."),))),
        await digest(Plan("office", problems=(fails,))),
        await digest(Plan("office", unread=(Unread(Side.A, "0", ("tags",), "Not read yet."),))),
        await digest(Plan("office"), untried=((Side.A, "0"),)),
        # What is within one reason is no second record.
        await digest(out(1, "No rule takes it.1 17 a excluded 1No rule takes it.")),
    ]
    assert len(set(found)) == len(found)
    assert await digest(Plan("office", problems=(fails,))) == await digest(Plan("office"), fails)


def a_run(random: Random) -> Found:
    """What some run of three records came to; the same comes often."""
    skipped, waiting, unread, refused, changes = [], [], [], [], []
    for record in "123":
        kind = random.choice(("step", "out", "held", "waits", "unread", "refused", "untried"))
        reason = random.choice(("One.", "Two."))
        if kind in ("out", "held"):
            how = SkipKind.EXCLUDED if kind == "out" else SkipKind.HELD
            skipped.append(Skipped(Side.A, record, reason, how))
        elif kind == "waits":
            waiting.append(Waiting(Side.A, record, (), reason))
        elif kind == "unread":
            unread.append(Unread(Side.A, record, ("tags",), reason))
        elif kind == "refused":
            refused.append(Problem(Side.A, record, "x", reason))
        if kind in ("refused", "untried"):
            changes.append(Change(Side.B, Op.UPDATE, f"l{record}", record, record, {}, ""))
    braked = random.random() < 0.15
    brakes = (Brake("deletes", random.choice(("Ten.", "Twenty."))),) if braked else ()
    plan = Plan(
        "office",
        tuple(changes),
        skipped=tuple(skipped),
        waiting=tuple(waiting),
        unread=tuple(unread),
        brakes=brakes,
    )
    done = [change for change in changes if random.random() < 0.3]
    return Found(plan, refused, done, braked)


@pytest.mark.parametrize("seed", range(6))
async def test_S2_with_the_digest_the_same_is_told_as_without(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    some = [a_run(random) for _ in range(5)]
    runs = [found for _ in range(15) for found in [random.choice(some)] * random.choice((1, 2, 3))]
    told = []
    for is_quick in (True, False):
        with monkeypatch.context() as patch:
            if not is_quick:
                patch.setattr(activity, "digest_of", lambda *_: "")
            async with house(Path(), stores=memory_stores()) as home:
                seen = []
                for run, found in enumerate(runs):
                    await tell(home, run, found)
                    seen.append(await standings(home))
                told.append((seen, await events(home)))
    assert told[0] == told[1]
