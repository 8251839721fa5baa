"""A PBX that answers polls from memory, and a poller that is driven step by step on a manual clock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from linedesk.accounts.model import EventsWay, PbxAccount, TokenCredential, TokenKind
from linedesk.calls.model import LegStatus, Telephony
from linedesk.calls.tracker_state import LivePart
from linedesk.clock import ManualClock
from linedesk.errors import VendorForbidden
from linedesk.numbers import NumberPlan
from linedesk.pbx.base import Colleague, DialAccepted, DialRequest, LiveCall, Me
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.poller import Poller
from linedesk.pbx.polling import Sources

ADA = "+442079460018"
NOW_MS = 1_764_000_000_000
ACCOUNT = PbxAccount(
    name="office",
    url="https://pbx.example.test",
    plan=NumberPlan("GB"),
    credential=TokenCredential(TokenKind.COMPANY, "wsk-v1-x"),
    events=EventsWay.AUTO,
)


def ring(extension: str = "201", handle: str = "sip-1", caller: str = ADA) -> LiveCall:
    return LiveCall(handle, caller, "Ada", extension, "", LegStatus.RINGING)


def talk(extension: str = "201", handle: str = "sip-1", caller: str = ADA, for_s: int = 0) -> LiveCall:
    return replace(ring(extension, handle, caller), status=LegStatus.TALKING, duration_s=for_s)


class FakePbx:
    """`calls` by extension; `cloud` None: the credential does not reach it. It knows `cloud_knows` (None:
    everybody). Each request takes `takes_s`."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.calls: dict[str, list[LiveCall]] = {}
        self.cloud: dict[str, Telephony] | None = None
        self.cloud_knows: frozenset[str] | None = None
        self.failure: Exception | None = None
        self.failures: dict[str, Exception] = {}
        self.takes_s = 0.0
        self.asked: list[tuple[int, str]] = []

    async def live_calls(self, extension: str, *, interactive: bool = False) -> tuple[LiveCall, ...]:
        assert not interactive, "nobody waits for a poll"
        self._take(extension)
        if extension in self.failures:
            raise self.failures[extension]
        return tuple(self.calls.get(extension, ()))

    async def presences(self, extensions: Sequence[str]) -> Mapping[str, Telephony]:
        self._take("cloud")
        if self.cloud is None:
            raise VendorForbidden("office: this token does not reach the cloud.")
        known = [each for each in extensions if self.cloud_knows is None or each in self.cloud_knows]
        return {each: self.cloud.get(each, Telephony.REGISTERED) for each in known}

    def _take(self, what: str) -> None:
        self.asked.append((self.clock.now_ms(), what))
        self.clock.advance(self.takes_s)
        if self.failure is not None:
            raise self.failure

    def looks(self) -> list[str]:
        return [what for _, what in self.asked if what != "cloud"]

    async def dial(self, request: DialRequest) -> DialAccepted:
        raise NotImplementedError

    async def colleagues(self) -> tuple[Colleague, ...]:
        raise NotImplementedError

    async def me(self) -> Me:
        raise NotImplementedError


class Desk:
    """A poller with all it asks; `bodies` are what it stored."""

    def __init__(self, account: PbxAccount = ACCOUNT, *, here: Sequence[str] = ("201",)) -> None:
        self.clock = ManualClock(NOW_MS)
        self.pbx, self.health = FakePbx(self.clock), PbxHealth()
        self.here, self.agents = set(here), set(here)
        self.parts: list[LivePart] = []
        self.bodies: list[dict[str, Any]] = []
        self.store_failure: Exception | None = None
        self.sources = Sources(
            pbx_of=lambda _: self.pbx,
            wanted=lambda _: frozenset(self.here),
            known=lambda _: frozenset(self.agents),
            parts=lambda _: tuple(self.parts),
            accept=self._accept,
        )
        self.poller = Poller(account, self.sources, self.health, self.clock)

    async def _accept(self, account: str, source: str, body: bytes) -> bool:
        assert (account, source) == ("office", "polling")
        if self.store_failure is not None:
            raise self.store_failure
        self.bodies.append(json.loads(body))
        return True

    async def go(self, seconds: float) -> None:
        """Take the poller's steps for so long."""
        until_ms = self.clock.now_ms() + round(seconds * 1000)
        while self.clock.now_ms() < until_ms:
            self.clock.advance(max(await self.poller.step(), 0.001))

    @property
    def news(self) -> list[str]:
        return [f"{body['data']['extension']}:{body['data']['news']}" for body in self.bodies]
