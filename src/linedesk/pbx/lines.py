"""One client for each PBX account that has a credential, made anew when the account changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from linedesk.accounts.model import ApplicationCredential, PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.clock import Clock
from linedesk.errors import ConfigError
from linedesk.pbx.base import Pbx
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.consent import grant_for
from linedesk.pbx.wildix.exchange import Traffic
from linedesk.pbx.wildix.oauth import Grant, OnGrant

SaveGrant = Callable[[str, str], Awaitable[None]]
"""Account name, new refresh token: keeps it in the account's credential, durably, before it is used."""


@dataclass(slots=True)
class _Line:
    account: PbxAccount
    client: WildixClient
    traffic: Traffic


class Lines:
    """`refresh` after the accounts changed; `close` at the end.

    `loopback`: the service itself listens on this machine only, so a PBX may be there too (the demo).
    Without `save_grant` no account with an OAuth application is opened, since its grant would be lost.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        timeout_s: float,
        loopback: bool,
        clock: Clock,
        save_grant: SaveGrant | None = None,
    ) -> None:
        self._accounts = accounts
        self._timeout_s = timeout_s
        self._loopback = loopback
        self._clock = clock
        self._save_grant = save_grant
        self._lines: dict[str, _Line] = {}
        self._traffic: dict[tuple[str, int | None], tuple[int, Traffic]] = {}
        self.problems: dict[str, str] = {}
        """Account name -> why it can't be used, in a sentence."""

    def pbx(self, account: str) -> Pbx:
        """The PBX of this account; `ConfigError` when it has no credential."""
        return self.client(account)

    def client(self, account: str) -> WildixClient:
        """The open client of this account; `ConfigError` when it has no credential.

        It is not for keeping: after a change of the account another one is given.
        """
        line = self._lines.get(account)
        if line is not None:
            return line.client
        if account in self.problems:
            raise ConfigError(f"Linedesk can't dial with {account}: {self.problems[account]}")
        known = next((each for each in self._accounts.all_pbx() if each.name == account), None)
        if known is None:
            raise ConfigError(
                f"There is no PBX account {account}, or it is switched off.",
                remedy="`linedesk export` shows the accounts; `linedesk apply` adds one or switches it on.",
            )
        if known.application is not None:
            raise ConfigError(
                f"Nobody has consented to the OAuth 2.0 application of {account} yet.",
                remedy=f"Run `linedesk connect {account}`: an administrator signs in and consents.",
            )
        raise ConfigError(
            f"The PBX account {account} has no token, so Linedesk can't dial for it.",
            remedy="Make a token in WMS under Integrations, then `linedesk apply` it.",
        )

    def for_agent(self, account: PbxAccount, grant: Grant, on_grant: OnGrant | None = None) -> WildixClient:
        """A client with an agent's own grant, within the account's budget. The caller closes it.

        Raises `ConfigError` when the account has no application for signing in.
        """
        return WildixClient.for_agent(
            account,
            grant,
            timeout_s=self._timeout_s,
            clock=self._clock,
            loopback=self._loopback,
            on_grant=on_grant,
            traffic=self._traffic_of(account),
        )

    async def grant_for(self, account: PbxAccount, code: str, redirect_uri: str) -> Grant:
        """What a person consented to, for the code that came to `redirect_uri`; see `oauth.exchange_code`.

        Raises `ConfigError` when the account has no application for signing in.
        """
        return await grant_for(
            account,
            code,
            redirect_uri,
            timeout_s=self._timeout_s,
            clock=self._clock,
            loopback=self._loopback,
            traffic=self._traffic_of(account),
        )

    async def refresh(self) -> None:
        """Open clients for new and changed accounts, close those of accounts that are gone."""
        wanted = {account.name: account for account in self._accounts.all_pbx() if account.credential}
        self._forget_traffic()
        for name in [name for name, line in self._lines.items() if not self._fits(line, wanted.get(name))]:
            line = self._lines.pop(name)
            await line.client.close()
        self.problems.clear()
        for name, account in wanted.items():
            if name in self._lines:
                self._lines[name].account = account
            else:
                self._open(name, account)

    def _open(self, name: str, account: PbxAccount) -> None:
        traffic = self._traffic_of(account)
        try:
            client = WildixClient.for_account(
                account,
                timeout_s=self._timeout_s,
                clock=self._clock,
                loopback=self._loopback,
                on_grant=self._saver(account),
                traffic=traffic,
            )
        except ConfigError as error:
            # One account that can't be used must not keep the others, or the webhooks, from working.
            self.problems[name] = error.message
        else:
            self._lines[name] = _Line(account, client, traffic)

    def _fits(self, line: _Line, account: PbxAccount | None) -> bool:
        return account is not None and _same(line, account) and line.traffic is self._traffic_of(account)

    def _traffic_of(self, account: PbxAccount) -> Traffic:
        """That of the PBX, however many accounts it has here: the most careful of them sets its budget.

        It outlives a change of an account, so that a window is never used twice.
        """
        pbx = _pbx(account)
        rates = [each.requests_per_s for each in self._accounts.all_pbx() if _pbx(each) == pbx]
        rate = min([*rates, account.requests_per_s])
        held = self._traffic.get(pbx)
        if held is None or held[0] != rate:
            held = self._traffic[pbx] = (rate, Traffic(rate))
        return held[1]

    def _forget_traffic(self) -> None:
        """Of PBXs that no account is of any more."""
        known = {_pbx(account) for account in self._accounts.all_pbx()}
        for pbx in self._traffic.keys() - known:
            del self._traffic[pbx]

    def _saver(self, account: PbxAccount) -> OnGrant | None:
        if not isinstance(account.credential, ApplicationCredential):
            return None
        save = self._save_grant
        if save is None:
            raise ConfigError(f"The grant of {account.name} can't be kept here, so it is not used.")

        async def saver(grant: Grant) -> None:
            if grant.refresh_token is not None:
                await save(account.name, grant.refresh_token)

        return saver

    async def close(self) -> None:
        """Close every client."""
        for line in self._lines.values():
            await line.client.close()
        self._lines.clear()


def _pbx(account: PbxAccount) -> tuple[str, int | None]:
    """What tells one PBX from another; https may be written with its port or without."""
    parts = urlsplit(account.url)
    return parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme)


def _same(line: _Line, account: PbxAccount) -> bool:
    """Whether the client still fits: a refresh token that it was given itself changes nothing."""
    if account == line.account:
        return True
    now, held = account.credential, line.account.credential
    if not isinstance(now, ApplicationCredential) or not isinstance(held, ApplicationCredential):
        return False
    if now.refresh_token != line.client.refresh_token:
        return False
    return account == replace(line.account, credential=replace(held, refresh_token=now.refresh_token))
