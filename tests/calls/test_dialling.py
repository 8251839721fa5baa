"""Dialling as a service: one click one call, the same key the same answer, every attempt recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from linedesk.agents.model import Agent, Role
from linedesk.calls.dial_policy import DialPolicy
from linedesk.calls.dialling import DialAnswer, Dialling
from linedesk.clock import ManualClock
from linedesk.errors import (
    ApplyError,
    BadRequest,
    ConfigError,
    Conflict,
    StoreError,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.numbers import NumberPlan
from linedesk.pbx.base import Colleague, DialAccepted, DialRequest
from linedesk.store import dials
from linedesk.store.database import Database
from linedesk.store.dials import DialRow
from linedesk.store.migrate import open_stores

ANNA = Agent("a1", "anna", "Anna", Role.AGENT, account="acme", extension="201")
BEN = Agent("a2", "ben", "Ben", Role.AGENT, account="acme", extension="202")
NUMBER = "+39 02 1234 5678"
DIALLED = DialRequest("201", "+390212345678")


class FakePbx:
    """Answers when `gate` is open, with `failure` if there is one."""

    def __init__(self) -> None:
        self.asked: list[DialRequest] = []
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.called = asyncio.Event()

    async def dial(self, request: DialRequest) -> DialAccepted:
        self.asked.append(request)
        self.called.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return DialAccepted("make-call")

    async def colleagues(self) -> tuple[Colleague, ...]:
        return ()


@dataclass
class House:
    """A dialling service over a real database; `again()` is the service after a restart of the process."""

    database: Database
    clock: ManualClock = field(default_factory=ManualClock)
    pbx: FakePbx = field(default_factory=FakePbx)
    policy: DialPolicy = field(default_factory=DialPolicy)
    plan: NumberPlan = field(default_factory=lambda: NumberPlan("IT"))
    live: int = 0
    colleagues: frozenset[str] = frozenset()
    pbx_error: Exception | None = None
    policy_error: Exception | None = None
    made: list[Dialling] = field(default_factory=list)

    def again(self) -> Dialling:
        service = Dialling(
            self.database,
            self.clock,
            pbx_of=self._pbx_of,
            plan_of=lambda _account: self.plan,
            policy=self._policy,
            live_calls=lambda _account, _extension: self.live,
            is_internal=lambda _account, extension: extension in self.colleagues,
            local_hour=lambda _now_ms: 12,
        )
        self.made.append(service)
        return service

    async def rows(self) -> list[DialRow]:
        return list(reversed(await self.database.read(lambda c: dials.latest(c, 100))))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    def _pbx_of(self, _account: str) -> FakePbx:
        if self.pbx_error is not None:
            raise self.pbx_error
        return self.pbx

    def _policy(self) -> DialPolicy:
        if self.policy_error is not None:
            raise self.policy_error
        return self.policy


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    stores = await open_stores(tmp_path / "data")
    built = House(stores.calls)
    yield built
    built.pbx.gate.set()
    for service in built.made:
        await service.close()
    await stores.close()


def code(answer: DialAnswer) -> str:
    return str(answer.body["error"]["code"])


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
