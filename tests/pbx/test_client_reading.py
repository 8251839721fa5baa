"""What the client reads besides contacts: who it is, versions, calls, devices, presences."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.accounts.model import PasswordCredential, TokenCredential, TokenKind
from linedesk.calls.model import LegStatus, Telephony
from linedesk.errors import (
    VendorAuth,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRouteMissing,
    VendorUnreachable,
)
from linedesk.pbx.base import LiveCall, Me
from linedesk.pbx.wildix.callcontrol import LIST_CALLS, LIST_DEVICES, CallControl, Device
from linedesk.pbx.wildix.people import INFO, VERSION
from linedesk.pbx.wildix.presence import QUERY
from pbx.wildix_server import COLLEAGUES, ROUTE_MISSING, TOKEN, FakeWildix, client_of, fake_wildix

KEY = TokenCredential(TokenKind.COMPANY, TOKEN)
USERS = TokenCredential(TokenKind.SIMPLE, TOKEN)
FORBIDDEN = {"type": "error", "reason": "Scope callcontrol:read is missing"}
LUCA = {"id": 31, "name": "Luca Agent", "extension": 201, "email": "Luca@X.test", "role": "user"}
RINGING = {
    "sipCallId": "5c7f@10.0.0.5",
    "callerNumber": "+393331234567",
    "callerName": "Ada \u202eExample",
    "calleeNumber": 201,
    "calleeName": None,
    "state": "Ringing",
    "duration": "0",
}


def is_luca(pbx: FakeWildix, **fields: Any) -> None:
    pbx.faults[INFO] = pbx.says({"type": "result", "result": {**LUCA, **fields}})


@pytest.mark.parametrize("wrapped", [LUCA, [LUCA], {"total": 1, "records": [LUCA]}])
async def test_a_token_says_whose_it_is(wrapped: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=USERS) as client:
        pbx.faults[INFO] = pbx.says({"type": "result", "result": wrapped})
        assert await client.me() == Me("Luca Agent", "201", "luca@x.test", "31", role="user")


async def test_an_administrator_is_known_by_the_role() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=USERS) as client:
        is_luca(pbx, role="Admin")
        assert (await client.me()).admin


async def test_a_company_key_is_nobodys() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=KEY) as client:
        assert await client.me() == Me("company API key", None, admin=True)
        pbx.accepts = lambda request, body: False
        with pytest.raises(VendorAuth):
            await client.me()


async def test_an_answer_that_names_nobody_is_garbled() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=USERS) as client:
        pbx.faults[INFO] = pbx.says({"type": "result", "result": {}})
        with pytest.raises(VendorGarbled, match="whose token"):
            await client.me()


async def test_a_ping_is_well_when_the_credential_is_known_though_it_may_not_list() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        await client.ping()
        pbx.faults[COLLEAGUES] = pbx.says(FORBIDDEN, 403)
        await client.ping()
        pbx.accepts = lambda request, body: False
        with pytest.raises(VendorAuth):
            await client.ping()


@pytest.mark.parametrize(
    ("body", "status", "version"),
    [
        ({"type": "result", "result": "7.01.20250929.2"}, 200, "7.01.20250929.2"),
        ({"type": "result", "result": {"version": "WMS 7.09.1"}}, 200, "7.09.1"),
        ({"version": "6.03"}, 200, "6.03"),
        ({"type": "result", "result": None}, 200, None),
        (ROUTE_MISSING, 404, None),
        ({"type": "error", "reason": "Not found", "code": 404}, 404, None),
        (FORBIDDEN, 403, None),
    ],
)
async def test_a_version_is_told_in_several_forms_or_not_at_all(
    body: Any, status: int, version: str | None
) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[VERSION] = pbx.says(body, status)
        assert await client.version() == version


@pytest.mark.parametrize("wrap", [lambda calls: {"calls": calls}, lambda calls: {"result": {"calls": calls}}])
async def test_live_calls_come_in_both_shapes(wrap: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[LIST_CALLS] = pbx.says(wrap([RINGING, {"state": "no id"}, "x", None]))
        calls = await client.live_calls("201")
        pbx.faults[LIST_CALLS] = pbx.says(wrap([]))
        assert await client.live_calls("201") == ()
    assert calls == (
        LiveCall("5c7f@10.0.0.5", "+393331234567", "Ada Example", "201", "", LegStatus.RINGING, 0),
    )
    assert pbx.requests[0][1] == {"user": "201"}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("ringing", LegStatus.RINGING),
        ("CONNECTED", LegStatus.TALKING),
        ("Talking", LegStatus.TALKING),
        ("on-hold", LegStatus.HOLD),
        ("ON_HOLD", LegStatus.HOLD),
        ("onHold", LegStatus.HOLD),
        ("teleporting", LegStatus.UNKNOWN),
        (None, LegStatus.UNKNOWN),
        (7, LegStatus.UNKNOWN),
    ],
)
async def test_the_state_of_a_call_is_read_in_any_spelling(state: Any, status: LegStatus) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[LIST_CALLS] = pbx.says({"calls": [{**RINGING, "state": state}]})
        assert (await client.live_calls("201"))[0].status is status


async def test_live_calls_on_an_old_pbx_are_a_missing_route_and_without_a_list_garbled() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        with pytest.raises(VendorRouteMissing):
            await client.live_calls("201")
        pbx.faults[LIST_CALLS] = pbx.says({"message": "Success"})
        with pytest.raises(VendorGarbled, match="list of calls"):
            await client.live_calls("201")


async def test_the_devices_of_a_user_with_the_active_one() -> None:
    devices = [{"contact": "WP820-AA", "userAgent": "WP820", "active": False}, {"contact": "Web"}, {}]
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[LIST_DEVICES] = pbx.says({"devices": devices, "activeDevice": {"contact": "Web"}})
        assert await client.devices("201") == (Device("WP820-AA", "WP820", False), Device("Web", "", True))


DEVICES: dict[str, Any] = {"devices": []}
GONE = {"type": "error", "reason": "User not found", "code": 404}


@pytest.mark.parametrize(
    ("body", "status", "me", "available", "for_others"),
    [
        (DEVICES, 200, {"role": "admin", "extension": 100}, True, True),
        (DEVICES, 200, {"role": "user", "extension": 100}, True, False),
        (DEVICES, 200, {"role": None, "extension": 100}, True, None),
        (DEVICES, 200, {"role": "user"}, True, None),
        (ROUTE_MISSING, 404, {}, False, False),
        (FORBIDDEN, 403, {"extension": 100}, True, False),
        (FORBIDDEN, 403, {}, False, False),
        (GONE, 404, {}, True, None),
        ({"message": "no such channel"}, 400, {}, True, None),
    ],
)
async def test_a_probe_shows_what_the_credential_may_do(
    body: Any, status: int, me: dict[str, Any], available: bool, for_others: bool | None
) -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=USERS) as client:
        is_luca(pbx, **me)
        pbx.faults[LIST_DEVICES] = pbx.says(body, status)
        found = await client.probe("201")
    assert (found.available, found.for_others) == (available, for_others)
    assert bool(found.reason) == (body is not DEVICES or for_others is False)
    assert pbx.paths().count(LIST_DEVICES) == 1


async def test_a_company_key_may_act_for_others() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=KEY) as client:
        pbx.faults[LIST_DEVICES] = pbx.says(DEVICES)
        assert await client.probe("201") == CallControl(True, True)
        pbx.faults[LIST_DEVICES] = pbx.says("<html>", 500)
        with pytest.raises(VendorError):
            await client.probe("201")


def cloud(pbx: FakeWildix) -> None:
    """Extension n: even ones talk, those with a 7 ring, the rest is registered; 404 is unknown."""

    async def answer(request: Any) -> Any:
        asked = [each["extension"] for each in pbx.requests[-1][2]["filter"]]
        rows = [
            {
                "extension": int(each) if each == "202" else each,
                "telephony": "RINGING" if "7" in each else "TALKING" if int(each) % 2 == 0 else "REGISTERED",
            }
            for each in asked
            if each != "404"
        ]
        return await pbx.says({"presences": [*rows, {"extension": "999", "telephony": "RINGING"}, None]})(
            request
        )

    pbx.faults[QUERY] = answer


async def test_presences_come_500_a_request_and_unknown_users_are_left_out() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        cloud(pbx)
        found = await client.presences([str(n) for n in range(200, 1000)] + ["202"])
    assert len(pbx.requests) == 2
    assert len(pbx.requests[0][2]["filter"]) == 500
    assert len(found) == 799
    assert (found["201"], found["202"], found["207"]) == (
        Telephony.REGISTERED,
        Telephony.TALKING,
        Telephony.RINGING,
    )
    assert "404" not in found


async def test_presences_of_nobody_ask_nothing() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        assert await client.presences([]) == {}
    assert pbx.requests == []


async def test_another_telephony_status_is_other_and_no_list_is_garbled() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[QUERY] = pbx.says({"presences": [{"extension": "201", "telephony": "RT"}]})
        assert await client.presences(["201"]) == {"201": Telephony.OTHER}
        pbx.faults[QUERY] = pbx.says({"message": "x"})
        with pytest.raises(VendorGarbled):
            await client.presences(["201"])


async def test_the_key_header_is_the_second_spelling_in_the_cloud_and_is_kept_when_it_works() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=KEY) as client:
        cloud(pbx)
        pbx.accepts = lambda request, body: request.headers.get("X-API-KEY") == TOKEN
        for _ in range(2):
            assert await client.presences(["201"]) == {"201": Telephony.REGISTERED}
    assert [header.get("Authorization") for header in pbx.headers] == [f"Bearer {TOKEN}", None, None]


async def test_a_token_that_does_not_reach_the_cloud_says_which_one_does() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.accepts = lambda request, body: False
        with pytest.raises(VendorAuth, match="cloud of acme") as caught:
            await client.presences(["201"])
        assert "company API key" in caught.value.remedy
        assert len(pbx.requests) == 2
        pbx.accepts = lambda request, body: True
        pbx.faults[QUERY] = pbx.says({"message": "ForbiddenException"}, 403)
        with pytest.raises(VendorForbidden):
            await client.presences(["201"])


async def test_a_password_is_none_of_the_clouds() -> None:
    async with fake_wildix() as pbx, client_of(pbx, credential=PasswordCredential("201", "x")) as client:
        with pytest.raises(VendorAuth, match="cloud"):
            await client.presences(["201"])
    assert pbx.requests == []


async def test_a_closed_client_says_that_the_account_changed() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        await client.close()
        with pytest.raises(VendorUnreachable, match="changed or removed"):
            await client.live_calls("201")
    assert pbx.requests == []


async def test_the_sentences_begin_with_the_name_of_the_account() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        assert client.who == "The PBX acme"
        assert client.account == "acme"
        pbx.faults[LIST_CALLS] = pbx.says(GONE, 404)
        with pytest.raises(VendorNotFound, match=r"^The PBX acme"):
            await client.live_calls("201")
