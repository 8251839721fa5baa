"""For whom a credential acts: a PBX that quietly takes the token's own user is never asked for another."""

from __future__ import annotations

from typing import Any

import pytest

from demo.rig import rig
from linedesk.accounts.model import PbxAccount, TokenCredential, TokenKind
from linedesk.clock import ManualClock
from linedesk.errors import VendorForbidden, VendorUnreachable
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.callcontrol import LIST_CALLS
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.people import INFO
from pbx.wildix_server import (
    MAKE_CALL,
    ORIGINATE_CALL,
    ROUTE_MISSING,
    FakeWildix,
    client_of,
    fake_wildix,
    free_traffic,
)

LUCA = {"id": 31, "name": "Luca Agent", "extension": "201", "role": "user"}
SIMPLE = TokenKind.SIMPLE
MIA = DialRequest("202", "+390212345678")
NO_CALLS: dict[str, Any] = {"calls": []}


def owned_by(pbx: FakeWildix, **fields: Any) -> None:
    pbx.faults[INFO] = pbx.says({"type": "result", "result": {**LUCA, **fields}})
    pbx.faults[LIST_CALLS] = pbx.says(NO_CALLS)


@pytest.mark.parametrize("user_param", ["ignore", "refuse"])
async def test_C12_a_users_token_shows_no_calls_of_its_own_user_as_those_of_another(user_param: str) -> None:
    async with rig() as pbx:
        await pbx.switch(user_param=user_param)
        made = await pbx.sim("POST", "tokens", {"kind": "simple", "extension": "201"})
        token = TokenCredential(SIMPLE, made["token"])
        client = WildixClient.for_account(
            PbxAccount("office", pbx.pbx.url, NumberPlan("GB"), credential=token, cloud_url=pbx.pbx.url),
            timeout_s=5,
            clock=pbx.clock,
            loopback=True,
            traffic=free_traffic(),
        )
        await pbx.sim("POST", "calls", {"from": "+442079460018", "to": "201"})
        await pbx.after(1)
        assert len(await client.live_calls("201")) == 1
        with pytest.raises(VendorForbidden, match=r"extension 201, who is no administrator.* extension 202"):
            await client.live_calls("202")
        with pytest.raises(VendorForbidden):
            await client.dial(MIA)
        assert len(pbx.state.calls) == 1, "Luca's phone would ring for Mia's click"
        assert (await client.dial(DialRequest("201", "+390212345678"))).route == "make-call"
        await client.close()


async def test_a_users_token_dials_for_its_own_user_in_the_older_way_too() -> None:
    async with fake_wildix(has_v2=False) as pbx, client_of(pbx, kind=SIMPLE) as client:
        owned_by(pbx)
        assert (await client.dial(DialRequest("201", "+390212345678"))).route == "originate-call"
    assert pbx.placed == [("me", "+390212345678")]
    assert pbx.paths() == [INFO, MAKE_CALL, ORIGINATE_CALL]


@pytest.mark.parametrize("fields", [{"role": "Admin"}, {"role": None}, {"extension": None}])
async def test_an_administrator_and_an_owner_who_is_not_told_act_for_others(fields: dict[str, Any]) -> None:
    async with fake_wildix() as pbx, client_of(pbx, kind=SIMPLE) as client:
        owned_by(pbx, **fields)
        await client.dial(MIA)
        await client.live_calls("203")
    assert pbx.placed == [("202", "+390212345678")]
    assert pbx.paths().count(INFO) == 1


async def test_where_the_pbx_has_no_such_question_the_account_is_taken_as_it_was_meant() -> None:
    async with fake_wildix() as pbx, client_of(pbx, kind=SIMPLE) as client:
        pbx.faults[INFO] = pbx.says(ROUTE_MISSING, 404)
        await client.dial(MIA)
    assert pbx.placed == [("202", "+390212345678")]


async def test_C08_a_question_without_an_answer_dials_nothing_and_speaks_of_no_phone() -> None:
    async with fake_wildix() as pbx, client_of(pbx, kind=SIMPLE, timeout_s=0.2) as client:
        pbx.faults[INFO] = pbx.hang
        with pytest.raises(VendorUnreachable) as caught:
            await client.dial(MIA)
    assert "ringing" not in caught.value.remedy
    assert MAKE_CALL not in pbx.paths()


async def test_a_new_right_is_seen_after_ten_minutes_also_when_the_clock_is_set_back() -> None:
    clock = ManualClock()
    async with fake_wildix() as pbx, client_of(pbx, kind=SIMPLE, clock=clock) as client:
        for step_s in (600, -7200):
            owned_by(pbx)
            clock.advance(step_s)
            with pytest.raises(VendorForbidden):
                await client.dial(MIA)
            owned_by(pbx, role="admin")
            with pytest.raises(VendorForbidden):
                await client.dial(MIA)
            clock.advance(601)
            await client.dial(MIA)
    assert len(pbx.placed) == 2
