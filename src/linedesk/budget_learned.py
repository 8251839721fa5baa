"""A budget of requests whose size the answers tell (`X-RateLimit-Total`, `-Remaining`, `Retry-After`).

It never sends more than the budget in any window, leaves what others use of the same account, keeps a part
for people, and gives each use its share (`budget_use`). A kind of requests with a smaller number of its own
gets a `Part`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from linedesk.budget import retry_after_s
from linedesk.budget_use import Use, kept_for_people, present_use, share_of
from linedesk.clock import Clock
from linedesk.errors import VendorBusy

_LOOK_AGAIN_S = 1.0  # an answer may change the budget while a request waits for it
_SLACK_S = 1.0  # requests arrive unevenly late, so a place is free a little after its window
_UNTOLD_S = 60.0  # the pause after a 429 that names none
_DISTRUST_S = 600.0
_PERSON_S = 5.0  # nobody at a ringing phone waits longer
_BACKGROUND_S = 180.0


class LearnedBudget:
    """At most so many requests in any `window_s`: a number that is set, or told by the answers' headers.

    `cautious` counts until an answer has told it; a smaller `limit` that is set counts always. A request
    whose turn is far off ends in `VendorBusy` at once: for people after 5 s, for background work after 3 min.
    """

    def __init__(
        self,
        clock: Clock,
        who: str,
        *,
        limit: int | None = None,
        cautious: int = 50,
        window_s: float = 60.0,
        total_header: str = "x-ratelimit-total",
        remaining_header: str = "x-ratelimit-remaining",
    ) -> None:
        self._who = who
        self._time = _Time(clock)
        self._window_s = window_s
        self._headers = (total_header, remaining_header)
        self._window = _Window(window_s, limit, lambda: cautious)
        self._parts: list[_Window] = []
        self._line = _Line(who, self._time, (self._window,))

    @property
    def limit(self) -> int:
        """Requests in a window, as far as is known."""
        return self._window.limit(self._time.now_s())

    @property
    def told(self) -> int | None:
        """Requests in a window as an answer told it."""
        return self._window.told

    @property
    def background_per_s(self) -> float:
        """What background work of the present use gets in the long run."""
        return self._window.share(present_use(), self._time.now_s()) / self._window_s

    def room(self) -> int:
        """How many background requests of the present use may go now, one after the other."""
        return self._window.room(self._time.now_s(), present_use())

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go; raises `VendorBusy`."""
        await self._line.wait(Use.PERSON if interactive else present_use())

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer; header names are lower case."""
        now_s = self._time.now_s()
        self._window.learn(*self._numbers(headers), now_s)
        for part in self._parts:
            part.shrink(self._window.told)
        if status == 429:
            self._window.refuse(retry_after_s(headers), now_s)

    def part(self, limit: int | None, share: Callable[[int], int]) -> Part:
        """A gate for some of the requests: `limit` of them in a window, None: `share` of the whole."""
        return Part(self, limit, share)

    def _numbers(self, headers: Mapping[str, str]) -> tuple[int | None, int | None]:
        total, remaining = (_number(headers.get(name)) for name in self._headers)
        return total or None, remaining


class Part:
    """Requests that have a number of their own inside a budget; every one counts for both.

    An answer to one of them may tell either number: one below the whole is taken for the part's.
    """

    def __init__(self, budget: LearnedBudget, limit: int | None, share: Callable[[int], int]) -> None:
        self._budget = budget
        self._time = budget._time
        self._window_s = budget._window_s
        self._own = _Window(self._window_s, limit, lambda: share(budget.limit))
        budget._parts.append(self._own)
        self._line = _Line(budget._who, self._time, (budget._window, self._own))

    @property
    def limit(self) -> int:
        """Requests of this kind in a window, as far as is known."""
        return min(self._own.limit(self._time.now_s()), self._budget.limit)

    @property
    def background_per_s(self) -> float:
        """What background work of the present use gets in the long run."""
        own = self._own.share(present_use(), self._time.now_s()) / self._window_s
        return min(own, self._budget.background_per_s)

    async def wait(self, *, interactive: bool) -> None:
        """Return when the next request may go; raises `VendorBusy`."""
        await self._line.wait(Use.PERSON if interactive else present_use())

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer; header names are lower case."""
        total, remaining = self._budget._numbers(headers)
        told, now_s = self._budget.told, self._time.now_s()
        of_part = total is not None and told is not None and total < told
        if of_part:
            self._own.learn(total, remaining, now_s)
        elif status != 429 or remaining:
            self._budget.note(200, headers)
        if status != 429:
            return
        if of_part or remaining:
            # The whole has something left, so it is this part that is used up.
            self._own.refuse(retry_after_s(headers), now_s)
        else:
            self._own.doubt(now_s)
            self._budget.note(status, headers)


class _Time:
    """Seconds that never go back, whatever happens to the wall clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._last_ms = clock.now_ms()
        self._lost_ms = 0

    def now_s(self) -> float:
        now_ms = self.clock.now_ms()
        if now_ms < self._last_ms:
            self._lost_ms += self._last_ms - now_ms
        self._last_ms = now_ms
        return (now_ms + self._lost_ms) / 1000


class _Window:
    """What was sent in the last window, and how much more may be."""

    def __init__(self, window_s: float, fixed: int | None, untold: Callable[[], int]) -> None:
        if fixed is not None and fixed < 1:
            raise ValueError("a budget needs at least 1 request")
        self.told: int | None = None
        self.people = 0
        self._place_s = window_s + _SLACK_S
        self._fixed = fixed
        self._untold = untold
        self._sent: deque[float] = deque()
        self._sent_for: dict[Use, deque[float]] = {use: deque() for use in Use}
        self._others = (0, 0.0)
        self._doubted = (0, 0.0)
        self._closed_until_s = 0.0

    def limit(self, now_s: float) -> int:
        return self._least(self._base(), now_s)

    def share(self, use: Use, now_s: float) -> int:
        return share_of(use, self.limit(now_s))

    def _base(self) -> int:
        if self.told is not None:
            return self.told
        return self._fixed if self._fixed is not None else max(self._untold(), 1)

    def _least(self, number: int, now_s: float) -> int:
        doubted, until_s = self._doubted
        if until_s > now_s:
            number = min(number, doubted)
        return number if self._fixed is None else min(number, self._fixed)

    def learn(self, total: int | None, remaining: int | None, now_s: float) -> None:
        """What an answer told: the size, and by the remaining number what others took of it."""
        if total is None:
            return
        self.told = total
        if remaining is not None:
            others = total - remaining - self._used(now_s)
            self._others = (max(others, 0), now_s + self._place_s)

    def shrink(self, whole: int | None) -> None:
        """A number that was taken for a part's own and is all there is was that of a smaller plan."""
        if whole is not None and self.told is not None and self.told >= whole:
            self.told = None

    def refuse(self, pause_s: float | None, now_s: float) -> None:
        """An answer said: too many."""
        pause_s = _UNTOLD_S if pause_s is None else pause_s
        self._closed_until_s = max(self._closed_until_s, now_s + pause_s)
        self.doubt(now_s)

    def doubt(self, now_s: float) -> None:
        """Too many, although nobody told the number: what went well until now is the number for a while."""
        used = self._used(now_s)
        if self.told is None and used <= self.limit(now_s):
            self._doubted = (max(used - 1, 1), now_s + _DISTRUST_S)

    def closed_s(self, now_s: float) -> float:
        return max(self._closed_until_s - now_s, 0.0)

    def delay_s(self, now_s: float, use: Use) -> float:
        """How long until one more for this use may go, if nothing else happens."""
        return max(self._whole_delay_s(now_s, use), self._share_delay_s(now_s, use))

    def room(self, now_s: float, use: Use) -> int:
        """How many more for this use may go now."""
        if self.delay_s(now_s, use) > 0:
            return 0
        own = self.share(use, now_s) - len(self._sent_for[use])
        return max(min(own, self._whole_room(now_s, use) - self._used(now_s)), 0)

    def _share_delay_s(self, now_s: float, use: Use) -> float:
        sent, share = self._sent_for[use], self.share(use, now_s)
        self._forget(sent, now_s)
        if len(sent) < share:
            return 0.0
        return max(sent[len(sent) - share] + self._place_s - now_s, 0.05)

    def _whole_delay_s(self, now_s: float, use: Use) -> float:
        used, room = self._used(now_s), self._whole_room(now_s, use)
        if used < room:
            return self.closed_s(now_s)
        leaving = used - room
        free_s = self._sent[leaving] + self._place_s if leaving < used else self._others[1]
        return max(free_s - now_s, self.closed_s(now_s), 0.05)

    def _whole_room(self, now_s: float, use: Use) -> int:
        """How many this use and all others may have in a window, after what other programs take."""
        taken, taken_until_s = self._others
        if taken_until_s <= now_s:
            taken = 0
        room = self._least(self._base() - taken, now_s)
        return room if use is Use.PERSON else room - kept_for_people(self.limit(now_s)) - self.people

    def count(self, now_s: float, use: Use) -> None:
        self._sent.append(now_s)
        self._sent_for[use].append(now_s)

    def _used(self, now_s: float) -> int:
        self._forget(self._sent, now_s)
        return len(self._sent)

    def _forget(self, sent: deque[float], now_s: float) -> None:
        while sent and sent[0] + self._place_s <= now_s:
            sent.popleft()


class _Line:
    """Where requests stand until each of `windows` has a place: those of each use in a line of their own."""

    def __init__(self, who: str, time: _Time, windows: Sequence[_Window]) -> None:
        self._who = who
        self._time = time
        self._windows = windows
        self._lines = {use: asyncio.Lock() for use in Use}

    async def wait(self, use: Use) -> None:
        with self._standing(use):
            async with self._lines[use]:
                while (delay_s := self._delay_s(use)) > 0:
                    await self._time.clock.sleep(min(delay_s, _LOOK_AGAIN_S))
                for window in self._windows:
                    window.count(self._time.now_s(), use)

    def _delay_s(self, use: Use) -> float:
        now_s, is_person = self._time.now_s(), use is Use.PERSON
        delay_s = max(window.delay_s(now_s, use) for window in self._windows)
        closed_s = max(window.closed_s(now_s) for window in self._windows)
        if (delay_s > _PERSON_S) if is_person else (closed_s > _BACKGROUND_S):
            wait_s = delay_s if is_person else closed_s
            raise VendorBusy(
                f"{self._who} takes no more requests for the next {_spoken(wait_s)}.",
                remedy="Nothing to do: Linedesk goes on when the time is over.",
            )
        return delay_s

    @contextmanager
    def _standing(self, use: Use) -> Iterator[None]:
        is_person = use is Use.PERSON
        for window in self._windows:
            window.people += is_person
        try:
            yield
        finally:
            for window in self._windows:
                window.people -= is_person


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
