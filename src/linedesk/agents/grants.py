"""Agents' own grants of a PBX: kept sealed, renewed by one request at a time, and used to dial.

Who may have one is `agents.wildix_sign_in`'s question.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from sqlalchemy import Connection

from linedesk.accounts.model import PbxAccount
from linedesk.accounts.vault import Vault
from linedesk.clock import Clock
from linedesk.errors import ConfigError, NotSignedIn, StoreError, VendorAuth, VendorRouteMissing
from linedesk.pbx.base import DialAccepted, DialRequest
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.oauth import Grant, GrantEnded, OnGrant
from linedesk.store import agents
from linedesk.store import grants as rows
from linedesk.store.database import Database
from linedesk.store.grants import GrantRow

log = structlog.get_logger(__name__)

SIGN_IN_AGAIN = "Your sign-in with Wildix has ended: sign in with Wildix again, so that you dial as yourself."
OWN_REFUSED = (
    "Your own sign-in with Wildix could not be used, so this call was placed with the account's credential. "
    "If it stays, tell an owner of Linedesk."
)
_OPEN_MAX = 100


class OpenClient(Protocol):
    """`Lines.for_agent`."""

    def __call__(
        self, account: PbxAccount, grant: Grant, on_grant: OnGrant | None = None
    ) -> WildixClient: ...


@dataclass(frozen=True, slots=True)
class OwnDial:
    """`accepted` None: nothing was dialled, and the account's own credential may be used. `notice`: what
    the agent should know, in a sentence."""

    accepted: DialAccepted | None = None
    notice: str | None = None


class _Unfit(Exception):
    """The stored grant can't be used by this account or with this key."""


@dataclass(slots=True, eq=False)
class _Held:
    """An open client. `row` is the grant as it is stored now; `users` dial with it at this moment."""

    row: GrantRow
    account: PbxAccount
    client: WildixClient = field(repr=False)
    users: int = 0
    retired: bool = False


class Grants:
    """One per service; `await close()` at the end. `account_of` knows the accounts that are switched on."""

    def __init__(
        self,
        books: Database,
        vault: Vault,
        clock: Clock,
        *,
        account_of: Callable[[str], PbxAccount | None],
        open_client: OpenClient,
    ) -> None:
        self._books = books
        self._vault = vault
        self._clock = clock
        self._account_of = account_of
        self._open_client = open_client
        self._open: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self._unused: list[_Held] = []
        # Held while a row is read or written and its client is chosen: a refresh token that is rotated
        # meanwhile would else be used twice. Never while a client works or is closed.
        self._lock = asyncio.Lock()

    async def keep(self, agent_id: str, account: PbxAccount, grant: Grant) -> None:
        """Store the grant of a new sign-in durably. Raises `NotSignedIn` for an agent who is switched off."""
        row = GrantRow(agent_id, account.name, self._seal(agent_id, account, grant))
        now_ms = self._clock.now_ms()

        def work(c: Connection) -> None:
            if not agents.is_active(c, agent_id):
                raise NotSignedIn("This agent is switched off.")
            rows.put(c, row, now_ms)

        async with self._lock:
            await self._books.write(work)

    async def dial(self, agent_id: str, account: str, request: DialRequest) -> OwnDial:
        """Dial as the agent, with the agent's own grant if there is one.

        Raises the `VendorError` of a call that may have been placed, or that the PBX refused to this agent.
        """
        try:
            async with self._client(agent_id, account) as held:
                return OwnDial() if held is None else await self._dial(held, request)
        except _Unfit as error:
            log.warning("grant_unfit", agent=agent_id, account=account, reason=str(error))
            return OwnDial(notice=SIGN_IN_AGAIN)

    async def recheck(self) -> None:
        """Close the clients of grants that are gone: the agent was switched off, or signed out everywhere."""
        held = list(self._open.values())
        if held:
            still = set(await self._books.read(rows.all_keys))
            for each in held:
                if (each.row.agent_id, each.row.account) not in still:
                    self._retire(each)
        await self._close_unused()

    async def reseal(self) -> int:
        """Encrypt with the newest key what an older one closed; answers how many. Call it before use.

        A grant that no key opens stays as it is: its agent is asked to sign in again.
        """
        now_ms = self._clock.now_ms()

        def work(c: Connection) -> int:
            count = 0
            for row in rows.all_grants(c):
                if self._vault.is_current(row.sealed):
                    continue
                owner = _owner(row.agent_id, row.account)
                try:
                    values = self._vault.unseal(owner, row.sealed)
                except (ConfigError, StoreError) as error:
                    log.warning("grant_unfit", agent=row.agent_id, account=row.account, reason=error.message)
                    continue
                count += rows.replace(c, row, self._vault.seal(owner, values), now_ms)
            return count

        return await self._books.write(work)

    async def close(self) -> None:
        """Close every client; a refresh that runs comes to its end and is stored."""
        for held in list(self._open.values()):
            self._retire(held)
        await self._close_unused()

    async def _dial(self, held: _Held, request: DialRequest) -> OwnDial:
        try:
            return OwnDial(await held.client.dial(request))
        except GrantEnded:
            await self._drop(held)
            return OwnDial(notice=SIGN_IN_AGAIN)
        except (VendorAuth, VendorRouteMissing) as error:
            # Refused before it had any effect: nothing was dialled. A PBX that has no such route is no news.
            log.warning("own_dialling_refused", account=held.row.account, error_code=error.code)
            return OwnDial(notice=OWN_REFUSED if isinstance(error, VendorAuth) else None)

    @asynccontextmanager
    async def _client(self, agent_id: str, account: str) -> AsyncIterator[_Held | None]:
        held = await self._take(agent_id, account)
        try:
            yield held
        finally:
            if held is not None:
                held.users -= 1
                if held.retired and not held.users:
                    self._unused.append(held)
            await self._close_unused()

    async def _take(self, agent_id: str, name: str) -> _Held | None:
        account = self._account_of(name)
        if account is None or account.sign_in is None:
            return None
        async with self._lock:
            try:
                sealed = await self._books.read(lambda c: rows.get(c, agent_id, name))
            except StoreError as error:
                # The account's own credential needs no database, and a person waits for the call.
                log.warning("grant_unreadable", account=name, reason=error.message)
                return None
            held = self._open.get((agent_id, name))
            if held is not None and (held.row.sealed, held.account) != (sealed, account):
                self._retire(held)
                held = None
            if held is None:
                if sealed is None:
                    return None
                held = self._opened(GrantRow(agent_id, name, sealed), account)
            self._open.move_to_end((agent_id, name))
            held.users += 1
            return held

    def _opened(self, row: GrantRow, account: PbxAccount) -> _Held:
        grant = self._unseal(row, account)

        async def saver(fresh: Grant) -> None:
            await self._save(held, fresh)

        held = _Held(row, account, self._open_client(account, grant, saver))
        self._open[row.agent_id, row.account] = held
        idle = [each for each in self._open.values() if not each.users and each is not held]
        for each in idle[: max(0, len(self._open) - _OPEN_MAX)]:
            self._retire(each)
        return held

    async def _save(self, held: _Held, fresh: Grant) -> None:
        """Store what the PBX changed the grant to, before it is used."""
        row, now_ms = held.row, self._clock.now_ms()
        sealed = self._seal(row.agent_id, held.account, fresh)
        async with self._lock:
            before = held.row
            if not await self._books.write(lambda c: rows.replace(c, before, sealed, now_ms)):
                raise GrantEnded("This sign-in with Wildix was ended meanwhile.", remedy=SIGN_IN_AGAIN)
            held.row = GrantRow(row.agent_id, row.account, sealed)

    async def _drop(self, held: _Held) -> None:
        async with self._lock:
            gone = held.row
            await self._books.write(lambda c: rows.remove(c, gone))
            self._retire(held)
        log.info("grant_dropped", agent=gone.agent_id, account=gone.account)

    def _retire(self, held: _Held) -> None:
        """No new dial gets this client; it is closed when nobody dials with it any more."""
        key = (held.row.agent_id, held.row.account)
        if self._open.get(key) is held:
            del self._open[key]
        if not held.retired:
            held.retired = True
            if not held.users:
                self._unused.append(held)

    async def _close_unused(self) -> None:
        while self._unused:
            await self._unused.pop().client.close()

    def _seal(self, agent_id: str, account: PbxAccount, grant: Grant) -> bytes:
        values = {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token or "",
            "expires_at_ms": "" if grant.expires_at_ms is None else str(grant.expires_at_ms),
            # It is sent to no other PBX, and through no other application, than it came from.
            "url": account.url,
            "client_id": account.sign_in.client_id if account.sign_in is not None else "",
        }
        return self._vault.seal(_owner(agent_id, account.name), values)

    def _unseal(self, row: GrantRow, account: PbxAccount) -> Grant:
        try:
            values = self._vault.unseal(_owner(row.agent_id, row.account), row.sealed)
        except (ConfigError, StoreError) as error:
            raise _Unfit(error.message) from None
        client_id = account.sign_in.client_id if account.sign_in is not None else None
        if (values["url"], values["client_id"]) != (account.url, client_id):
            raise _Unfit("It is of another PBX or another application than the account's.")
        ends = values["expires_at_ms"]
        return Grant(values["access_token"], values["refresh_token"] or None, int(ends) if ends else None)


def _owner(agent_id: str, account: str) -> str:
    """Who a sealed grant belongs to; an account's name holds no blank, so no two are alike."""
    return f"grant of {agent_id} on {account}"
