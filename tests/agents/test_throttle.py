"""The sliding window, checked against a slow and plain one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.agents.throttle import Limit, SignInThrottle, Window
from linedesk.clock import ManualClock
from linedesk.errors import TooMany


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(1, 4), st.integers(1, 30))
def test_the_window_equals_the_plain_count(steps: list[int], attempts: int, window_s: int) -> None:
    clock = ManualClock()
    window = Window(Limit(attempts, window_s), clock)
    accepted: list[int] = []
    for step in steps:
        clock.advance(step)
        recent = [at for at in accepted if at > clock.now_ms() - window_s * 1000]
        wait_s = window.wait_s("key")
        assert (wait_s == 0) == (len(recent) < attempts)
        if wait_s == 0:
            window.add("key")
            accepted.append(clock.now_ms())
        else:
            assert wait_s * 1000 == recent[-attempts] + window_s * 1000 - clock.now_ms()


def test_keys_are_bounded_and_the_longest_unused_goes_first() -> None:
    window = Window(Limit(1, 60), ManualClock(), max_keys=2)
    for key in ("a", "b", "c"):
        window.add(key)
    assert window.wait_s("a") == 0
    assert window.wait_s("b") == window.wait_s("c") == 60


def test_an_ipv6_subscriber_counts_as_one_address_and_a_mapped_ipv4_as_itself() -> None:
    throttle = SignInThrottle(ManualClock(), address=Limit(2, 60))
    throttle.start("a", "2001:db8:1:2::1")
    throttle.start("b", "2001:db8:1:2:ffff::9%eth0")
    with pytest.raises(TooMany):
        throttle.start("c", "2001:db8:1:2::3")
    throttle.start("c", "2001:db8:1:3::1")
    throttle.start("a", "192.0.2.1")
    throttle.start("b", "::ffff:192.0.2.1")
    with pytest.raises(TooMany):
        throttle.start("c", "192.0.2.1")


def test_one_address_that_tries_many_logins_is_stopped() -> None:
    throttle = SignInThrottle(ManualClock(), address=Limit(3, 60))
    for login in ("a", "b", "c"):
        throttle.start(login, "192.0.2.1")
    with pytest.raises(TooMany):
        throttle.start("d", "192.0.2.1")
    throttle.start("d", "192.0.2.2")


def test_a_login_tried_from_everywhere_is_slowed() -> None:
    throttle = SignInThrottle(ManualClock(), login=Limit(3, 60))
    for each in range(3):
        throttle.start("luca", f"192.0.2.{each}")
    with pytest.raises(TooMany):
        throttle.start("luca", "192.0.2.9")


def test_a_whole_office_behind_one_address_may_sign_in() -> None:
    throttle = SignInThrottle(ManualClock(), address=Limit(3, 60), login=Limit(3, 60))
    for each in range(20):
        throttle.start(f"agent{each % 2}", "192.0.2.1")
        throttle.succeeded(f"agent{each % 2}", "192.0.2.1")
