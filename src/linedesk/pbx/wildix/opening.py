"""From an account and a credential to the planes of its PBX, each with the way its requests are signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linedesk.accounts.model import (
    ApplicationCredential,
    OAuthClient,
    PasswordCredential,
    PbxAccount,
    SignedCredential,
    TokenCredential,
    TokenKind,
)
from linedesk.addresses import Reach
from linedesk.clock import Clock
from linedesk.errors import ConfigError
from linedesk.net import HttpClient
from linedesk.pbx.wildix.auth import Auth, BearerToken, CloudToken
from linedesk.pbx.wildix.exchange import Exchange, Places, Traffic
from linedesk.pbx.wildix.oauth import Grant, OAuthSession, OnGrant
from linedesk.pbx.wildix.password import PasswordSession
from linedesk.pbx.wildix.s2s import SignedRequests

_CONNECT = "Run `linedesk connect` for this account: an administrator of the PBX signs in and consents."
_SIGN_IN = "Sign in with Wildix again."


@dataclass(frozen=True, slots=True)
class Planes:
    """The PBX itself and its cloud. `open_cloud` is called when the cloud is first asked, since most never
    are; None: the credential is none of the cloud's. `key_name`: what the credential is called when it
    belongs to no user. `session`: the grant, where the credential is one."""

    pbx: Exchange
    open_cloud: Callable[[], Exchange] | None = None
    key_name: str | None = None
    session: OAuthSession | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """How the planes of an account are opened; `loopback` is that of `addresses.Reach`."""

    account: PbxAccount
    timeout_s: float
    clock: Clock
    loopback: bool
    on_grant: OnGrant | None
    traffic: Traffic

    def for_account(self) -> Planes:
        """With the account's own credential; raises `ConfigError` for a missing or unfit one."""
        account = self.account
        self._reach().check_url(account.cloud_url)
        http = self._http(account.url, f"The PBX {account.name}")
        match account.credential:
            case TokenCredential(kind=kind, token=token):
                return Planes(
                    self._pbx(http, BearerToken(account.name, token)),
                    self._cloud(CloudToken(account.name, token)),
                    "company API key" if kind is TokenKind.COMPANY else None,
                )
            case ApplicationCredential() as application:
                grant = Grant("", application.refresh_token, None)
                session = self._session(http, application, grant, _CONNECT)
                return Planes(self._pbx(http, session), self._cloud(session), session=session)
            case SignedCredential() as app:
                return Planes(
                    self._pbx(http, SignedRequests(account.name, app, account.url, self.clock)),
                    self._cloud(SignedRequests(account.name, app, account.cloud_url, self.clock)),
                    "server-to-server application",
                )
            case PasswordCredential() as login:
                gate = self.traffic.gate
                return Planes(self._pbx(http, PasswordSession(http, login, clock=self.clock, gate=gate)))
            case None:
                raise ConfigError(
                    f"The PBX account {account.name} has no token or other credential to sign in with.",
                    remedy="Make a token in WMS under Integrations, and put it into the account.",
                )

    def for_agent(self, grant: Grant) -> Planes:
        """With an agent's own grant, made through the account's sign-in application."""
        account = self.account
        if account.sign_in is None:
            raise ConfigError(
                f"The PBX account {account.name} has no OAuth application for signing in.",
                remedy="Make one in WMS under Integrations, Applications, and put it into the account.",
            )
        http = self._http(account.url, f"The PBX {account.name}")
        session = self._session(http, account.sign_in, grant, _SIGN_IN)
        return Planes(self._pbx(http, session), session=session)

    def _reach(self) -> Reach:
        return Reach(private=self.account.private, loopback=self.loopback)

    def _http(self, url: str, who: str) -> HttpClient:
        return HttpClient(url, who=who, timeout_s=self.timeout_s, reach=self._reach())

    def _session(
        self, http: HttpClient, client: OAuthClient | ApplicationCredential, grant: Grant, again: str
    ) -> OAuthSession:
        return OAuthSession(
            http,
            client,
            grant,
            clock=self.clock,
            gate=self.traffic.gate,
            on_grant=self.on_grant,
            again=again,
        )

    def _pbx(self, http: HttpClient, auth: Auth) -> Exchange:
        return self._exchange(http, auth, self.traffic.pbx)

    def _cloud(self, auth: Auth) -> Callable[[], Exchange]:
        who = f"The Wildix cloud of {self.account.name}"
        return lambda: self._exchange(self._http(self.account.cloud_url, who), auth, self.traffic.cloud)

    def _exchange(self, http: HttpClient, auth: Auth, places: Places) -> Exchange:
        return Exchange(
            http,
            auth,
            gate=self.traffic.gate,
            places=places,
            clock=self.clock,
            timeout_s=self.timeout_s,
        )
