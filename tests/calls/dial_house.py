"""A dialling service on a real database with a PBX that only writes down what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from linedesk.agents.grants import OwnDial
from linedesk.agents.model import Agent, Role
from linedesk.calls.dial_policy import DialPolicy
from linedesk.calls.dialling import DialAnswer, Dialling
from linedesk.calls.model import Telephony
from linedesk.clock import ManualClock
from linedesk.numbers import NumberPlan
from linedesk.pbx.base import Colleague, DialAccepted, DialRequest, LiveCall, Me
from linedesk.store import dials
from linedesk.store.database import Database
from linedesk.store.dials import DialRow

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

    async def me(self) -> Me:
        return Me("Root")

    async def live_calls(self, extension: str, *, interactive: bool = False) -> tuple[LiveCall, ...]:
        return ()

    async def presences(self, extensions: Sequence[str]) -> Mapping[str, Telephony]:
        return {}


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
    own: OwnDial | Exception = field(default_factory=OwnDial)
    own_asked: list[tuple[str, str, DialRequest]] = field(default_factory=list)
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
            own=self._own,
        )
        self.made.append(service)
        return service

    async def rows(self) -> list[DialRow]:
        return list(reversed(await self.database.read(lambda c: dials.latest(c, 100))))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def _own(self, agent_id: str, account: str, request: DialRequest) -> OwnDial:
        self.own_asked.append((agent_id, account, request))
        if isinstance(self.own, Exception):
            raise self.own
        return self.own

    def _pbx_of(self, _account: str) -> FakePbx:
        if self.pbx_error is not None:
            raise self.pbx_error
        return self.pbx

    def _policy(self) -> DialPolicy:
        if self.policy_error is not None:
            raise self.policy_error
        return self.policy


def code(answer: DialAnswer) -> str:
    return str(answer.body["error"]["code"])
