"""Dialling over real sockets: which request goes out, and that no failure makes a second call."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.accounts.model import PbxAccount, TokenCredential, TokenKind
from linedesk.clock import ManualClock
from linedesk.errors import (
    ConfigError,
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.client import WildixClient
from pbx.wildix_server import (
    COLLEAGUES,
    MAKE_CALL,
    ORIGINATE,
    ROUTE_MISSING,
    TOKEN,
    FakeWildix,
    client_of,
    fake_wildix,
)

ASK = DialRequest("201", "+390212345678")
LOOK = "Look at your phone"
SECRET_TAIL = "invented-for-tests"


async def failure(pbx: FakeWildix, request: DialRequest = ASK, **settings: Any) -> VendorError:
    async with client_of(pbx, **settings) as client:
        with pytest.raises(VendorError) as caught:
            await client.dial(request)
    assert SECRET_TAIL not in caught.value.message
    return caught.value


async def test_make_call_rings_the_extension_then_the_destination() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        accepted = await client.dial(ASK)
    assert accepted.route == "make-call"
    assert pbx.requests == [(MAKE_CALL, {"user": "201"}, {"destination": "+390212345678"})]
    assert pbx.placed == [("201", "+390212345678")]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, ROUTE_MISSING),
        (404, {"type": "result", "reason": "404 Not Found"}),
        (404, {"code": 404}),
        (200, ROUTE_MISSING),
        (200, {"type": "error", "reason": "404 Not Found"}),
    ],
)
async def test_route_missing_falls_back_to_originate_with_the_colleagues_dialplan(
    status: int, body: Any
) -> None:
    async with fake_wildix(
        colleagues=[{"id": 7, "name": "Luca", "extension": 201, "dialplan": "branch"}]
    ) as pbx:
        pbx.faults[MAKE_CALL] = pbx.says(body, status)
        async with client_of(pbx) as client:
            accepted = await client.dial(ASK)
            await client.dial(DialRequest("201", "*21#"))
    assert accepted.route == "originate"
    assert pbx.placed == [("Local/201@branch", "+390212345678"), ("Local/201@branch", "*21#")]
    sent = next(body for path, _, body in pbx.requests if path == ORIGINATE)
    assert sent == {
        "channel": "Local/201@branch",
        "context": "branch",
        "exten": "+390212345678",
        "priority": "1",
        "async": "true",
    }
    assert pbx.paths().count(COLLEAGUES) == 1


async def test_originate_uses_the_default_dialplan_when_colleagues_may_not_be_read() -> None:
    async with fake_wildix(has_v2=False) as pbx:
        pbx.faults[COLLEAGUES] = pbx.says({"type": "error", "reason": "Forbidden"}, 403)
        async with client_of(pbx) as client:
            await client.dial(ASK)
    assert pbx.placed == [("Local/201@users", "+390212345678")]


async def test_a_dialplan_that_would_change_the_channel_is_not_used() -> None:
    colleague = {"id": 7, "name": "L", "extension": "201", "dialplan": "users/n,evil"}
    async with fake_wildix(has_v2=False, colleagues=[colleague]) as pbx, client_of(pbx) as client:
        await client.dial(ASK)
    assert pbx.placed == [("Local/201@users", "+390212345678")]


async def test_neither_way_of_dialling_says_that_the_function_is_missing() -> None:
    async with fake_wildix(has_v2=False) as pbx:
        pbx.faults[ORIGINATE] = pbx.says(ROUTE_MISSING, 404)
        error = await failure(pbx)
    assert isinstance(error, VendorRouteMissing)
    assert pbx.placed == []


async def test_C08_a_pbx_that_hangs_is_asked_once() -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.hang
        error = await failure(pbx, timeout_s=0.3)
    assert isinstance(error, VendorTimeout)
    assert LOOK in error.remedy
    assert "The PBX acme" in error.message
    assert pbx.paths() == [MAKE_CALL]


async def test_C08_an_accepted_call_whose_answer_is_lost_is_not_dialled_again() -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.accept_and_lose_the_answer
        error = await failure(pbx)
    assert isinstance(error, VendorTimeout)
    assert LOOK in error.remedy
    assert pbx.placed == [("201", "+390212345678")]
    assert pbx.paths() == [MAKE_CALL]


async def test_C08_a_reset_in_mid_body_is_not_dialled_again() -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.break_in_mid_body
        error = await failure(pbx)
    assert isinstance(error, VendorTimeout)
    assert pbx.paths() == [MAKE_CALL]


async def test_a_pbx_that_is_down_is_known_not_to_call() -> None:
    async with fake_wildix() as pbx:
        pass
    error = await failure(pbx)
    assert type(error) is VendorUnreachable
    assert LOOK not in error.remedy


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({"type": "error", "reason": "Unauthorized", "result": None}, 401, VendorAuth, "refused the token"),
        ({"type": "error", "reason": "Unauthorized", "result": None}, 200, VendorAuth, "refused the token"),
        ("<html>log in</html>", 401, VendorAuth, "refused the token"),
        ({"message": "no right"}, 403, VendorForbidden, "no right"),
        ({"type": "error", "reason": "User not found", "code": 404}, 404, VendorNotFound, "User not found"),
        ({"type": "error", "reason": "Limit"}, 429, VendorBusy, "too many requests"),
        ({"type": "error", "reason": "Restart"}, 503, VendorBusy, "busy"),
        ({"message": "Carrier said 403"}, 400, VendorRefused, "Carrier said 403"),
        ({"type": "error", "reason": "No channel"}, 200, VendorRefused, "No channel"),
        ({"message": "bad", "errors": [{"message": "no device"}]}, 200, VendorRefused, "bad"),
        ({"type": "error", "reason": "Internal"}, 500, VendorError, "error of its own: Internal"),
        ("<html>bad gateway</html>", 502, VendorTimeout, "gateway"),
        ("<html>nginx</html>", 404, VendorGarbled, "HTTP 404"),
        ("<html>Welcome</html>", 200, VendorGarbled, "web page"),
        ('{"message": "Succ', 200, VendorGarbled, "damaged or cut off"),
        ('["ok"]', 200, VendorGarbled, "something else"),
    ],
)
async def test_each_bad_answer_is_one_clear_error_and_one_request(
    body: Any, status: int, kind: type[VendorError], words: str
) -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.says(body, status)
        error = await failure(pbx)
    assert type(error) is kind
    assert words in error.message
    assert "acme" in error.message
    assert pbx.paths() == [MAKE_CALL]


@pytest.mark.parametrize("body", ["<html>Welcome</html>", '{"mess'])
async def test_an_answer_that_is_neither_yes_nor_no_sends_the_agent_to_the_phone(body: str) -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.says(body)
        assert LOOK in (await failure(pbx)).remedy


async def test_an_empty_success_is_a_success() -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.says("", 204)
        async with client_of(pbx) as client:
            assert (await client.dial(ASK)).route == "make-call"


async def test_the_pbx_own_reason_is_one_short_plain_line_without_credentials() -> None:
    reason = f"bad \u202etoken\r\n {TOKEN} or Bearer abc <b>x</b>" + "y" * 500
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.says({"type": "error", "reason": reason}, 400)
        error = await failure(pbx)
    assert error.message.isprintable()
    assert len(error.message) < 260
    assert "(hidden) or (hidden) <b>x</b>" in error.message


async def test_redirects_are_not_followed() -> None:
    async with fake_wildix() as pbx:
        pbx.faults[MAKE_CALL] = pbx.says({}, 307, {"Location": f"{pbx.url}{MAKE_CALL}/"})
        error = await failure(pbx)
    assert isinstance(error, VendorGarbled)
    assert pbx.paths() == [MAKE_CALL]


async def test_a_wrong_token_is_an_auth_error() -> None:
    async with fake_wildix() as pbx:
        assert isinstance(await failure(pbx, token="access_other"), VendorAuth)
    assert pbx.placed == []


@pytest.mark.parametrize(
    "request_",
    [
        DialRequest("201@users/n", "+390212345678"),
        DialRequest("", "+390212345678"),
        DialRequest("201", "12,evil(1)"),
        DialRequest("201", ""),
        DialRequest("201", "02 1234"),
    ],
)
async def test_characters_with_a_meaning_in_a_channel_never_reach_the_pbx(request_: DialRequest) -> None:
    async with fake_wildix() as pbx:
        assert isinstance(await failure(pbx, request_), VendorRefused)
    assert pbx.requests == []


def test_a_token_with_a_line_end_is_refused_without_being_shown() -> None:
    credential = TokenCredential(TokenKind.SIMPLE, f"{TOKEN}\n")
    account = PbxAccount("acme", "https://pbx.example", NumberPlan("IT"), credential=credential)
    with pytest.raises(ConfigError) as caught:
        WildixClient.for_account(account, timeout_s=1, clock=ManualClock())
    assert SECRET_TAIL not in caught.value.message


def test_an_account_without_a_token_says_so() -> None:
    account = PbxAccount("acme", "https://pbx.example", NumberPlan("IT"))
    with pytest.raises(ConfigError, match="no token"):
        WildixClient.for_account(account, timeout_s=1, clock=ManualClock())
