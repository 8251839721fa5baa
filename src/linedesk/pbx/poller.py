"""One account's polls: one request at a time, at its pace, and what is new into the inbox.

`pace` says when and whom, `pbx.wildix.polls` what changed. It knows no popups and no webhooks' bodies.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from linedesk.accounts.model import PbxAccount
from linedesk.calls.model import Telephony
from linedesk.calls.tracker_state import LivePart
from linedesk.clock import Clock
from linedesk.errors import (
    ConfigError,
    LinedeskError,
    VendorAuth,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
)
from linedesk.pbx.base import LiveCall, Pbx
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.pace import (
    CLOUD_MOST,
    FAST_S,
    HOLD_MS,
    WATCH_S,
    Due,
    Way,
    in_turn,
    next_phone,
    rate_of,
    way_of,
    within,
    worst_delay_s,
)
from linedesk.pbx.wildix.polls import SOURCE, Drive, Look, absent, compare

log = structlog.get_logger(__name__)

_DEFECT = "Linedesk can't look up the calls because of a fault of its own: its log has the details."
_REST_S = 1.0
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 15.0  # a PBX that restarted must not wait for its first poll much longer than that
_REFUSED_PAUSE_S = 60.0
_PHONE_PAUSE_MS = 300_000
_CLOUD_REFUSED_MS = 900_000
_CLOUD_FAILED_MS = 60_000
_REFUSED = (VendorAuth, VendorForbidden, VendorRouteMissing, ConfigError)
_ONE_PHONE = (VendorForbidden, VendorNotFound, VendorRefused)
_BUSY = frozenset({Telephony.RINGING, Telephony.TALKING})


@dataclass(frozen=True, slots=True)
class Sources:
    """What a poller asks the rest of the service.

    `wanted` and `known` are extensions of an account: of agents who are signed in, and of all agents.
    `accept` stores a body durably (account, source, body). `parts` are the tracker's.
    """

    pbx_of: Callable[[str], Pbx]
    wanted: Callable[[str], frozenset[str]]
    known: Callable[[str], frozenset[str]]
    parts: Callable[[str], Sequence[LivePart]]
    accept: Callable[[str, str, bytes], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The PBX does not show one phone's calls: when it said so, and why."""

    at_ms: int
    sentence: str


class Poller:
    """`run` as an owned task; `account` may be replaced while it runs."""

    def __init__(self, account: PbxAccount, sources: Sources, health: PbxHealth, clock: Clock) -> None:
        self.account = account
        self._sources = sources
        self._health = health
        self._clock = clock
        self._credential = account.credential
        self._looks: dict[str, Look] = {}
        self._looked_ms: dict[str, int | None] = {}
        self._refused: dict[str, _Refusal] = {}
        self._telephony: dict[str, Telephony] = {}
        self._news: set[str] = set()  # phones whose presence changed since they were looked at
        self._asked_cloud_ms: int | None = None
        self._no_cloud: tuple[int, int] | None = None  # since when, and for how long it is not asked
        self._sees_calls = False
        self._silent_since_ms: int | None = None  # the last webhook, when a call came without one
        self._turn = 0
        self._spent_s = 0.0
        self._failures = 0

    async def run(self) -> None:
        """Poll for ever. A failure is said once, and once when it is over."""
        self.remember()
        while True:
            await self._clock.sleep(await self._guarded())

    def remember(self) -> None:
        """Take up the calls that an earlier process saw, so that what ended meanwhile is closed."""
        for part in self._sources.parts(self.account.name):
            if part.handle is not None:
                held = self._looks.get(part.extension, Look()).seen
                self._looks[part.extension] = Look.remembered([*held, part.handle])

    async def _guarded(self) -> float:
        """One step; answers how long to rest."""
        try:
            rest_s = await self.step()
        except LinedeskError as error:
            if not self._failures:
                log.warning("polling_failed", account=self.account.name, reason=error.message)
            self._health.failed(self.account.name, error.message)
            return self._pause_s(longest=isinstance(error, _REFUSED))
        except Exception:
            if not self._failures:
                log.exception("polling_failed", account=self.account.name)
            self._health.failed(self.account.name, _DEFECT)
            return self._pause_s(longest=True)
        return rest_s

    def _pause_s(self, *, longest: bool) -> float:
        self._failures += 1
        return _REFUSED_PAUSE_S if longest else min(_FIRST_PAUSE_S**self._failures, _LONGEST_PAUSE_S)

    async def step(self) -> float:
        """Make at most one request; answers the seconds to rest before the next."""
        account, now_ms = self.account, self._clock.now_ms()
        if account.credential != self._credential:
            # What one credential could not see another may.
            self._credential, self._no_cloud = account.credential, None
            self._refused.clear()
        way = self._way(now_ms)
        phones = self._phones(way)
        self._tell_health(way, phones, now_ms)
        if way is Way.OFF or not phones:
            return _REST_S
        asked = self._clock.now_ms()
        if self._asks_cloud(way, now_ms):
            await self._ask_cloud(phones)
        else:
            due = self._due(way, phones, now_ms)
            phone = next_phone(due, self._looked_ms, now_ms, turn=self._turn)
            if phone is None:
                return min(FAST_S, 1 / rate_of(account))
            self._turn += 1
            await self._look_at(phone, way)
        spent_s = (self._clock.now_ms() - asked) / 1000
        self._spent_s += (spent_s - self._spent_s) / 8
        return max(0.0, 1 / rate_of(account) - spent_s)

    # whom

    def _way(self, now_ms: int) -> Way:
        webhook_ms = self._health.of(self.account.name).webhook_ms
        way = way_of(self.account, webhook_ms, now_ms)
        # A call came and no webhook told of it: the doubt is over until one comes again.
        return Way.DRIVE if way is Way.DOUBT and webhook_ms == self._silent_since_ms else way

    def _phones(self, way: Way) -> frozenset[str]:
        """Signed-in agents, whoever has a call we know of, and with the cloud everybody."""
        name = self.account.name
        parts = frozenset(part.extension for part in self._sources.parts(name))
        if way is Way.OFF:
            return frozenset()
        if way is Way.WATCH:
            return parts | self._with_calls(drove=True)
        agents = self._sources.known(name) if self._has_cloud() else self._sources.wanted(name)
        return agents | parts | self._with_calls()

    def _with_calls(self, *, drove: bool | None = None) -> frozenset[str]:
        """Phones that had a call at the last look; with `drove` only such as polls drive, or do not."""
        return frozenset(
            phone
            for phone, look in self._looks.items()
            if any(drove is None or each.drove is drove for each in look.seen.values())
        )

    def _due(self, way: Way, phones: Iterable[str], now_ms: int) -> dict[str, Due]:
        if way is Way.WATCH:
            due = dict.fromkeys(phones, Due(WATCH_S))
            due |= dict.fromkeys(self._with_calls(drove=True), Due(FAST_S, first=True))
        elif self._has_cloud():
            due = dict.fromkeys(self._beside_cloud(), Due(FAST_S))
            due |= dict.fromkeys(self._news, Due(0.0, first=True))
            if way is Way.DOUBT:
                due |= dict.fromkeys(self._with_calls(drove=False), Due(FAST_S, first=True))
        else:
            due = in_turn(phones, self._busy())
        refused = {phone for phone, no in self._refused.items() if within(no.at_ms, now_ms, _PHONE_PAUSE_MS)}
        return {phone: wish for phone, wish in due.items() if phone not in refused}

    def _busy(self) -> frozenset[str]:
        return self._with_calls() | {part.extension for part in self._sources.parts(self.account.name)}

    def _beside_cloud(self) -> frozenset[str]:
        """Phones that are looked at in turn although presence tells who rings: a busy one may ring once more,
        and of some the cloud knows nothing."""
        busy = {phone for phone, state in self._telephony.items() if state in _BUSY}
        unknown = self._sources.wanted(self.account.name) - self._telephony.keys()
        return self._busy() | busy | unknown

    def _tell_health(self, way: Way, phones: frozenset[str], now_ms: int) -> None:
        name, unseen = self.account.name, tuple(sorted(phones & self._refused.keys()))
        if way not in (Way.DRIVE, Way.DOUBT):
            self._health.polls(name, way, unseen=unseen)
            return
        rate = rate_of(self.account)
        if self._spent_s > 0:
            rate = min(rate, 1 / self._spent_s)
        cloud = self._has_cloud()
        busy = len(self._beside_cloud()) if cloud else len(self._with_calls() & phones)
        late_s = worst_delay_s(len(phones), rate, busy=busy, cloud=cloud)
        if late_s and way is Way.DOUBT:
            late_s += HOLD_MS / 1000
        self._health.polls(name, way, worst_delay_s=late_s, cloud=cloud, unseen=unseen)
        if unseen and len(unseen) == len(phones):
            self._health.failed(name, self._refused[unseen[0]].sentence)

    # the cloud

    def _has_cloud(self) -> bool:
        return self._no_cloud is None

    def _asks_cloud(self, way: Way, now_ms: int) -> bool:
        if way is Way.WATCH:
            return False
        if self._no_cloud is not None and not within(self._no_cloud[0], now_ms, self._no_cloud[1]):
            self._no_cloud = None
        if not self._has_cloud():
            return False
        queries = -(-len(self._sources.known(self.account.name)) // CLOUD_MOST)
        every_ms = max(FAST_S, (queries + 1) / rate_of(self.account)) * 1000
        return not within(self._asked_cloud_ms, now_ms, every_ms)

    async def _ask_cloud(self, phones: Iterable[str]) -> None:
        name = self.account.name
        self._asked_cloud_ms = self._clock.now_ms()
        try:
            found = await self._sources.pbx_of(name).presences(sorted(phones))
        except VendorError as error:
            self._without_cloud(
                _CLOUD_REFUSED_MS if isinstance(error, _REFUSED) else _CLOUD_FAILED_MS, error.message
            )
            return
        if not found:
            # It answers, but for another company's users than ours: it would never tell of a ring.
            self._without_cloud(_CLOUD_REFUSED_MS, "The cloud knows none of the agents' extensions.")
            return
        for phone, state in found.items():
            before = self._telephony.get(phone)
            if state is not before and (state in _BUSY or before in _BUSY or state is Telephony.OTHER):
                self._news.add(phone)
        self._telephony = dict(found)
        self._answered()

    def _without_cloud(self, pause_ms: int, reason: str) -> None:
        self._no_cloud = self._clock.now_ms(), pause_ms
        self._telephony.clear()
        self._news.clear()
        log.info("presence_not_reached", account=self.account.name, reason=reason)

    # the calls of one phone

    async def _look_at(self, phone: str, way: Way) -> None:
        name, asked_ms = self.account.name, self._clock.now_ms()
        self._looked_ms[phone] = asked_ms
        try:
            calls = await self._sources.pbx_of(name).live_calls(phone)
        except _ONE_PHONE as error:
            # This user only: the others go on.
            if phone not in self._refused:
                log.warning("poll_refused", account=name, extension=phone, reason=error.message)
            self._refused[phone] = _Refusal(asked_ms, error.message)
            self._news.discard(phone)
            return
        self._refused.pop(phone, None)
        self._answered()
        await self._tell(phone, calls, way, asked_ms)
        self._news.discard(phone)

    async def _tell(self, phone: str, calls: Sequence[LiveCall], way: Way, asked_ms: int) -> None:
        now_ms, before = self._clock.now_ms(), self._looks.get(phone, Look())
        drive = Drive(way in (Way.DRIVE, Way.DOUBT), HOLD_MS if way is Way.DOUBT else 0)
        look, bodies = compare(phone, before, calls, now_ms, drive)
        self._sees_calls = self._sees_calls or bool(look.seen)
        if way is Way.DOUBT and any(each.drove for each in look.seen.values()):
            self._silent_since_ms = self._health.of(self.account.name).webhook_ms
        again = not look.seen and not before.seen and before.at_ms is not None
        if again and self._sees_calls:
            bodies += tuple(self._lost_ends(phone, now_ms))
        for body in bodies:
            await self._sources.accept(self.account.name, SOURCE, body)
            self._health.told(self.account.name, now_ms)
        # A call may have begun while the answer was on its way.
        self._looks[phone] = replace(look, at_ms=asked_ms)

    def _lost_ends(self, phone: str, now_ms: int) -> Iterable[bytes]:
        """Webhooks told of a call and are silent since, and two looks found none: its end was lost."""
        for part in self._sources.parts(self.account.name):
            if part.extension == phone and part.handle is None and now_ms - part.heard_ms >= WATCH_S * 1000:
                yield absent(phone, part.call_id, now_ms)

    def _answered(self) -> None:
        if self._failures:
            log.info("polling_works_again", account=self.account.name)
        self._failures = 0
        self._health.looked(self.account.name, self._clock.now_ms())
