"""One client an account: opened, kept, made anew, closed; and a grant that renews itself keeps its client."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
from aiohttp import web

from linedesk.accounts.model import (
    ApplicationCredential,
    EventsWay,
    PasswordCredential,
    PbxAccount,
    SignedCredential,
    TokenCredential,
    TokenKind,
)
from linedesk.accounts.service import Accounts
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError, VendorUnreachable
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import DialRequest
from linedesk.pbx.lines import Lines, SaveGrant
from linedesk.pbx.wildix.callcontrol import LIST_CALLS
from linedesk.pbx.wildix.oauth import TOKEN, Grant
from pbx.wildix_server import TOKEN as SIMPLE
from pbx.wildix_server import FakeWildix, account_of, fake_wildix

ASK = DialRequest("201", "+390212345678")


class Known:
    """The accounts as `Lines` asks for them."""

    def __init__(self, *accounts: PbxAccount) -> None:
        self.accounts = accounts

    def all_pbx(self) -> tuple[PbxAccount, ...]:
        return self.accounts


def lines_of(known: Known, save_grant: SaveGrant | None = None) -> Lines:
    return Lines(
        cast("Accounts", known), timeout_s=5, loopback=True, clock=ManualClock(), save_grant=save_grant
    )


def account(name: str, credential: Any) -> PbxAccount:
    return PbxAccount(name, "https://pbx.example", NumberPlan("IT"), credential=credential)


async def kept(name: str, token: str) -> None:
    raise AssertionError((name, token))


@pytest.mark.parametrize(
    "credential",
    [
        TokenCredential(TokenKind.SIMPLE, "access_x"),
        TokenCredential(TokenKind.COMPANY, "wsk-v1-x"),
        ApplicationCredential("id", "secret", "refresh"),
        SignedCredential("id", "name", "not-a-real-secret"),
        PasswordCredential("201", "word"),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_every_kind_of_credential_opens_a_client(credential: Any) -> None:
    lines = lines_of(Known(account("acme", credential)), kept)
    await lines.refresh()
    assert lines.client("acme") is lines.pbx("acme")
    assert lines.client("acme").account == "acme"
    assert lines.problems == {}
    await lines.close()


async def test_S16_an_account_that_can_not_be_opened_keeps_the_others_open() -> None:
    bad = account("bad", TokenCredential(TokenKind.SIMPLE, "a b"))
    cloudless = replace(account("far", bad.credential), cloud_url="http://cloud.example")
    good = account("good", TokenCredential(TokenKind.SIMPLE, "access_x"))
    lines = lines_of(Known(bad, cloudless, good, account("none", None)))
    await lines.refresh()
    assert lines.client("good").account == "good"
    assert lines.problems.keys() == {"bad", "far"}
    with pytest.raises(ConfigError, match="characters that no token has"):
        lines.client("bad")
    with pytest.raises(ConfigError, match="no token"):
        lines.client("none")
    await lines.close()


async def test_a_grant_that_could_not_be_kept_is_not_used() -> None:
    lines = lines_of(Known(account("acme", ApplicationCredential("id", "secret", "refresh"))))
    await lines.refresh()
    assert "can't be kept" in lines.problems["acme"]


async def test_a_client_stays_while_its_account_does_and_is_made_anew_when_it_changes() -> None:
    known = Known(account("acme", TokenCredential(TokenKind.SIMPLE, "access_x")))
    lines = lines_of(known)
    await lines.refresh()
    first = lines.client("acme")
    await lines.refresh()
    assert lines.client("acme") is first
    known.accounts = (account("acme", TokenCredential(TokenKind.SIMPLE, "access_y")),)
    await lines.refresh()
    assert lines.client("acme") is not first
    with pytest.raises(VendorUnreachable, match="changed or removed"):
        await first.me()
    known.accounts = ()
    await lines.refresh()
    with pytest.raises(ConfigError):
        lines.client("acme")


def issues(pbx: FakeWildix) -> None:
    """Every refresh gives the access token of the tests and `next` as refresh token."""
    pbx.open_paths.add(TOKEN)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await pbx.says({"access_token": SIMPLE, "refresh_token": "next", "expires_in": 3600})(request)

    pbx.faults[TOKEN] = answer


async def test_a_renewed_grant_is_saved_by_account_and_keeps_its_client() -> None:
    saved: list[tuple[str, str]] = []

    async def save(name: str, token: str) -> None:
        saved.append((name, token))

    async with fake_wildix() as pbx:
        issues(pbx)
        before = account_of(pbx, ApplicationCredential("app-1", "sesame", "first"))
        known = Known(before)
        lines = lines_of(known, save)
        await lines.refresh()
        client = lines.client("acme")
        await client.dial(ASK)
        assert saved == [("acme", "next")]

        known.accounts = (replace(before, credential=ApplicationCredential("app-1", "sesame", "next")),)
        await lines.refresh()
        assert lines.client("acme") is client
        await client.dial(ASK)

        known.accounts = (replace(before, credential=ApplicationCredential("app-1", "sesame", "by-hand")),)
        await lines.refresh()
        assert lines.client("acme") is not client
        await lines.close()
    assert len(pbx.placed) == 2


async def test_an_agents_client_shares_the_accounts_places() -> None:
    async with fake_wildix() as pbx:
        known = Known(account_of(pbx))
        lines = lines_of(known)
        await lines.refresh()
        client = lines.client("acme")
        agent = lines.for_agent(known.accounts[0], Grant(SIMPLE, None, None))
        assert (await agent.dial(ASK)).route == "make-call"

        pbx.faults[LIST_CALLS] = pbx.hang
        hanging = [asyncio.create_task(client.live_calls("201", interactive=True)) for _ in range(2)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(agent.dial(ASK), 0.5)
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        await agent.close()
        await lines.close()
    assert pbx.placed == [("me", "+390212345678")]


async def test_S22_accounts_of_one_pbx_share_its_places_also_after_a_change() -> None:
    async with fake_wildix() as pbx:
        first = account_of(pbx)
        known = Known(first, replace(first, name="second", requests_per_s=2))
        lines = lines_of(known)
        await lines.refresh()
        pbx.faults[LIST_CALLS] = pbx.hang
        second = lines.client("second")
        hanging = [asyncio.create_task(second.live_calls("201", interactive=True)) for _ in range(2)]
        for changed in (first, replace(first, events=EventsWay.POLLING)):
            known.accounts = (changed, known.accounts[1])
            await lines.refresh()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(lines.client("acme").dial(ASK), 0.3)
        assert lines.client("second") is second
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        await lines.close()
    assert pbx.placed == []
