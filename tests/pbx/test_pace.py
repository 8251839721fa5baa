"""The arithmetic of polling: who drives, who is next, and how late a ring may be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.accounts.model import EventsWay
from linedesk.pbx.pace import Way, in_turn, next_phone, rate_of, way_of, worst_delay_s
from pbx.polled import ACCOUNT, NOW_MS

MINUTE = 60_000
HOOKED = replace(ACCOUNT, webhook_secrets=("secret",))


@pytest.mark.parametrize(
    ("account", "webhook_ms", "way"),
    [
        (ACCOUNT, None, Way.DRIVE),
        (HOOKED, None, Way.DRIVE),
        (HOOKED, NOW_MS - 9 * MINUTE, Way.WATCH),
        (HOOKED, NOW_MS - 10 * MINUTE, Way.DOUBT),
        (replace(HOOKED, events=EventsWay.POLLING), NOW_MS, Way.DRIVE),
        (replace(HOOKED, events=EventsWay.WEBHOOK), None, Way.OFF),
        (replace(HOOKED, credential=None), None, Way.OFF),
        (replace(HOOKED, enabled=False), None, Way.OFF),
    ],
)
def test_way_of_each_setting(account: object, webhook_ms: int | None, way: Way) -> None:
    assert way_of(account, webhook_ms, NOW_MS) is way  # type: ignore[arg-type]


def test_polls_leave_room_for_people_and_the_sync() -> None:
    assert rate_of(ACCOUNT) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("phones", "rate", "busy", "cloud", "delay_s"),
    [
        (40, 3.0, 0, False, 13.4),
        (40, 3.0, 10, False, 20.0),
        (40, 3.0, 1, False, 19.5),
        (2, 3.0, 0, False, 1.0),
        (0, 3.0, 0, False, 0.0),
        (40, 3.0, 0, True, 1.4),
        (1200, 3.0, 0, True, 1.7),
    ],
)
def test_worst_delay(phones: int, rate: float, busy: int, cloud: bool, delay_s: float) -> None:
    assert worst_delay_s(phones, rate, busy=busy, cloud=cloud) == delay_s


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.sampled_from([1.2, 3.0, 6.0]), st.data())
def test_no_phone_waits_longer_than_the_worst_delay(count: int, rate: float, data: st.DataObject) -> None:
    """The promise shown to people is what the turns really give, with any phones busy."""
    phones = [str(201 + each) for each in range(count)]
    busy = phones[: data.draw(st.integers(0, count))]
    looked: dict[str, int | None] = dict.fromkeys(phones)
    gaps: dict[str, int] = dict.fromkeys(phones, 0)
    due, now_ms, step_ms = in_turn(phones, busy), NOW_MS, 1000 / rate
    limit_ms = worst_delay_s(count, rate, busy=len(busy)) * 1000
    turn = 0
    for tick in range(count * 12):
        now_ms = NOW_MS + round(tick * step_ms)
        phone = next_phone(due, looked, now_ms, turn=turn)
        if phone is None:
            continue
        turn += 1
        before = looked[phone]
        gaps[phone] = max(gaps[phone], now_ms - (before if before is not None else NOW_MS))
        looked[phone] = now_ms
    idle = [phone for phone in phones if phone not in busy]
    assert all(gaps[phone] <= limit_ms + 2 * step_ms for phone in idle)
    assert all(looked[phone] is not None for phone in phones)
