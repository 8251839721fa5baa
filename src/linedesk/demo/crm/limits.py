"""The simulated Freshdesk's calls a minute: over the whole account, and of these the contact lists."""

from __future__ import annotations

from collections import deque
from email.utils import formatdate
from math import ceil

from linedesk.demo.crm.switches import FreshdeskSwitches
from linedesk.demo.crm.wire import Answer, Refusal

_PLANS = {"trial": (50, None), "growth": (200, 20), "pro": (400, 100), "enterprise": (700, 200)}
_UNLIMITED = 100_000
_MINUTE_S = 60.0


class Minute:
    """Counts over any sixty seconds; refused requests count too."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque()
        self._lists: deque[float] = deque()

    def take(self, switches: FreshdeskSwitches, now_s: float, *, listing: bool) -> dict[str, str]:
        """Count one request; answers the headers of its answer. Raises `Refusal` (429)."""
        total, lists = _limits(switches)
        for calls in (self._calls, self._lists):
            while calls and calls[0] <= now_s - _MINUTE_S:
                calls.popleft()
        listing_over = listing and lists is not None and len(self._lists) >= lists
        over = len(self._calls) >= total or listing_over
        self._calls.append(now_s)
        if listing:
            self._lists.append(now_s)
        headers = {
            "X-RateLimit-Total": str(total),
            "X-RateLimit-Remaining": str(max(0, total - len(self._calls))),
            "X-RateLimit-Used-CurrentRequest": "1",
        }
        if not over:
            return headers
        free_s = [_free_again_s(self._calls, total)]
        if lists is not None and listing:
            free_s.append(_free_again_s(self._lists, lists))
        wait_s = max(1, ceil(max(free_s) - now_s))
        raise Refusal(too_many(switches, now_s, wait_s, headers))


def _free_again_s(calls: deque[float], limit: int) -> float:
    """When one more call will fit: refused ones count too, so that is later than when the oldest goes."""
    over = len(calls) - limit
    return calls[over] + _MINUTE_S if over >= 0 else calls[-1]


def too_many(switches: FreshdeskSwitches, now_s: float, wait_s: int, headers: dict[str, str]) -> Answer:
    """The 429 of the API, with what the switch says about waiting."""
    asked = {
        "seconds": {"Retry-After": str(wait_s)},
        "date": {
            "Retry-After": formatdate(now_s + wait_s, usegmt=True),
            "Date": formatdate(now_s, usegmt=True),
        },
        "none": {},
    }[switches.retry_after]
    return Answer(
        429, {"message": "You have exceeded the limit of requests per minute"}, {**headers, **asked}
    )


def _limits(switches: FreshdeskSwitches) -> tuple[int, int | None]:
    total, lists = _PLANS.get(switches.plan, (_UNLIMITED, None))
    return switches.calls_per_minute or total, switches.list_calls_per_minute or lists
