"""Dialling as a service: one click one call, the same key the same answer, every attempt recorded."""

from __future__ import annotations

import asyncio

import pytest

from calls.dial_house import ANNA, BEN, DIALLED, NUMBER, House, code
from linedesk.agents.grants import OwnDial
from linedesk.errors import (
    BadRequest,
    ConfigError,
    Conflict,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.pbx.base import DialAccepted


async def test_a_dial_asks_the_pbx_and_answers_with_the_number_that_is_dialled(house: House) -> None:
    answer = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert answer.status == 202
    assert answer.body == {
        "request": answer.request_id,
        "number": "+390212345678",
        "price_class": "fixed",
    }
    assert house.pbx.asked == [DIALLED]
    (row,) = await house.rows()
    assert (row.id, row.state, row.number_raw, row.destination, row.origin, row.account, row.extension) == (
        answer.request_id,
        "accepted",
        NUMBER,
        "+390212345678",
        "page",
        "acme",
        "201",
    )


async def test_C09_the_number_dialled_is_the_one_of_this_request(house: House) -> None:
    dialling = house.again()
    await asyncio.gather(
        dialling.dial(ANNA, NUMBER, "k1", "page"), dialling.dial(ANNA, "+39 06 1234 5678", "k2", "page")
    )
    assert sorted(each.destination for each in house.pbx.asked) == ["+390212345678", "+390612345678"]
    assert await house.states() == ["accepted", "accepted"]


# The same key


async def test_C08_the_same_key_has_the_same_answer_and_one_call(house: House) -> None:
    dialling = house.again()
    first = await dialling.dial(ANNA, NUMBER, "k1", "page")
    house.clock.advance(3600)
    assert await dialling.dial(ANNA, NUMBER, "k1", "page") == first
    assert len(house.pbx.asked) == 1
    assert len(await house.rows()) == 1


async def test_C08_the_same_key_waits_for_the_first_while_it_runs(house: House) -> None:
    dialling = house.again()
    house.pbx.gate.clear()
    first = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    others = [asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page")) for _ in range(5)]
    await asyncio.wait(others, timeout=0.1)
    assert not any(task.done() for task in others)
    house.pbx.gate.set()
    answers = await asyncio.gather(first, *others)
    assert {(answer.status, answer.request_id) for answer in answers} == {(202, answers[0].request_id)}
    assert len(house.pbx.asked) == 1


async def test_C08_fifty_requests_at_once_with_one_key_are_one_call(house: House) -> None:
    dialling = house.again()
    answers = await asyncio.gather(*(dialling.dial(ANNA, NUMBER, "k1", "page") for _ in range(50)))
    assert len({answer.request_id for answer in answers}) == 1
    assert len(house.pbx.asked) == 1


async def test_C08_after_a_restart_the_same_key_has_the_same_answer(house: House) -> None:
    first = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert await house.again().dial(ANNA, NUMBER, "k1", "page") == first
    assert len(house.pbx.asked) == 1


async def test_C08_a_dial_cut_off_by_a_restart_is_never_dialled_again(house: House) -> None:
    before = house.again()
    house.pbx.gate.clear()
    cut = asyncio.create_task(before.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    after = house.again()
    house.clock.advance(60)
    answers = [await after.dial(ANNA, NUMBER, "k1", "page") for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0].status, code(answers[0])) == (504, "vendor_timeout")
    assert "Look at your phone" in answers[0].body["error"]["remedy"]
    assert len(house.pbx.asked) == 1
    assert await house.states() == ["unknown"]
    await before.close()
    assert (await cut).status == 504


async def test_the_key_belongs_to_its_agent(house: House) -> None:
    dialling = house.again()
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    await dialling.dial(BEN, NUMBER, "k1", "page")
    assert [each.extension for each in house.pbx.asked] == ["201", "202"]


async def test_E02_a_key_used_for_another_number_is_a_conflict_and_dials_nothing(house: House) -> None:
    dialling = house.again()
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    with pytest.raises(Conflict, match="another number"):
        await dialling.dial(ANNA, "+39 06 1234 5678", "k1", "page")
    assert house.pbx.asked == [DIALLED]


@pytest.mark.parametrize("key", ["", " ", "a b", "k\n", "ü", "x" * 201])
async def test_an_unfit_key_is_a_bad_request(house: House, key: str) -> None:
    with pytest.raises(BadRequest):
        await house.again().dial(ANNA, NUMBER, key, "page")
    assert house.pbx.asked == []


async def test_a_browser_that_goes_away_does_not_stop_the_call_half_way(house: House) -> None:
    dialling = house.again()
    house.pbx.gate.clear()
    request = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    request.cancel()
    await asyncio.wait({request})
    house.pbx.gate.set()
    answer = await dialling.dial(ANNA, NUMBER, "k1", "page")
    assert answer.status == 202
    assert len(house.pbx.asked) == 1


# The same click twice


@pytest.mark.parametrize("spelling", [NUMBER, "02 12345678", "tel:+39-02-12345678"])
async def test_E01_the_same_number_within_3_s_is_the_same_request(house: House, spelling: str) -> None:
    dialling = house.again()
    first = await dialling.dial(ANNA, NUMBER, "k1", "page")
    house.clock.advance(2.9)
    assert await dialling.dial(ANNA, spelling, "k2", "page") == first
    assert await house.again().dial(ANNA, spelling, "k2", "page") == first
    assert len(house.pbx.asked) == 1
    assert await house.states() == ["accepted", "same"]


async def test_E01_two_keys_at_the_same_instant_are_one_call(house: House) -> None:
    dialling = house.again()
    answers = await asyncio.gather(*(dialling.dial(ANNA, NUMBER, f"k{n}", "page") for n in range(8)))
    assert len({answer.request_id for answer in answers}) == 1
    assert len(house.pbx.asked) == 1


async def test_E01_a_click_while_the_pbx_is_slow_is_the_same_request(house: House) -> None:
    dialling = house.again()
    house.pbx.gate.clear()
    first = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    house.clock.advance(8)
    second = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k2", "page"))
    await asyncio.wait({second}, timeout=0.1)
    house.pbx.gate.set()
    assert await first == await second
    assert len(house.pbx.asked) == 1


async def test_E01_later_or_to_another_number_or_by_another_agent_is_a_new_call(house: House) -> None:
    dialling = house.again()
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    await dialling.dial(ANNA, "+39 06 1234 5678", "k2", "page")
    await dialling.dial(BEN, NUMBER, "k3", "page")
    house.clock.advance(3.1)
    await dialling.dial(ANNA, NUMBER, "k4", "page")
    assert len(house.pbx.asked) == 4


async def test_after_a_certain_failure_the_next_click_dials(house: House) -> None:
    dialling = house.again()
    house.pbx.failure = VendorUnreachable("The PBX acme can't be reached.")
    assert (await dialling.dial(ANNA, NUMBER, "k1", "page")).status == 502
    house.pbx.failure = None
    assert (await dialling.dial(ANNA, NUMBER, "k2", "page")).status == 202


async def test_after_a_time_out_a_quick_second_click_does_not_dial(house: House) -> None:
    dialling = house.again()
    house.pbx.failure = VendorTimeout("The PBX acme didn't answer within 10 s.")
    first = await dialling.dial(ANNA, NUMBER, "k1", "page")
    assert await dialling.dial(ANNA, NUMBER, "k2", "page") == first
    assert len(house.pbx.asked) == 1


# What the PBX says


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (VendorUnreachable("down"), "failed"),
        (VendorRefused("refused: no channel"), "failed"),
        (VendorTimeout("silent"), "unknown"),
        (VendorGarbled("a web page"), "unknown"),
        (VendorError("HTTP 500"), "unknown"),
    ],
)
async def test_a_failure_of_the_pbx_is_recorded_and_answered(
    house: House, error: VendorError, state: str
) -> None:
    house.pbx.failure = error
    answer = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert (answer.status, answer.body) == (error.status, error.as_json())
    (row,) = await house.rows()
    assert (row.state, row.error_code) == (state, error.code)


async def test_an_account_without_a_token_is_a_clear_answer(house: House) -> None:
    house.pbx_error = ConfigError("The PBX account acme has no token.")
    answer = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert "no token" in answer.body["error"]["message"]
    assert await house.states() == ["failed"]


async def test_a_defect_in_the_client_is_not_hidden_and_never_dials_again(house: House) -> None:
    dialling = house.again()
    house.pbx.failure = RuntimeError("a defect")
    with pytest.raises(RuntimeError):
        await dialling.dial(ANNA, NUMBER, "k1", "page")
    house.pbx.failure = None
    assert (await dialling.dial(ANNA, NUMBER, "k1", "page")).status == 504
    assert len(house.pbx.asked) == 1


# As the agent


async def test_an_agents_own_grant_dials_in_place_of_the_accounts_credential(house: House) -> None:
    house.own = OwnDial(DialAccepted("make-call"))
    answer = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert (answer.status, "notice" in answer.body) == (202, False)
    assert house.own_asked == [("a1", "acme", DIALLED)]
    assert house.pbx.asked == []


async def test_where_the_own_grant_dialled_nothing_the_account_does_and_the_agent_is_told(
    house: House,
) -> None:
    house.own = OwnDial(notice="Sign in with Wildix again.")
    answer = await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert (answer.status, answer.body["notice"]) == (202, "Sign in with Wildix again.")
    assert house.pbx.asked == [DIALLED]
    house.pbx_error = ConfigError("The PBX account acme has no token.")
    house.clock.advance(60)
    refused = await house.again().dial(ANNA, NUMBER, "k2", "page")
    assert refused.body["error"]["remedy"] == "Sign in with Wildix again."


async def test_C08_an_own_call_that_may_ring_is_never_dialled_by_the_account(house: House) -> None:
    house.own = VendorTimeout("The PBX acme did not answer.")
    assert (await house.again().dial(ANNA, NUMBER, "k1", "page")).status == 504
    assert house.pbx.asked == []
    assert await house.states() == ["unknown"]
