"""What the server needs of the rest of the house, as ports, and the one bundle that carries it.

`main` fills `Services`; the handlers take it from the application by its key. Nothing here does work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from linedesk.agents.model import Agent, OpenPage
from linedesk.agents.wildix_sign_in import WildixSignIn
from linedesk.apps.base import HookRequest
from linedesk.bus.base import Bus
from linedesk.clock import Clock
from linedesk.messages import Catalogue
from linedesk.numbers.model import NumberPlan
from linedesk.server.metrics import Metrics
from linedesk.settings import Settings


class HookAccount(Protocol):
    """A PBX account as its hook needs it. No secret: the account is not listening."""

    @property
    def webhook_secrets(self) -> tuple[str, ...]: ...


class Accounts(Protocol):
    def pbx(self, name: str) -> HookAccount | None: ...

    def origins(self) -> frozenset[str]:
        """The origins whose pages may hold the widget, exactly as a browser writes them."""
        ...


class Intake(Protocol):
    async def accept(self, account: str, source: str, body: bytes) -> bool:
        """Store durably; False for a body that was stored before."""
        ...


class AppHooks(Protocol):
    """`apps.hearing.Hearing`."""

    def hear(self, account: str, request: HookRequest) -> int:
        """Take in a webhook of an app; raises a `HookError`."""
        ...


class Desk(Protocol):
    def calls_for(self, agent: Agent) -> list[dict[str, Any]]:
        """The agent's live calls as `Call` frames. Must not wait: `welcome` is made in one step."""
        ...


class People(Protocol):
    async def search(self, agent: Agent, text: str, limit: int) -> dict[str, Any]: ...

    async def lookup(self, agent: Agent, text: str) -> dict[str, Any]: ...

    async def explain(self, agent: Agent, text: str, *, pick: str | None = None) -> dict[str, Any]: ...


class History(Protocol):
    async def list(self, agent: Agent, limit: int, before_ms: int | None, missed: bool) -> dict[str, Any]: ...


class Choosing(Protocol):
    """`calls.choosing.Choosing`: whom an agent chose for a number."""

    def picked(self, agent: Agent, text: str, items: Sequence[Mapping[str, Any]]) -> str | None: ...

    async def choose(self, agent: Agent, text: str, contact_id: str) -> dict[str, Any]:
        """Raises `PickRefused`."""
        ...

    async def forget(self, agent: Agent, text: str) -> None: ...


class DialAnswer(Protocol):
    """What became of a dial: an HTTP status and its body, the same for the same key."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> Mapping[str, Any]: ...


class Dialling(Protocol):
    async def dial(
        self, agent: Agent, text: str, key: str, origin: str, confirm: bool = False
    ) -> DialAnswer: ...


class SignIn(Protocol):
    async def check(self, user: str, password: str, address: str) -> Agent:
        """Raises `NotSignedIn` or `TooMany`."""
        ...


class Verified(Protocol):
    """A token that is good now. `expires_ms` is epoch ms."""

    @property
    def agent_id(self) -> str: ...

    @property
    def expires_ms(self) -> int: ...

    @property
    def token_hash(self) -> str: ...

    @property
    def session_hash(self) -> str | None: ...


class TakenCode(Protocol):
    """Whose a one-time code was, and the hash of the session or token that asked for it."""

    @property
    def agent_id(self) -> str: ...

    @property
    def source_hash(self) -> str | None: ...


Revoked = Callable[[str, str | None], None]
"""`(agent_id, token_hash)`: this token ended, or with None all tokens of the agent."""


class Tokens(Protocol):
    """`agents.tokens.Tokens`: every check raises `NotSignedIn`."""

    async def mint(
        self, agent_id: str, purpose: str, life_s: float | None, session_hash: str | None = None
    ) -> tuple[str, int]: ...

    async def verify(self, token: str, purpose: str | None = None) -> Verified: ...

    async def revoke(self, token: str) -> None: ...

    async def mint_code(self, agent_id: str, source_hash: str | None = None) -> tuple[str, int]: ...

    async def take_code(self, code: str) -> TakenCode: ...

    def on_revoked(self, listener: Revoked) -> None: ...


class Session(Protocol):
    """A browser session that is good now; `hash` is what its tokens are minted with."""

    @property
    def agent_id(self) -> str: ...

    @property
    def hash(self) -> str: ...


class Sessions(Protocol):
    """`agents.sessions.Sessions`."""

    async def start(
        self, agent_id: str, purpose: str, *, replaces: str | None = None, source_hash: str | None = None
    ) -> tuple[str, int]: ...

    async def check(self, value: str, purpose: str) -> Session: ...

    async def end(self, value: str) -> None: ...


class Roster(Protocol):
    def by_id(self, agent_id: str) -> Agent | None: ...


def _nobody(_account: str, _event_type: str) -> None:
    """For a service that keeps no health of its accounts."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may use. `ready` names each check and whether it is well; `heard` is told the
    account and the event type of each webhook that was accepted; `wildix` None: no sign-in with Wildix;
    `app_hooks` None: no app sends webhooks."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    bus: Bus
    metrics: Metrics
    accounts: Accounts
    intake: Intake
    desk: Desk
    people: People
    history: History
    choosing: Choosing
    dialling: Dialling
    sign_in: SignIn
    tokens: Tokens
    sessions: Sessions
    roster: Roster
    plan_of: Callable[[str | None], NumberPlan]
    colleagues: Callable[[Agent], Awaitable[list[dict[str, Any]]]]
    set_open_page: Callable[[Agent, OpenPage], Awaitable[Agent]]
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    base_url: Callable[[], str]
    heard: Callable[[str, str], None] = _nobody
    wildix: WildixSignIn | None = None
    app_hooks: AppHooks | None = None


SERVICES: web.AppKey[Services] = web.AppKey("services", Services)


def services_of(request: web.Request) -> Services:
    """The bundle of the application that serves `request`."""
    return request.app[SERVICES]
