"""The one request of a sign-in that no client can make yet: a person's code for a grant."""

from __future__ import annotations

from linedesk.accounts.model import PbxAccount
from linedesk.addresses import Reach
from linedesk.clock import Clock
from linedesk.errors import ConfigError
from linedesk.net import HttpClient
from linedesk.pbx.wildix.exchange import Traffic
from linedesk.pbx.wildix.oauth import Grant, exchange_code


async def grant_for(
    account: PbxAccount,
    code: str,
    redirect_uri: str,
    *,
    timeout_s: float,
    clock: Clock,
    loopback: bool = False,
    traffic: Traffic | None = None,
) -> Grant:
    """The grant for `code`, through the account's application; see `oauth.exchange_code`.

    `loopback` is that of `addresses.Reach`. Raises `ConfigError` when the account has no application.
    """
    if account.sign_in is None:
        raise ConfigError(
            f"The PBX account {account.name} has no OAuth application for signing in.",
            remedy="Make one in WMS under Integrations, Applications, and put it into the account.",
        )
    http = HttpClient(
        account.url,
        who=f"The PBX {account.name}",
        timeout_s=timeout_s,
        reach=Reach(private=account.private, loopback=loopback),
    )
    try:
        gate = traffic.gate if traffic is not None else None
        return await exchange_code(http, account.sign_in, code, redirect_uri, clock=clock, gate=gate)
    finally:
        await http.close()
