"""The faults and limits of the simulated Freshdesk."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.freshdesk import ADA, ADMIN, Freshdesk, basic, freshdesk
from linedesk.clock import ManualClock
from linedesk.demo.crm.limits import Minute
from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.wire import Refusal


async def ids(desk: Freshdesk, page: int) -> list[int]:
    body, _ = await desk.ask("GET", f"/contacts?per_page=5&page={page}", status=200)
    return [each["id"] for each in body]


async def test_a_wrong_key_is_refused_in_the_api_s_own_words() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask("GET", "/contacts", key="wrong", status=401)
        assert body["code"] == "invalid_credentials"


async def test_the_minute_s_budget_is_told_and_kept() -> None:
    clock = ManualClock()
    async with freshdesk(clock=clock) as desk:
        desk.switch(plan="trial")
        for count in range(50):
            _, headers = await desk.ask("GET", f"/contacts/{ADA}", status=200)
            assert headers["X-RateLimit-Total"] == "50"
            assert headers["X-RateLimit-Remaining"] == str(49 - count)
            clock.advance(0.5)
        _, headers = await desk.ask("GET", f"/contacts/{ADA}", status=429)
        # The refused call counts too, so one more of the others has to go.
        assert int(headers["Retry-After"]) == 36
        clock.advance(36)
        await desk.ask("GET", f"/contacts/{ADA}", status=200)


@settings(max_examples=40)
@given(pauses=st.lists(st.integers(0, 4), min_size=70, max_size=90), listing=st.booleans())
def test_who_waits_as_long_as_retry_after_says_is_served(pauses: list[int], listing: bool) -> None:
    minute, switches, now_s = Minute(), FreshdeskSwitches(plan="growth", calls_per_minute=50), 1000.0
    for pause_s in pauses:
        now_s += pause_s
        try:
            minute.take(switches, now_s, listing=listing)
        except Refusal as refusal:
            now_s += int(refusal.answer.headers["Retry-After"])
            minute.take(switches, now_s, listing=listing)


async def test_contact_lists_have_a_smaller_budget_of_their_own() -> None:
    async with freshdesk(clock=ManualClock()) as desk:
        desk.switch(plan="growth", retry_after="date")
        for _ in range(20):
            await desk.ask("GET", "/contacts", status=200)
        _, headers = await desk.ask("GET", "/contacts", status=429)
        waits = parsedate_to_datetime(headers["Retry-After"]) - parsedate_to_datetime(headers["Date"])
        assert waits.total_seconds() == 60
        await desk.ask("GET", f"/contacts/{ADA}", status=200)


async def test_unsupported_methods_and_types_are_named() -> None:
    async with freshdesk() as desk:
        _, headers = await desk.ask("DELETE", "/contacts", status=405)
        assert headers["Allow"] == "GET, POST"
        url = f"{desk.url}/api/v2/contacts"
        async with desk.http.post(url, data={"name": "x"}, headers=basic(ADMIN)) as answer:
            assert answer.status == 415
        await desk.ask("GET", "/nothing", status=404)


@pytest.mark.parametrize(
    ("fault", "status"), [("401", 401), ("403", 403), ("429", 429), ("500", 500), ("503", 503), ("html", 200)]
)
async def test_an_answer_can_be_a_fault_for_a_while(fault: str, status: int) -> None:
    async with freshdesk() as desk:
        desk.switch(api_fault=fault, fault_after=1, fault_for=1)
        await desk.ask("GET", "/contacts", status=200)
        await desk.ask("GET", "/contacts", status=status)
        await desk.ask("GET", "/contacts", status=200)


@pytest.mark.parametrize("fault", ["reset", "truncated"])
async def test_a_connection_can_break(fault: str) -> None:
    async with freshdesk() as desk:
        desk.switch(api_fault=fault)
        with pytest.raises(aiohttp.ClientError):
            await desk.ask("GET", "/contacts")


async def test_an_answer_can_hang_and_trickle() -> None:
    clock = ManualClock()
    async with freshdesk(clock=clock) as desk:
        desk.switch(api_fault="hang")
        asking = asyncio.ensure_future(desk.ask("GET", "/contacts", status=200))
        done, _ = await asyncio.wait([asking], timeout=0.1)
        assert not done
        clock.advance(3600)
        await asking


async def test_listings_can_lie() -> None:
    async with freshdesk(people=20) as desk:
        first, second = await ids(desk, 1), await ids(desk, 2)
        desk.switch(listing_fault="repeat")
        assert await ids(desk, 2) == first
        desk.switch(listing_fault="empty-page")
        _, headers = await desk.ask("GET", "/contacts?per_page=5&page=2", status=200)
        assert await ids(desk, 2) == []
        assert 'rel="next"' in headers["link"]
        assert await ids(desk, 3) == second
        desk.switch(listing_fault="loop")
        _, headers = await desk.ask("GET", "/contacts?per_page=5&page=4", status=200)
        assert "page=1>" in headers["link"]
        desk.switch(listing_fault="duplicate-rows")
        assert (await ids(desk, 2))[0] == first[-1]


@pytest.mark.parametrize("change", ["insert", "edit", "delete"])
async def test_a_list_can_change_while_it_is_read(change: str) -> None:
    async with freshdesk(people=20) as desk:
        quiet = await ids(desk, 2)
        desk.switch(change_mid_walk=change)
        await ids(desk, 1)
        assert await ids(desk, 2) != quiet
        moved = await ids(desk, 2)
        await ids(desk, 1)
        assert await ids(desk, 2) == moved, "once only"


async def test_a_write_can_be_stored_with_its_answer_lost_or_the_other_way_round() -> None:
    async with freshdesk() as desk:
        desk.switch(write_fault="stored-answer-lost")
        with pytest.raises(aiohttp.ClientError):
            await desk.ask("POST", "/contacts", json={"name": "Lost", "phone": "1"})
        desk.switch(write_fault="accepted-not-stored")
        await desk.ask("POST", "/contacts", json={"name": "Void", "phone": "1"}, status=201)
        desk.switch(write_fault="none")
        body, _ = await desk.ask("GET", "/contacts?phone=1", status=200)
        assert [each["name"] for each in body] == ["Lost"]


async def test_text_can_come_back_changed() -> None:
    async with freshdesk() as desk:
        desk.switch(cut_text_at=6, reformat_numbers=True, trim_text=True)
        body = {"name": "  Maximiliane ", "phone": "+44 1"}
        made, _ = await desk.ask("POST", "/contacts", json=body, status=201)
        assert (made["name"], made["phone"]) == ("Maximi", "00441")
