"""From stored bodies to the agents' frames and the history, over restarts and failures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from calls.desk_house import ADA, FAR, LUCA, MIA, NOW_MS, body, open_house
from linedesk.calls import tracker
from linedesk.errors import StoreError
from linedesk.store import inbox


async def test_C02_C12_a_ring_reaches_its_agent_and_nobody_else(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert await house.post(body("w.1", "start", 0))
        await house.work()
        (frame,) = house.screens[LUCA.id].frames
        assert frame["type"] == "call"
        assert frame["call"]["contact"]["name"] == "Ada Example"
        assert frame["call"]["contact"]["reason"] == "Work number in Freshdesk"
        assert house.screens[MIA.id].frames == house.screens[FAR.id].frames == []


async def test_C12_the_same_extension_and_call_id_of_another_pbx_is_another_call(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.post(body("w.1", "start", 0), account="branch")
        await house.work()
        (mine,), (other,) = house.screens[LUCA.id].frames, house.screens[FAR.id].frames
        assert mine["call"]["id"] != other["call"]["id"]
        assert (mine["call"]["account"], other["call"]["account"]) == ("office", "branch")


async def test_an_agent_is_shown_no_contact_of_a_book_that_is_not_his(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0, callee="202"))
        await house.work()
        (frame,) = house.screens[MIA.id].frames
        assert frame["call"]["contact"] is None
        assert frame["call"]["number"] == ADA


async def test_K04_the_same_bytes_are_taken_once(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert await house.post(body("w.1", "start", 0)) is True
        assert await house.post(body("w.1", "start", 0)) is False
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]


async def test_C07_a_restart_brings_live_calls_back_and_goes_on(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        before = house.desk.calls_for(LUCA)
    async with open_house(tmp_path) as house:
        assert house.desk.calls_for(LUCA) == before
        assert house.desk.live_count("office", "201") == 0  # it only rings: the agent may still dial
        await house.post(body("w.1", "update", 4_000, status="TALKING", talk_ms=100))
        await house.post(body("w.1", "end", 9_000, talk_ms=5_000))
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:talking", "w.1:ended"]
        assert house.desk.calls_for(LUCA) == []


async def test_an_answered_call_counts_as_one_the_agent_is_in(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.post(body("w.1", "update", 4_000, status="TALKING", talk_ms=100))
        await house.work()
        assert house.desk.live_count("office", "201") == 1


async def test_a_body_that_was_stored_and_not_processed_is_processed_after_a_kill(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))  # stored; the process dies before its worker runs
    async with open_house(tmp_path) as house:
        assert house.intake.waiting == 1
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]
    async with open_house(tmp_path) as house:
        assert house.intake.waiting == 0


async def test_C03_C11_a_body_processed_twice_changes_nothing(tmp_path: Path) -> None:
    # Killed between the popup and the commit: the bodies wait still, and are handed out again.
    bodies = [body("w.1", "start", 0), body("w.1", "end", 9_000, status="CONNECTING")]
    async with open_house(tmp_path) as house:
        for each in bodies:
            await house.post(each)
        await house.work()
        await house.stores.calls.write(_forget_that_they_were_processed)
    async with open_house(tmp_path) as house:
        assert house.intake.waiting == 2
        await house.work()
        assert house.screens[LUCA.id].frames == []
        assert len((await house.recent.list(LUCA, 20, None, False))["items"]) == 1


def _forget_that_they_were_processed(c: Any) -> None:
    c.exec_driver_sql("UPDATE inbox SET processed_ms = NULL")


async def test_an_ended_call_is_in_the_history_of_who_was_shown_it(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.post(body("w.1", "end", 9_000, status="CONNECTING"))
        await house.work()
        (row,) = (await house.recent.list(LUCA, 20, None, False))["items"]
        assert (row["state"], row["outcome"], row["direction"]) == ("missed", "missed", "inbound")
        assert (row["number"], row["display"], row["name"]) == (ADA, "020 7946 0018", "Ada Example")
        for other in (MIA, FAR):
            assert (await house.recent.list(other, 20, None, False))["items"] == []


async def test_bad_bodies_are_kept_with_their_failure_and_stop_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(b"\xff not json")
        await house.post({"id": "x", "time": NOW_MS, "type": "fax:odd", "data": {}})
        await house.post(body("w.1", "start", 0))
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]
        rows = await house.stores.calls.read(_inbox)
        assert [bool(row.failure) for row in rows] == [True, False, False]
        assert all(row.processed_ms for row in rows)


def _inbox(c: Any) -> Any:
    return c.exec_driver_sql("SELECT failure, processed_ms FROM inbox ORDER BY id").all()


async def test_C06_a_directory_that_fails_does_not_hide_the_call(tmp_path: Path, monkeypatch: Any) -> None:
    async with open_house(tmp_path) as house:

        async def broken(*_: Any, **__: Any) -> None:
            raise StoreError("The directory can't be read.")

        monkeypatch.setattr(house.people, "known", broken)
        await house.post(body("w.1", "start", 0))
        await house.work()
        (frame,) = house.screens[LUCA.id].frames
        assert (frame["call"]["number"], frame["call"]["contact"]) == (ADA, None)


async def test_what_can_not_be_committed_is_shown_and_committed_later(
    tmp_path: Path, monkeypatch: Any
) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        real, fails = house.stores.calls.write, [True, True]

        async def write(work: Any) -> Any:
            if fails:
                fails.pop()
                raise StoreError("The disk is full.")
            return await real(work)

        wait = house.clock.sleep

        async def no_wait(seconds: float) -> None:
            if seconds < 1:
                await wait(seconds)  # for the directory
                return
            shown.append(list(house.screens[LUCA.id].states))

        shown: list[list[str]] = []
        monkeypatch.setattr(house.stores.calls, "write", write)
        monkeypatch.setattr(house.clock, "sleep", no_wait)
        await house.work()
        assert shown == [["w.1:ringing"]] * 2
        assert house.intake.healthy
        assert await house.stores.calls.read(lambda c: inbox.waiting(c, 0, 10)) == []


async def test_D10_a_call_without_news_is_swept(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        house.clock.advance(181)
        house.intake.submit(house.desk.sweep)
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing", "w.1:missed"]
        assert house.desk.calls_for(LUCA) == []


async def test_a_burst_loses_nothing_and_leaves_nothing_in_memory(tmp_path: Path) -> None:
    bodies = []
    for number in range(300):
        bodies.append(body(f"w.{number}", "start", number))
        bodies.append(body(f"w.{number}", "end", number + 1, status="CONNECTING"))
    async with open_house(tmp_path) as house:
        assert all(await asyncio.gather(*(house.post(each) for each in bodies)))
        await house.work()
        assert len(house.screens[LUCA.id].states) == 600
        assert house.desk.calls_for(LUCA) == []
        assert house.desk.held == 0
        page = await house.recent.list(LUCA, 50, None, True)
        assert (len(page["items"]), page["more"]) == (50, True)


async def test_C11_a_sweep_that_can_not_be_committed_is_committed_later(
    tmp_path: Path, monkeypatch: Any
) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        real, fails = house.stores.calls.write, [True]

        async def write(work: Any) -> Any:
            if fails:
                fails.pop()
                raise StoreError("The disk is full.")
            return await real(work)

        async def no_wait(_seconds: float) -> None:
            pass

        monkeypatch.setattr(house.stores.calls, "write", write)
        monkeypatch.setattr(house.clock, "sleep", no_wait)
        for _ in range(3):
            house.clock.advance(3_600)
            house.intake.submit(house.desk.sweep)
            await house.work()
        assert len((await house.recent.list(LUCA, 20, None, False))["items"]) == 1
    async with open_house(tmp_path) as house:
        assert house.desk.calls_for(LUCA) == []


async def test_a_body_that_shows_a_defect_stops_neither_the_others_nor_the_next_start(
    tmp_path: Path, monkeypatch: Any
) -> None:
    real = tracker.feed

    def feed(state: Any, event: Any, *more: Any) -> Any:
        if getattr(event, "call_id", "") == "bad":
            raise IndexError("a defect")
        return real(state, event, *more)

    monkeypatch.setattr("linedesk.calls.desk.feed", feed)
    async with open_house(tmp_path) as house:
        await house.post(body("bad", "start", 0))
        await house.post(body("w.1", "start", 0))
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]
    async with open_house(tmp_path) as house:
        assert house.intake.waiting == 0


async def test_what_can_never_be_committed_is_kept_as_failed(tmp_path: Path, monkeypatch: Any) -> None:
    def put(*_: Any) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("linedesk.store.history.put", put)
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.post(body("w.1", "end", 9_000, status="CONNECTING"))
        await house.work()
        assert await house.stores.calls.read(lambda c: inbox.waiting(c, 0, 10)) == []
        rows = await house.stores.calls.read(_inbox)
        assert all(row.failure for row in rows)


async def test_a_hook_that_is_cancelled_while_its_body_is_stored_loses_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        hook = asyncio.create_task(house.post(body("w.1", "start", 0)))
        await asyncio.sleep(0)
        hook.cancel()
        await asyncio.gather(hook, return_exceptions=True)
        await house.intake.close()
        assert await house.post(body("w.1", "start", 0)) is False
        await house.work()
        assert house.screens[LUCA.id].states == ["w.1:ringing"]


async def test_C07_a_change_of_agents_or_accounts_reaches_the_open_screens(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.post(body("w.1", "start", 0))
        await house.work()
        await house.desk.refresh()
        assert len(house.screens[LUCA.id].frames) == 1  # nothing changed, nothing is said
        await house.directory.remove("crm", ["1"])
        await house.desk.refresh()
        assert house.screens[LUCA.id].frames[-1]["call"]["contact"] is None
        house.open.discard("office")
        await house.desk.refresh()
        assert house.screens[LUCA.id].frames[-1]["call"]["state"] == "ended"
        assert house.desk.calls_for(LUCA) == []
