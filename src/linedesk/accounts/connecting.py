"""The consent that a PBX account's own OAuth 2.0 application waits for: where to ask, and what comes back.

`linedesk connect` speaks with the person and keeps the grant; the agents' sign-in is `agents.wildix_sign_in`.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from linedesk.accounts.model import PbxAccount
from linedesk.clock import Clock
from linedesk.errors import ConfigError, UserError, VendorGarbled
from linedesk.pbx.base import Me
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.consent import grant_for
from linedesk.pbx.wildix.oauth import Grant, GrantEnded, authorize_url

REDIRECT_PATH = "/sign-in/wildix/done"
"""The same as that of the agents' sign-in: one line in WMS serves both."""

_STATE = "connect."
_CODE = re.compile(r"[\x21-\x7e]{1,2048}")
_REASON = re.compile(r"[a-z_]{1,40}")
_AGAIN = "Run the command again: a code is good once, and not for long."


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person consented to, and who that is."""

    me: Me
    refresh_token: str = field(repr=False)

    @property
    def who(self) -> str:
        """The person, for a sentence."""
        of = f", extension {self.me.extension}" if self.me.extension else ""
        return f"{self.me.name}{of}"


@dataclass(frozen=True, slots=True)
class Connecting:
    """One try. `redirect_uri` is one of those that the application has in WMS."""

    account: PbxAccount
    redirect_uri: str
    state: str = field(default_factory=lambda: _STATE + secrets.token_urlsafe(32), repr=False)

    def __post_init__(self) -> None:
        """Raises `ConfigError` for an account without an application of its own."""
        if self.account.application is None:
            name = self.account.name
            raise ConfigError(
                f"The account {name} has no OAuth 2.0 application, so there is nothing to consent to.",
                remedy="Make one in WMS under PBX → Integrations → Applications → OAuth 2.0, and put its id "
                f"and its secret key into `accounts.{name}.oauth_client_id` and `oauth_client_secret`.",
            )

    @property
    def address(self) -> str:
        """The PBX's page on which an administrator consents."""
        client_id = self.account.application.client_id if self.account.application is not None else ""
        return authorize_url(self.account.url, client_id, self.redirect_uri, self.state)

    def code_in(self, pasted: str) -> str:
        """The code in the address that the browser ended at; raises `UserError`."""
        try:
            query = parse_qs(urlsplit(pasted.strip()).query)
        except ValueError:
            query = {}
        one = {name: values[0] for name, values in query.items() if len(values) == 1}
        if not hmac.compare_digest(one.get("state", "").encode(), self.state.encode()):
            raise UserError(
                "This is not the address that the PBX sent the browser to for this try.",
                remedy="Paste the whole address, from https:// on. If it is of an earlier try, begin again.",
            )
        if "error" in one:
            told = f" ({one['error']})" if _REASON.fullmatch(one["error"]) else ""
            raise UserError(f"The PBX {self.account.name} gave no consent{told}.", remedy="Begin again.")
        code = one.get("code", "")
        if not _CODE.fullmatch(code):
            raise UserError(f"The PBX {self.account.name} sent no code that can be used.", remedy=_AGAIN)
        return code

    async def finish(self, code: str, *, timeout_s: float, clock: Clock, loopback: bool) -> Consent:
        """The grant for `code` and whose it is. `loopback` is that of `addresses.Reach`.

        Raises `UserError` for a code that is no good, other `VendorError`s of the PBX.
        """
        as_sign_in = replace(self.account, sign_in=self.account.application)
        try:
            grant = await grant_for(
                as_sign_in, code, self.redirect_uri, timeout_s=timeout_s, clock=clock, loopback=loopback
            )
        except GrantEnded as error:
            raise UserError(error.message, remedy=_AGAIN) from None
        newest = [grant]

        async def on_grant(fresh: Grant) -> None:
            newest.append(fresh)

        client = WildixClient.for_agent(
            as_sign_in, grant, timeout_s=timeout_s, clock=clock, loopback=loopback, on_grant=on_grant
        )
        try:
            me = await client.me()
        finally:
            await client.close()
        refresh_token = newest[-1].refresh_token
        if refresh_token is None:
            raise VendorGarbled(
                f"The PBX {self.account.name} gave access only for a while, and no refresh token.",
                remedy="Look at the application in WMS, or use a token or an S2S application.",
            )
        return Consent(me, refresh_token)


def is_connecting(state: str) -> bool:
    """Whether the PBX's answer belongs to `linedesk connect`, not to an agent's sign-in."""
    return state.startswith(_STATE)
