"""A sliding window of failed attempts for each key, in memory and on a clock that is passed in."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from linedesk.clock import Clock
from linedesk.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` failures within `window_s` seconds."""

    attempts: int
    window_s: int


class Window:
    """Counts per key under one limit. Keys are bounded: under a flood the longest unused goes first."""

    def __init__(self, limit: Limit, clock: Clock, max_keys: int = 20_000) -> None:
        self._limit = limit
        self._clock = clock
        self._max_keys = max_keys
        self._times: OrderedDict[str, deque[int]] = OrderedDict()

    def wait_s(self, key: str) -> int:
        """Seconds until the next attempt is allowed; 0 means now."""
        times = self._fresh(key)
        if len(times) < self._limit.attempts:
            return 0
        left_ms = times[0] + self._limit.window_s * 1000 - self._clock.now_ms()
        return max(1, -(-left_ms // 1000))

    def add(self, key: str) -> None:
        """Count an attempt now."""
        self._times[key] = self._fresh(key)
        self._times[key].append(self._clock.now_ms())
        self._times.move_to_end(key)
        while len(self._times) > self._max_keys:
            self._times.popitem(last=False)

    def take_back(self, key: str) -> None:
        """Uncount the newest attempt: it turned out to be no failure."""
        if times := self._times.get(key):
            times.pop()

    def clear(self, key: str) -> None:
        """Forget the key."""
        self._times.pop(key, None)

    def _fresh(self, key: str) -> deque[int]:
        times = self._times.get(key, deque())
        oldest_ms = self._clock.now_ms() - self._limit.window_s * 1000
        while times and times[0] <= oldest_ms:
            times.popleft()
        if not times:
            self._times.pop(key, None)
        return times


class SignInThrottle:
    """Three windows: a login from one address, an address, a login from everywhere.

    The last is wide: it slows a spread attack, and one stranger can't lock an agent out with it.
    An attempt counts when it starts, so that many at once don't slip through; success takes it back.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        pair: Limit = Limit(5, 300),
        address: Limit = Limit(30, 900),
        login: Limit = Limit(100, 3600),
    ) -> None:
        self._pair = Window(pair, clock)
        self._address = Window(address, clock)
        self._login = Window(login, clock)

    def start(self, login: str, address: str) -> None:
        """Count the attempt; raises `TooMany` with the time to wait and counts nothing then."""
        keys = self._keys(login, address)
        wait_s = max(window.wait_s(key) for window, key in keys)
        if wait_s:
            raise TooMany(
                "Too many failed sign-ins.",
                remedy=f"Wait {_in_words(wait_s)}, or ask an owner of Linedesk for a new password.",
            )
        for window, key in keys:
            window.add(key)

    def take_back(self, login: str, address: str) -> None:
        """The attempt that was started came to no result: it says nothing about who tried."""
        for window, key in self._keys(login, address):
            window.take_back(key)

    def succeeded(self, login: str, address: str) -> None:
        """The attempt that was started was no failure; this address may forget its typing errors."""
        self.take_back(login, address)
        self._pair.clear(_pair_key(login, address))

    def _keys(self, login: str, address: str) -> tuple[tuple[Window, str], ...]:
        return (
            (self._pair, _pair_key(login, address)),
            (self._address, _network(address)),
            (self._login, login),
        )


def _pair_key(login: str, address: str) -> str:
    return f"{_network(address)} {login}"


def _network(address: str) -> str:
    """The address; of IPv6 the /64, since one subscriber holds all of it."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> 64:x}/64"
    return str(parsed)


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
