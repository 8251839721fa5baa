"""Places and waits: few requests at once, people before background work, and what a 429 asks for."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from linedesk.clock import ManualClock
from linedesk.errors import VendorBusy
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.callcontrol import LIST_CALLS
from linedesk.pbx.wildix.exchange import AT_ONCE, Traffic
from linedesk.pbx.wildix.ids import PhonebookId
from pbx.wildix_server import MAKE_CALL, FakeWildix, client_of, fake_wildix, free_traffic

ASK = DialRequest("201", "+390212345678")
BOOK = PhonebookId.of("7")
CONTACTS = "/api/v1/Phonebooks/7/Contacts/"
BUSY = {"type": "error", "reason": "Too many requests"}


class NotedClock(ManualClock):
    """`waits` are the sleeps that began, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def slept(self, times: int) -> bool:
        return len(self.waits) >= times

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await super().sleep(seconds)


async def until(look: Callable[[], bool]) -> None:
    for _ in range(1000):
        if look():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")


def slow(pbx: FakeWildix, path: str, most: list[int]) -> None:
    """Answers `path` after a moment; `most` holds the requests that are there now and the most so far."""

    async def answer(request: web.Request) -> web.StreamResponse:
        most[0] += 1
        most[1] = max(most)
        await asyncio.sleep(0.03)
        most[0] -= 1
        return await pbx.says({"calls": [], "message": "Success"})(request)

    pbx.faults[path] = answer


async def test_S22_the_pbx_never_has_more_than_two_requests_at_once() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        most = [0, 0]
        slow(pbx, LIST_CALLS, most)
        slow(pbx, MAKE_CALL, most)
        reads = [client.live_calls("201", interactive=n % 2 == 0) for n in range(8)]
        await asyncio.gather(*reads, *(client.dial(ASK) for _ in range(4)))
    assert most[1] == AT_ONCE == 2


async def test_S22_background_work_that_hangs_does_not_keep_a_person_waiting() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[LIST_CALLS] = pbx.hang
        hanging = [asyncio.create_task(client.live_calls(str(n))) for n in range(3)]
        await until(lambda: LIST_CALLS in pbx.paths())
        async with asyncio.timeout(2):
            await client.dial(ASK)
        assert pbx.paths().count(LIST_CALLS) == 1
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_person_who_finds_no_place_is_told_that_nothing_was_sent() -> None:
    traffic = free_traffic()
    held = [traffic.pbx.take("x", interactive=True, timeout_s=1) for _ in range(AT_ONCE)]
    async with fake_wildix() as pbx, client_of(pbx, timeout_s=0.2, traffic=traffic) as client:
        async with held[0], held[1]:
            with pytest.raises(VendorBusy, match="nothing was sent"):
                await client.dial(ASK)
        assert pbx.requests == []
        await client.dial(ASK)
    assert pbx.paths() == [MAKE_CALL]


def busy(pbx: FakeWildix, path: str, times: int, headers: dict[str, str]) -> None:
    left = [times]

    async def answer(request: web.Request) -> web.StreamResponse:
        if left[0]:
            left[0] -= 1
            return await pbx.says(BUSY, 429, headers)(request)
        return pbx.answer(request, pbx.requests[-1][2])

    pbx.faults[path] = answer


@pytest.mark.parametrize(("headers", "wait_s"), [({"Retry-After": "30"}, 30), ({}, 1)])
async def test_a_write_that_is_put_off_goes_again_after_the_wait(
    headers: dict[str, str], wait_s: int
) -> None:
    clock = NotedClock()
    async with fake_wildix() as pbx, client_of(pbx, clock=clock) as client:
        busy(pbx, CONTACTS, 1, headers)
        creating = asyncio.create_task(client.contacts.create(BOOK, {"name": "Ada"}))
        await until(lambda: bool(clock.waits))
        assert len(pbx.requests) == 1
        clock.advance(wait_s)
        assert await creating == "1"
    assert clock.waits == [wait_s]
    assert pbx.paths() == [CONTACTS, CONTACTS]
    assert len(pbx.book.rows) == 1


async def test_S22_a_look_for_calls_has_no_slow_page_of_a_sync_before_it() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[CONTACTS] = pbx.hang
        slow(pbx, LIST_CALLS, [0, 0])
        scanning = asyncio.create_task(client.contacts.scan(BOOK, lambda done, total: None))
        await until(lambda: CONTACTS in pbx.paths())
        async with asyncio.timeout(2):
            assert await client.live_calls("201") == ()
        scanning.cancel()
        await asyncio.gather(scanning, return_exceptions=True)


async def test_a_request_that_was_put_off_does_not_hold_up_others_meanwhile() -> None:
    clock = NotedClock()
    async with fake_wildix() as pbx, client_of(pbx, clock=clock) as client:
        busy(pbx, CONTACTS, 1, {"Retry-After": "100"})
        creating = asyncio.create_task(client.contacts.create(BOOK, {"name": "Ada"}))
        await until(functools.partial(clock.slept, 1))
        async with asyncio.timeout(2):
            assert await client.contacts.scan(BOOK, lambda done, total: None) == ()
        clock.advance(100)
        assert await creating == "1"


async def test_a_pbx_that_stays_busy_is_an_error_in_the_end() -> None:
    clock = NotedClock()
    async with fake_wildix() as pbx, client_of(pbx, clock=clock) as client:
        busy(pbx, CONTACTS, 99, {"Retry-After": "100000"})
        creating = asyncio.create_task(client.contacts.create(BOOK, {"name": "Ada"}))
        for turn in range(1, 4):
            await until(functools.partial(clock.slept, turn))
            clock.advance(120)
        with pytest.raises(VendorBusy, match="too many requests"):
            await creating
    assert len(pbx.requests) == 4


async def test_a_person_is_told_at_once_that_the_pbx_is_busy() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        busy(pbx, MAKE_CALL, 99, {"Retry-After": "30"})
        with pytest.raises(VendorBusy, match="wait 30 s"):
            await client.dial(ASK)
    assert len(pbx.requests) == 1


async def test_S22_every_request_of_both_planes_passes_the_accounts_budget() -> None:
    passed: list[bool] = []

    class Counting:
        async def wait(self, *, interactive: bool) -> None:
            passed.append(interactive)

        async def until_due(self) -> None:
            """At once."""

        def note(self, status: int, headers: Any) -> None:
            """Nothing to learn."""

    traffic = Traffic(5)
    traffic.gate = Counting()
    async with fake_wildix() as pbx, client_of(pbx, traffic=traffic) as client:
        pbx.faults["/v2/stream/presence/query_multiple"] = pbx.says({"presences": []})
        await client.dial(ASK)
        await client.presences(["201"])
        await client.contacts.scan(BOOK, lambda done, total: None)
    assert passed == [True, False, False]


@pytest.mark.parametrize(("requests_per_s", "waits_s"), [(1, 1.5), (2, 0.4)])
async def test_S22_a_small_budget_is_kept_too(requests_per_s: int, waits_s: float) -> None:
    traffic = Traffic(requests_per_s)
    began = asyncio.get_running_loop().time()
    for _ in range(2):
        await traffic.gate.wait(interactive=True)
    assert asyncio.get_running_loop().time() - began >= waits_s
