"""The client against the simulated PBX, which others built from the same wire page without its code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.rig import Rig, rig
from linedesk.accounts.model import (
    ApplicationCredential,
    Credential,
    OAuthClient,
    PasswordCredential,
    PbxAccount,
    SignedCredential,
    TokenCredential,
    TokenKind,
)
from linedesk.addresses import Reach
from linedesk.calls.model import LegStatus, Telephony
from linedesk.errors import (
    ListingBroken,
    VendorAuth,
    VendorForbidden,
    VendorNotFound,
    VendorRouteMissing,
)
from linedesk.net import HttpClient
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import DialRequest
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.ids import ContactId, PhonebookId
from linedesk.pbx.wildix.oauth import Grant, authorize_url, exchange_code
from pbx.wildix_server import free_traffic

BACK = "http://127.0.0.1:8420/sign-in/wildix"
ASK = DialRequest("201", "+12125550142")


def nothing(done: int, total: int | None) -> None:
    """No one watches."""


@asynccontextmanager
async def client(pbx: Rig, credential: Credential | None = None) -> AsyncIterator[WildixClient]:
    credential = credential or TokenCredential(TokenKind.SIMPLE, pbx.token)
    account = PbxAccount(
        "office", pbx.pbx.url, NumberPlan("US"), credential=credential, cloud_url=pbx.pbx.url
    )
    made = WildixClient.for_account(
        account, timeout_s=5, clock=pbx.clock, loopback=True, traffic=free_traffic()
    )
    try:
        yield made
    finally:
        await made.close()


async def credential_of(pbx: Rig, kind: str) -> Credential:
    wish: dict[str, Any] = {"kind": kind}
    match kind:
        case "company":
            made = await pbx.sim("POST", "tokens", {**wish, "scopes": ["pbx:*", "stream:read"]})
            return TokenCredential(TokenKind.COMPANY, made["token"])
        case "s2s":
            made = await pbx.sim("POST", "tokens", wish)
            return SignedCredential(made["app_id"], made["name"], made["secret"])
        case "oauth":
            app = await pbx.sim("POST", "oauth", {"redirect_uris": [BACK]})
            made = await pbx.sim("POST", "tokens", {**wish, "extension": "100"})
            return ApplicationCredential(app["client_id"], app["client_secret"], made["refresh_token"])
        case "password":
            made = await pbx.sim("POST", "tokens", {**wish, "extension": "100"})
            return PasswordCredential(made["login"], made["password"])
        case _:
            return TokenCredential(TokenKind.SIMPLE, pbx.token)


async def book_of(pbx: Rig, count: int) -> PhonebookId:
    contacts = [{"name": f"Contact {n}", "office": f"+3902{n:06}"} for n in range(count)]
    return PhonebookId.of((await pbx.sim("POST", "phonebooks", {"name": "Ours", "contacts": contacts}))["id"])


@pytest.mark.parametrize("kind", ["simple", "company", "s2s", "oauth", "password"])
async def test_every_kind_of_credential_does_everything_it_may(kind: str) -> None:
    async with rig() as pbx, client(pbx, await credential_of(pbx, kind)) as wildix:
        book = await book_of(pbx, 3)
        me = await wildix.me()
        assert (me.extension is None) == (kind in {"company", "s2s"})
        assert me.admin
        assert await wildix.version()
        await wildix.ping()
        assert "201" in {each.extension for each in await wildix.colleagues()}
        assert (await wildix.probe("201")).available
        made = await wildix.contacts.create(book, {"name": "Ada + Co", "mobile": "+393331234567"})
        await wildix.contacts.update(ContactId.of(made), {"email": "ada@example.test"})
        back = await wildix.contacts.get(ContactId.of(made))
        assert (back.fields["name"], back.fields["mobile"]) == ("Ada + Co", "+393331234567")
        assert back.fields["email"] == "ada@example.test"
        assert [each.id for each in await wildix.contacts.find(book, "mobile", "+393331234567")] == [made]
        await wildix.contacts.delete(ContactId.of(made))
        assert len(await wildix.contacts.scan(book, nothing)) == 3
        assert (await wildix.dial(ASK)).route == "make-call"


async def test_a_ringing_call_is_seen_by_presence_and_by_the_list_of_calls() -> None:
    async with rig() as pbx, client(pbx, await credential_of(pbx, "company")) as wildix:
        await pbx.place("+12125550142", "201")
        await pbx.after(1)
        assert (await wildix.presences(["201", "202", "999"])) == {
            "201": Telephony.RINGING,
            "202": Telephony.REGISTERED,
        }
        for shape, spelling in (("calls", "lower"), ("result", "upper")):
            await pbx.switch(list_calls_shape=shape, state_spelling=spelling, list_devices_shape="result")
            (call,) = await wildix.live_calls("201")
            assert (call.status, call.caller) == (LegStatus.RINGING, "+12125550142")
        assert await wildix.devices("201")
        await pbx.switch(cloud_absent=True)
        with pytest.raises(VendorRouteMissing):
            await wildix.presences(["201"])


async def test_a_simple_token_does_not_reach_the_cloud() -> None:
    async with rig() as pbx, client(pbx) as wildix:
        with pytest.raises(VendorAuth):
            await wildix.presences(["201"])


async def test_an_old_pbx_is_dialled_the_older_way() -> None:
    async with rig() as pbx, client(pbx) as wildix:
        await pbx.switch(v2_absent=True)
        assert not (await wildix.probe("201")).available
        assert (await wildix.dial(ASK)).route == "originate"
        assert len(pbx.state.calls) == 1


async def test_a_person_consents_and_the_agents_own_token_dials() -> None:
    async with rig() as pbx:
        app = await pbx.sim("POST", "oauth", {"redirect_uris": [BACK]})
        address = authorize_url(pbx.pbx.url, app["client_id"], BACK, "s 1")
        form = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        async with pbx.http.post(
            address.partition("?")[0],
            data={**form, "extension": "201", "answer": "allow"},
            allow_redirects=False,
        ) as consent:
            came = parse_qs(urlsplit(consent.headers["Location"]).query)
        assert came["state"] == ["s 1"]
        application = OAuthClient(app["client_id"], app["client_secret"])
        http = HttpClient(pbx.pbx.url, who="The PBX office", timeout_s=5, reach=Reach(loopback=True))
        grant = await exchange_code(http, application, came["code"][0], BACK, clock=pbx.clock)
        await http.close()

        kept: list[Grant] = []

        async def on_grant(grant: Grant) -> None:
            kept.append(grant)

        account = PbxAccount("office", pbx.pbx.url, NumberPlan("US"), sign_in=application)
        agent = WildixClient.for_agent(
            account,
            grant,
            timeout_s=5,
            clock=pbx.clock,
            loopback=True,
            on_grant=on_grant,
            traffic=free_traffic(),
        )
        assert (await agent.me()).extension == "201"
        pbx.clock.advance(3_599)
        assert (await agent.dial(ASK)).route == "make-call"
        await pbx.switch(v2_absent=True)
        assert (await agent.dial(ASK)).route == "originate-call"
        await agent.close()
        assert len(pbx.state.calls) == 2
        assert [each.refresh_token != grant.refresh_token for each in kept] == [True]


@pytest.mark.parametrize("kind", ["usual", "string", "number", "mixed"])
async def test_a_book_of_several_pages_is_read_whole(kind: str) -> None:
    async with rig() as pbx, client(pbx) as wildix:
        book = await book_of(pbx, 233)
        await pbx.switch(total_as=kind, ids_as=kind, count_max=40)
        found = await wildix.contacts.scan(book, nothing)
    assert sorted(each.fields["name"] for each in found) == sorted(f"Contact {n}" for n in range(233))


@pytest.mark.parametrize("fault", ["repeat", "skip-row", "empty", "total-low", "total-high"])
async def test_S12_pages_that_are_wrong_are_never_a_whole_book(fault: str) -> None:
    async with rig() as pbx, client(pbx) as wildix:
        book = await book_of(pbx, 233)
        await pbx.switch(page_fault=fault)
        try:
            found = await wildix.contacts.scan(book, nothing)
        except ListingBroken:
            return
        assert len(found) == 233


async def test_S12_edits_between_pages_hide_no_contact_that_stayed() -> None:
    async with rig() as pbx, client(pbx) as wildix:
        book = await book_of(pbx, 233)
        before = [int(each.id) for each in await wildix.contacts.scan(book, nothing)]
        edits = [{"op": "delete", "id": before[n]} for n in range(30)]
        edits += [{"op": "insert", "fields": {"name": "New"}}, {"op": "update", "id": before[99]}]
        await pbx.sim("POST", f"phonebooks/{book}/edits", {"after": 1, "edits": edits})
        found = [int(each.id) for each in await wildix.contacts.scan(book, nothing)]
    assert set(before[30:]) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("stamp", ["datetime", "epoch_s", "epoch_ms", "iso"])
async def test_what_changed_lately_is_found_in_every_form_of_stamp(stamp: str) -> None:
    async with rig() as pbx, client(pbx) as wildix:
        book = await book_of(pbx, 150)
        await pbx.switch(last_update_as=stamp)
        pbx.clock.advance(3600)
        now_ms = pbx.clock.now_ms()
        made = await wildix.contacts.create(book, {"name": "Late"})
        found = await wildix.contacts.changed_since(book, now_ms, 2_000)
    assert [each.id for each in found] == [made]
    assert found[0].modified_ms == now_ms // 1000 * 1000


async def test_refusals_of_the_phonebook_are_told_as_they_are() -> None:
    async with rig() as pbx, client(pbx) as wildix:
        with pytest.raises(VendorNotFound):
            await wildix.contacts.scan(PhonebookId.of("9999"), nothing)
        reader = await pbx.sim("POST", "tokens", {"kind": "company", "scopes": ["phonebooks:read"]})
        book = await book_of(pbx, 1)
        async with client(pbx, TokenCredential(TokenKind.COMPANY, reader["token"])) as reading:
            assert len(await reading.contacts.scan(book, nothing)) == 1
            with pytest.raises(VendorForbidden):
                await reading.contacts.create(book, {"name": "Ada"})
        names = {each.name: each for each in await wildix.phonebooks.list()}
        made = await wildix.phonebooks.create("A new book")
    assert names["Ours"].shared
    assert names["Ours"].sync_interval == 0
    assert made.name == "A new book"
