"""Dialling under the guard: refusals, questions, caps, the audit, and a database that fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import structlog

from calls.dial_house import ANNA, BEN, NUMBER, House, code
from linedesk.calls.dial_policy import DialPolicy
from linedesk.errors import ApplyError, BadRequest, Conflict, StoreError, VendorRefused

# The guard, the caps and the audit


async def test_a_refusal_is_recorded_and_answered_the_same_again(house: House) -> None:
    dialling = house.again()
    first = await dialling.dial(ANNA, "899 123456", "k1", "page")
    assert (first.status, code(first)) == (403, "destination_denied")
    assert await dialling.dial(ANNA, "899 123456", "k1", "page") == first
    (row,) = await house.rows()
    assert (row.state, row.error_code, row.number_raw) == ("refused", "destination_denied", "899 123456")
    assert house.pbx.asked == []


async def test_an_agent_without_a_phone_is_told_whom_to_ask(house: House) -> None:
    answer = await house.again().dial(replace(ANNA, extension=None), NUMBER, "k1", "page")
    assert (answer.status, code(answer)) == (403, "dial_refused")
    assert "extension" in answer.body["error"]["remedy"]
    assert await house.states() == ["refused"]


@pytest.mark.parametrize("key", ["k1", "k2"])
async def test_a_question_is_answered_by_confirming_with_the_same_or_another_key(
    house: House, key: str
) -> None:
    dialling = house.again()
    asked = await dialling.dial(ANNA, "1254", "k1", "dialpad")
    assert (asked.status, code(asked)) == (409, "confirmation_needed")
    assert await dialling.dial(ANNA, "1254", "k1", "dialpad") == asked
    house.clock.advance(1)  # the person reads the question; the audit is in the order of time
    done = await dialling.dial(ANNA, "1254", key, "dialpad", confirm=True)
    assert done.status == 202
    assert await dialling.dial(ANNA, "1254", key, "dialpad", confirm=True) == done
    assert await dialling.dial(ANNA, "1254", key, "dialpad") == done
    assert [each.destination for each in house.pbx.asked] == ["1254"]
    assert await house.states() == ["asked", "accepted"]


async def test_the_caps_count_calls_and_not_refusals_or_repetitions(house: House) -> None:
    house.policy = DialPolicy(per_minute=2)
    dialling = house.again()
    await dialling.dial(ANNA, "899 123456", "bad", "page")
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    await dialling.dial(ANNA, NUMBER, "k1-again", "page")
    assert (await dialling.dial(ANNA, "+39 06 1234 5678", "k2", "page")).status == 202
    third = await dialling.dial(ANNA, "+39 06 8765 4321", "k3", "page")
    assert (third.status, code(third)) == (429, "cap_reached")
    assert (await dialling.dial(ANNA, "112", "help", "page")).status == 202
    assert (await dialling.dial(BEN, NUMBER, "k4", "page")).status == 202
    house.clock.advance(61)
    assert (await dialling.dial(ANNA, "+39 06 8765 4321", "k5", "page")).status == 202


async def test_requests_at_the_same_instant_do_not_get_past_a_cap(house: House) -> None:
    house.policy = DialPolicy(per_minute=3)
    dialling = house.again()
    numbers = [f"+39 02 1234 56{n:02d}" for n in range(10)]
    answers = await asyncio.gather(
        *(dialling.dial(ANNA, text, f"k{n}", "page") for n, text in enumerate(numbers))
    )
    assert sorted(answer.status for answer in answers) == [202] * 3 + [429] * 7
    assert len(house.pbx.asked) == 3


async def test_live_calls_count_against_the_calls_at_once(house: House) -> None:
    house.live = 3
    assert code(await house.again().dial(ANNA, NUMBER, "k1", "page")) == "cap_reached"


async def test_twelve_dials_at_once_are_no_more_calls_than_may_be_at_once(house: House) -> None:
    dialling = house.again()  # the PBX reports no call yet, as in the first second
    answers = await asyncio.gather(
        *(dialling.dial(ANNA, f"+39 02 1234 56{n:02d}", f"k{n}", "page") for n in range(12))
    )
    assert sorted(answer.status for answer in answers) == [202] * 3 + [429] * 9
    assert len(house.pbx.asked) == 3
    house.live = 3
    assert code(await dialling.dial(ANNA, NUMBER, "while-live", "page")) == "cap_reached"
    house.live = 0
    assert (await dialling.dial(BEN, NUMBER, "of-another", "page")).status == 202
    assert (await dialling.dial(ANNA, "112", "help", "page")).status == 202


async def test_calls_that_ended_or_never_began_leave_room_after_a_moment(house: House) -> None:
    dialling = house.again()
    for n in range(3):
        assert (await dialling.dial(ANNA, f"+39 02 1234 56{n:02d}", f"k{n}", "page")).status == 202
    house.live = 1  # counted among the three, not besides them
    house.clock.advance(19.9)
    assert code(await dialling.dial(ANNA, NUMBER, "early", "page")) == "cap_reached"
    house.clock.advance(0.2)
    assert (await dialling.dial(ANNA, NUMBER, "later", "page")).status == 202


async def test_dials_that_failed_for_certain_are_no_calls_at_once(house: House) -> None:
    house.pbx.failure = VendorRefused("The PBX refused.")
    dialling = house.again()
    for n in range(4):
        assert (await dialling.dial(ANNA, f"+39 02 1234 56{n:02d}", f"k{n}", "page")).status == 502
    assert len(house.pbx.asked) == 4


async def test_a_wrong_request_is_answered_and_not_logged_as_a_failure(house: House) -> None:
    dialling = house.again()
    await dialling.dial(ANNA, NUMBER, "k1", "page")
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(Conflict):
            await dialling.dial(ANNA, "+39 06 1234 5678", "k1", "page")
        with pytest.raises(BadRequest):
            await dialling.dial(ANNA, NUMBER, "no blanks", "page")
        await asyncio.sleep(0)
    assert logs == []


async def test_a_page_may_ring_a_known_colleague_only(house: House) -> None:
    house.colleagues = frozenset({"202"})
    dialling = house.again()
    assert (await dialling.dial(ANNA, "202", "k1", "page")).status == 202
    assert code(await dialling.dial(ANNA, "203", "k2", "page")) == "number_unreadable"
    assert (await dialling.dial(ANNA, "203", "k3", "colleague")).status == 202


async def test_rules_that_can_not_be_read_stop_all_but_emergency_calls(house: House) -> None:
    house.policy_error = ApplyError("`dialling.per_day` must be a whole number.")
    dialling = house.again()
    assert code(await dialling.dial(ANNA, NUMBER, "k1", "page")) == "dialling_stopped"
    assert (await dialling.dial(ANNA, "112", "k2", "page")).status == 202


async def test_a_text_longer_than_any_number_is_refused_and_stored_short(house: House) -> None:
    answer = await house.again().dial(ANNA, "1" * 100_000, "k1", "dialpad")
    assert code(answer) == "number_unreadable"
    assert len((await house.rows())[0].number_raw) == 200


# Storage and the end


async def test_nothing_is_dialled_that_can_not_be_recorded(house: House) -> None:
    await house.database.close()
    with pytest.raises(StoreError):
        await house.again().dial(ANNA, NUMBER, "k1", "page")
    assert house.pbx.asked == []


async def test_an_outcome_that_can_not_be_stored_is_still_told(house: House) -> None:
    dialling = house.again()
    house.pbx.gate.clear()
    request = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    await house.database.close()
    house.pbx.gate.set()
    assert (await request).status == 202


async def test_after_close_nothing_is_dialled_and_no_task_is_left(house: House) -> None:
    dialling = house.again()
    house.pbx.gate.clear()
    running = asyncio.create_task(dialling.dial(ANNA, NUMBER, "k1", "page"))
    await house.pbx.called.wait()
    await dialling.close()
    assert (await running).status == 504
    assert (await dialling.dial(ANNA, NUMBER, "k2", "page")).status == 504
    assert len(house.pbx.asked) == 1
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("dial:")]
