"""The legacy sign-in: a session cookie, Basic where there is no login address, no storm of logins."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from aiohttp import web

from linedesk.accounts.model import PasswordCredential
from linedesk.clock import ManualClock
from linedesk.errors import VendorAuth
from linedesk.pbx.wildix.password import LOGIN
from pbx.wildix_server import ROUTE_MISSING, FakeWildix, client_of, fake_wildix

LOGIN_AS = PasswordCredential("201", "p+ss wörd")


class Gatekeeper:
    """Gives `PHPSESSID=session-N` for the right password; only the newest one is good."""

    def __init__(self, pbx: FakeWildix) -> None:
        self.pbx = pbx
        self.given = 0
        pbx.open_paths.add(LOGIN)
        pbx.faults[LOGIN] = self.answer
        pbx.accepts = lambda request, _body: request.cookies.get("PHPSESSID") == f"session-{self.given}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = self.pbx.requests[-1][2]
        await asyncio.sleep(0.02)
        if form != {"login": "201", "password": "p+ss wörd"}:
            return web.json_response({"type": "error", "reason": f"Bad password {form['password']}"})
        self.given += 1
        response = web.json_response({"type": "result", "result": True})
        response.set_cookie("lang", "it")
        response.set_cookie("PHPSESSID", f"session-{self.given}", httponly=True)
        return response


async def test_one_login_serves_many_requests_and_a_lost_session_is_made_anew() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=LOGIN_AS) as client:
        keeper = Gatekeeper(pbx)
        await asyncio.gather(*(client.ping() for _ in range(4)))
        assert pbx.paths().count(LOGIN) == 1
        keeper.given += 1
        await asyncio.gather(*(client.ping() for _ in range(4)))
        assert pbx.paths().count(LOGIN) == 2


async def test_a_wrong_password_is_tried_once_and_not_shown() -> None:
    clock = ManualClock()
    wrong = PasswordCredential("201", "not-this-one")
    async with fake_wildix() as pbx, client_of(pbx, credential=wrong, clock=clock) as client:
        Gatekeeper(pbx)
        for _ in range(3):
            with pytest.raises(VendorAuth, match="refused the password") as caught:
                await client.ping()
            assert "not-this-one" not in caught.value.message + repr(wrong)
        assert pbx.paths() == [LOGIN]
        clock.advance(301)
        with pytest.raises(VendorAuth):
            await client.ping()
    assert pbx.paths() == [LOGIN, LOGIN]


@pytest.mark.parametrize(
    ("body", "status"), [(ROUTE_MISSING, 404), ({"type": "result", "result": True}, 200)]
)
async def test_without_a_login_address_or_a_cookie_it_is_basic(body: Any, status: int) -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=LOGIN_AS) as client:
        pbx.open_paths.add(LOGIN)
        pbx.faults[LOGIN] = pbx.says(body, status)
        wanted = "Basic " + base64.b64encode("201:p+ss wörd".encode()).decode()
        pbx.accepts = lambda request, _body: request.headers.get("Authorization") == wanted
        await client.ping()
        pbx.accepts = lambda request, _body: False
        with pytest.raises(VendorAuth):
            await client.ping()
    assert pbx.paths().count(LOGIN) == 1
