"""Grants: the address to consent at, a code for a grant, one refresh for all, and no refresh token lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from linedesk.accounts.model import ApplicationCredential, OAuthClient
from linedesk.addresses import Reach
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError, StoreError, VendorAuth, VendorError, VendorGarbled
from linedesk.net import HttpClient
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.oauth import TOKEN, Grant, authorize_url, exchange_code
from pbx.wildix_server import (
    MAKE_CALL,
    ORIGINATE_CALL,
    FakeWildix,
    account_of,
    client_of,
    fake_wildix,
    free_traffic,
)

APP = ApplicationCredential("app-1", "sesame", "refresh-0")
ASK = DialRequest("201", "+390212345678")


class Issuer:
    """The PBX's token address: refresh tokens rotate, access tokens are `access-N`."""

    def __init__(self, pbx: FakeWildix, *, rotates: bool = True, life_s: int = 3600) -> None:
        self.pbx = pbx
        self.rotates = rotates
        self.life_s = life_s
        self.issued = 0
        self.came = asyncio.Event()
        self.refresh = "refresh-0"
        self.refused: dict[str, Any] | None = None
        pbx.open_paths.add(TOKEN)
        pbx.faults[TOKEN] = self.answer
        pbx.accepts = lambda request, _body: request.headers["Authorization"] == f"Bearer {self.access}"

    @property
    def access(self) -> str:
        return f"access-{self.issued}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = self.pbx.requests[-1][2]
        self.came.set()
        await asyncio.sleep(0.02)
        if request.headers.get("Authorization") or form.get("client_id") != "app-1":
            return web.json_response(
                {"error": "invalid_client", "error_description": "Empty client ID"}, status=401
            )
        given = form.get("refresh_token") or form.get("code")
        if self.refused or given not in {self.refresh, "code-1"} or form["client_secret"] != "sesame":
            return web.json_response(self.refused or {"error": "invalid_grant"}, status=400)
        self.issued += 1
        if self.rotates:
            self.refresh = f"refresh-{self.issued}"
        return web.json_response(
            {"access_token": self.access, "refresh_token": self.refresh, "expires_in": self.life_s}
        )

    def asked(self) -> int:
        return self.pbx.paths().count(TOKEN)


@asynccontextmanager
async def signed_in(
    **settings: Any,
) -> AsyncIterator[tuple[FakeWildix, Issuer, WildixClient, ManualClock]]:
    clock = ManualClock()
    issuer_settings = {name: settings.pop(name) for name in ("rotates", "life_s") if name in settings}
    async with fake_wildix() as pbx:
        issuer = Issuer(pbx, **issuer_settings)
        async with client_of(pbx, credential=APP, clock=clock, **settings) as client:
            yield pbx, issuer, client, clock


def test_the_address_to_consent_at_carries_the_state_and_where_to_come_back() -> None:
    address = authorize_url("https://acme.example/", "app-1", "https://desk.example/cb?x=1", "s t&ate")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("acme.example", "/authorization/oauth2")
    assert parse_qs(parts.query) == {
        "response_type": ["code"],
        "client_id": ["app-1"],
        "redirect_uri": ["https://desk.example/cb?x=1"],
        "state": ["s t&ate"],
    }


async def test_a_code_becomes_a_grant_with_the_applications_secret_in_the_body() -> None:
    clock = ManualClock(1_000_000)
    async with fake_wildix() as pbx:
        Issuer(pbx)
        http = HttpClient(pbx.url, who="The PBX acme", timeout_s=5, reach=Reach(loopback=True))
        grant = await exchange_code(
            http, OAuthClient("app-1", "sesame"), "code-1", "https://d/cb", clock=clock
        )
        with pytest.raises(VendorAuth, match="refused the sign-in") as refused:
            await exchange_code(http, OAuthClient("app-1", "sesame"), "old", "https://d/cb", clock=clock)
        with pytest.raises(VendorAuth, match="OAuth application"):
            await exchange_code(http, OAuthClient("other", "sesame"), "code-1", "https://d/cb", clock=clock)
        await http.close()
    assert grant == Grant("access-1", "refresh-1", 1_000_000 + 3_600_000)
    assert "Sign in" in refused.value.remedy
    assert pbx.requests[0][2] == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://d/cb",
        "client_id": "app-1",
        "client_secret": "sesame",
    }
    assert "sesame" not in repr(grant) + refused.value.message
    assert "access-1" not in repr(grant)


@pytest.mark.parametrize(
    "body", [{}, {"access_token": ""}, {"access_token": "a b"}, {"access_token": 5}, "<html>x</html>", "{"]
)
async def test_an_answer_without_a_token_is_garbled(body: Any) -> None:
    async with fake_wildix() as pbx:
        pbx.open_paths.add(TOKEN)
        pbx.faults[TOKEN] = pbx.says(body)
        async with client_of(pbx, credential=APP) as client:
            with pytest.raises(VendorGarbled):
                await client.me()


async def test_I12_many_requests_at_once_make_one_refresh() -> None:
    async with signed_in() as (_, issuer, client, clock):
        await asyncio.gather(*(client.dial(ASK) for _ in range(5)))
        assert issuer.asked() == 1
        clock.advance(3_541)
        await asyncio.gather(*(client.dial(ASK) for _ in range(5)))
        assert issuer.asked() == 2


async def test_I13_a_token_is_renewed_ahead_of_its_end_and_not_sooner() -> None:
    async with signed_in() as (pbx, issuer, client, clock):
        await client.dial(ASK)
        clock.advance(3_500)
        await client.dial(ASK)
        assert issuer.asked() == 1
        clock.advance(45)
        await client.dial(ASK)
        assert issuer.asked() == 2
        assert len(pbx.placed) == 3


async def test_a_short_life_is_used_for_most_of_it() -> None:
    async with signed_in(life_s=20) as (_, issuer, client, clock):
        await client.dial(ASK)
        clock.advance(14)
        await client.dial(ASK)
        assert issuer.asked() == 1
        clock.advance(2)
        await client.dial(ASK)
        assert issuer.asked() == 2


async def test_a_token_that_is_refused_early_is_renewed_once_and_the_request_goes_again() -> None:
    async with signed_in() as (pbx, issuer, client, _):
        await client.dial(ASK)
        issuer.issued += 1  # the PBX forgot the one it gave
        await client.dial(ASK)
        assert issuer.asked() == 2
        pbx.accepts = lambda request, body: False
        with pytest.raises(VendorAuth):
            await client.dial(ASK)
        assert issuer.asked() == 3
    assert len(pbx.placed) == 2


async def test_a_new_refresh_token_is_stored_before_anything_uses_it() -> None:
    stored: list[str | None] = []

    async def on_grant(grant: Grant) -> None:
        assert pbx.placed == []
        stored.append(grant.refresh_token)

    async with signed_in(on_grant=on_grant) as (pbx, _, client, _):
        await client.dial(ASK)
    assert stored == ["refresh-1"]
    assert client.refresh_token == "refresh-1"


async def test_I12_a_new_refresh_token_that_could_not_be_stored_is_stored_later_and_not_asked_again() -> None:
    stored: list[str | None] = []

    async def on_grant(grant: Grant) -> None:
        stored.append(grant.refresh_token)
        if len(stored) == 1:
            raise StoreError("The disk is full.")

    async with signed_in(on_grant=on_grant) as (pbx, issuer, client, _):
        with pytest.raises(StoreError):
            await client.dial(ASK)
        assert pbx.placed == []
        await client.dial(ASK)
    assert stored == ["refresh-1", "refresh-1"]
    assert issuer.asked() == 1


async def test_a_refresh_token_that_stays_is_not_stored_again() -> None:
    async def on_grant(grant: Grant) -> None:
        raise AssertionError(grant)

    async with signed_in(on_grant=on_grant, rotates=False) as (_, _, client, _):
        await client.dial(ASK)


async def test_a_refresh_goes_on_when_the_request_that_began_it_is_given_up() -> None:
    stored = []

    async def on_grant(grant: Grant) -> None:
        stored.append(grant.refresh_token)

    async with signed_in(on_grant=on_grant) as (_, issuer, client, _):
        asking = asyncio.create_task(client.me())
        await issuer.came.wait()
        asking.cancel()
    assert stored == ["refresh-1"]


async def test_I14_invalid_grant_says_to_connect_again_and_is_not_asked_for_again_at_once() -> None:
    async with signed_in() as (pbx, issuer, client, clock):
        issuer.refused = {"error": "invalid_grant", "error_description": "Refresh token is revoked"}
        for _ in range(3):
            with pytest.raises(VendorAuth, match="Refresh token is revoked") as caught:
                await client.dial(ASK)
            assert "linedesk connect" in caught.value.remedy
        assert issuer.asked() == 1
        issuer.refused = None
        clock.advance(61)
        await client.dial(ASK)
    assert len(pbx.placed) == 1


async def test_a_broken_token_address_ends_in_a_vendor_error_and_the_next_try_works() -> None:
    async with signed_in() as (pbx, issuer, client, _):
        pbx.faults[TOKEN] = pbx.says("<html>", 500)
        with pytest.raises(VendorError):
            await client.me()
        pbx.faults[TOKEN] = issuer.answer
        await client.dial(ASK)


@asynccontextmanager
async def agent(pbx: FakeWildix, grant: Grant) -> AsyncIterator[WildixClient]:
    client = WildixClient.for_agent(
        account_of(pbx), grant, timeout_s=5, clock=ManualClock(), loopback=True, traffic=free_traffic()
    )
    yield client
    await client.close()


async def test_an_agents_own_token_rings_the_agent_without_naming_anyone() -> None:
    async with fake_wildix() as pbx:
        Issuer(pbx).issued = 4
        async with agent(pbx, Grant("access-4", None, None)) as client:
            assert (await client.dial(ASK)).route == "make-call"
    assert pbx.requests == [(MAKE_CALL, {}, {"destination": "+390212345678"})]


async def test_an_agents_own_token_falls_back_to_the_call_of_the_tokens_user() -> None:
    async with fake_wildix(has_v2=False) as pbx:
        Issuer(pbx).issued = 4
        async with agent(pbx, Grant("access-4", None, None)) as client:
            assert (await client.dial(ASK)).route == "originate-call"
    assert pbx.placed == [("me", "+390212345678")]
    assert pbx.paths() == [MAKE_CALL, ORIGINATE_CALL]


async def test_C08_an_agents_own_call_that_times_out_is_not_dialled_again() -> None:
    async with fake_wildix() as pbx:
        Issuer(pbx).issued = 4
        pbx.faults[MAKE_CALL] = pbx.accept_and_lose_the_answer
        async with agent(pbx, Grant("access-4", None, None)) as client:
            with pytest.raises(VendorError):
                await client.dial(ASK)
    assert len(pbx.placed) == 1


async def test_an_agents_grant_that_ended_says_to_sign_in_again() -> None:
    async with fake_wildix() as pbx:
        Issuer(pbx)
        async with agent(pbx, Grant("access-9", None, None)) as client:
            with pytest.raises(VendorAuth) as caught:
                await client.dial(ASK)
    assert "Sign in" in caught.value.remedy


def test_an_account_without_a_sign_in_application_says_so() -> None:
    account = account_of(FakeWildix(url="https://pbx.example"))
    without = type(account)(account.name, account.url, account.plan)
    with pytest.raises(ConfigError, match="OAuth application"):
        WildixClient.for_agent(without, Grant("a", None, None), timeout_s=1, clock=ManualClock())
