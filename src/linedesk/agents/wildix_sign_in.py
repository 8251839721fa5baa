"""Signing in with Wildix: from a browser that wants in, over the PBX's consent, to one agent of ours.

It makes no session and no cookie; `server.wildix_sign_in` does.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import structlog

from linedesk.accounts.model import PbxAccount
from linedesk.agents.grants import Grants, OpenClient
from linedesk.agents.model import Agent, Role
from linedesk.agents.throttle import Limit, Window
from linedesk.clock import Clock
from linedesk.errors import (
    Forbidden,
    LinedeskError,
    NotFound,
    NotSignedIn,
    TooMany,
    VendorError,
    VendorTimeout,
)
from linedesk.pbx.base import Me
from linedesk.pbx.wildix.oauth import Grant, GrantEnded, authorize_url

log = structlog.get_logger(__name__)

LIFE_S = 600
"""How long a person may take to consent."""

_BEGIN_AGAIN = "Begin again from the sign-in page, in the same browser."
_PENDING_MAX = 10_000
_PER_ADDRESS = Limit(60, 60)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE = re.compile(r"[\x21-\x7e]{1,2048}")
# On many PBXs people write their own e-mail address; it must not make anyone an owner.
_BY_EMAIL = frozenset({Role.AGENT, Role.VIEWER})


@dataclass(frozen=True, slots=True)
class Back:
    """Where the browser goes once signed in: `next_path` of our own; `slot`: the widget's window waits."""

    next_path: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """`url` is the PBX's consent page; `browser` is the value of the cookie that binds the attempt."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was begun and waits for the PBX's answer."""

    account: str
    redirect_uri: str
    back: Back
    browser_hash: str = field(repr=False)
    begun_ms: int = 0


class WildixSignIn:
    """One per service, since it keeps the attempts in memory.

    `accounts` and `agents` answer those there are now. `grant_for` and `open_client` are of `Lines`.
    """

    def __init__(
        self,
        clock: Clock,
        grants: Grants,
        *,
        accounts: Callable[[], Iterable[PbxAccount]],
        agents: Callable[[], Iterable[Agent]],
        grant_for: Callable[[PbxAccount, str, str], Awaitable[Grant]],
        open_client: OpenClient,
    ) -> None:
        self._clock = clock
        self._grants = grants
        self._accounts = accounts
        self._agents = agents
        self._grant_for = grant_for
        self._open_client = open_client
        self._pending: dict[str, Attempt] = {}
        self._begun = Window(_PER_ADDRESS, clock)

    def accounts(self) -> tuple[str, ...]:
        """The PBX accounts through which agents can sign in, by name."""
        return tuple(account.name for account in self._accounts() if account.sign_in is not None)

    def begin(self, name: str, redirect_uri: str, back: Back, browser: str | None, address: str) -> Begun:
        """A one-time attempt of the browser that holds the cookie value `browser`, if it has one already.

        Raises `NotFound` for an account without sign-in, `TooMany` for an `address` that begins too many.
        """
        account = self._account(name)
        if (wait_s := self._begun.wait_s(address)) > 0:
            raise TooMany("Too many sign-ins were begun from here.", remedy=f"Wait {wait_s} s and try again.")
        self._begun.add(address)
        if browser is None or not _SECRET.fullmatch(browser):
            browser = secrets.token_urlsafe(32)
        state = secrets.token_urlsafe(32)
        self._forget_old()
        attempt = Attempt(name, redirect_uri, back, _hash(browser), self._clock.now_ms())
        self._pending[_hash(state)] = attempt
        client_id = account.sign_in.client_id if account.sign_in is not None else ""
        return Begun(authorize_url(account.url, client_id, redirect_uri, state), browser)

    def take(self, state: str, browser: str | None) -> Attempt:
        """The attempt of this state, once and for its own browser only. Raises `NotSignedIn`."""
        key = _hash(state)
        attempt = self._pending.get(key)
        if attempt is None or self._clock.now_ms() - attempt.begun_ms > LIFE_S * 1000:
            self._pending.pop(key, None)
            raise NotSignedIn(
                "This sign-in was used already, or was begun too long ago.", remedy=_BEGIN_AGAIN
            )
        if browser is None or not hmac.compare_digest(_hash(browser), attempt.browser_hash):
            raise NotSignedIn("This sign-in was begun in another browser.", remedy=_BEGIN_AGAIN)
        del self._pending[key]
        return attempt

    async def finish(self, attempt: Attempt, code: str) -> Agent:
        """The agent who consented; the grant is kept for dialling.

        Raises `NotSignedIn` for a code that is no good, `Forbidden` for a PBX user who is no agent, and
        the `VendorError` of a PBX that can't be asked.
        """
        account = self._account(attempt.account)
        try:
            grant, me = await self._ask(account, code, attempt.redirect_uri)
            agent = agent_for(self._agents(), account.name, me)
        except LinedeskError as error:
            log.info("wildix_sign_in_refused", account=account.name, error_code=error.code)
            raise
        await self._grants.keep(agent.id, account, grant)
        log.info("signed_in_with_wildix", account=account.name, agent=agent.id)
        return agent

    async def _ask(self, account: PbxAccount, code: str, redirect_uri: str) -> tuple[Grant, Me]:
        if not _CODE.fullmatch(code):
            raise NotSignedIn(f"The PBX {account.name} sent no code that can be used.", remedy=_BEGIN_AGAIN)
        try:
            grant = await self._grant_for(account, code, redirect_uri)
        except GrantEnded as error:
            raise NotSignedIn(error.message, remedy=_BEGIN_AGAIN) from None
        except VendorError as error:
            raise _unplugged(error) from None
        newest = [grant]

        async def on_grant(fresh: Grant) -> None:
            newest.append(fresh)

        client = self._open_client(account, grant, on_grant)
        try:
            me = await client.me()
            return newest[-1], me
        except VendorError as error:
            raise _unplugged(error) from None
        finally:
            await client.close()

    def _account(self, name: str) -> PbxAccount:
        for account in self._accounts():
            if account.name == name and account.sign_in is not None:
                return account
        raise NotFound(
            "Nobody can sign in with Wildix here.",
            remedy="Sign in with your Linedesk name and password, or ask an owner of Linedesk to set it up.",
        )

    def _forget_old(self) -> None:
        oldest_ms = self._clock.now_ms() - LIFE_S * 1000
        while self._pending:
            key, attempt = next(iter(self._pending.items()))
            if attempt.begun_ms >= oldest_ms and len(self._pending) < _PENDING_MAX:
                return
            del self._pending[key]


def agent_for(agents: Iterable[Agent], account: str, me: Me) -> Agent:
    """The one active agent of this account who `me` is: by extension, else by e-mail.

    An e-mail decides only where the extension says nothing: two people may share a mailbox, and one must
    not see the other's calls. Raises `Forbidden` for nobody and for more than one.
    """
    here = [agent for agent in agents if agent.active and agent.account == account]
    if me.extension is not None:
        for agent in here:
            if agent.extension == me.extension:
                return agent
    email = (me.email or "").strip().casefold()
    same = [agent for agent in here if email and (agent.email or "").strip().casefold() == email]
    if len(same) > 1:
        raise Forbidden(
            "More than one agent of Linedesk has your e-mail address, so it is not clear who you are.",
            remedy="Ask an owner of Linedesk to enter your extension.",
        )
    fits = [
        agent
        for agent in same
        if agent.role in _BY_EMAIL and (me.extension is None or agent.extension is None)
    ]
    if not fits:
        who = f"extension {me.extension}" if me.extension is not None else me.name or "you"
        raise Forbidden(
            f"The PBX {account} knows you as {who}, and Linedesk has no agent for that.",
            remedy="Ask an owner of Linedesk to add you with your extension.",
        )
    return fits[0]


def _unplugged(error: VendorError) -> VendorError:
    """The usual remedy of a time-out is about a ringing phone."""
    if isinstance(error, VendorTimeout):
        error.remedy = "Try again in a moment; no call was made."
    return error


def _hash(secret: str) -> str:
    # A query or cookie may hold bytes that are no text; they are a wrong secret, no defect.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
