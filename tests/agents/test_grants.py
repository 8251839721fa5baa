"""Agents' own grants: sealed, renewed once however many dial, and never a second call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import pytest
from cryptography.fernet import Fernet

from demo.rig import Rig, rig
from linedesk.accounts.model import OAuthClient, PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.agents.grants import OWN_REFUSED, SIGN_IN_AGAIN, Grants, OwnDial
from linedesk.agents.model import Agent
from linedesk.agents.write import sign_out
from linedesk.clock import ManualClock
from linedesk.errors import NotSignedIn, VendorError
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import DialRequest
from linedesk.pbx.lines import Lines
from linedesk.pbx.wildix.oauth import Grant
from linedesk.store import agents
from linedesk.store import grants as rows
from linedesk.store.database import Database

AddAgent = Callable[..., Awaitable[Agent]]
ASK = DialRequest("201", "+390212345678")
LIFE_S = 3600


@dataclass
class Phones:
    """Grants over a real database and the simulated PBX; `account` is what the service knows now."""

    grants: Grants
    account: PbxAccount
    pbx: Rig
    books: Database
    agent: Agent
    keys: list[str]

    async def consented(self) -> Grant:
        """A grant as a consent gives it."""
        made = await self.pbx.sim("POST", "tokens", {"kind": "oauth", "extension": "201"})
        ends_ms = self.pbx.clock.now_ms() + LIFE_S * 1000
        return Grant(made["token"], made["refresh_token"], ends_ms)

    async def keep(self) -> None:
        await self.grants.keep(self.agent.id, self.account, await self.consented())

    async def dial(self) -> OwnDial:
        return await self.grants.dial(self.agent.id, "office", ASK)

    async def stored(self) -> bytes | None:
        return await self.books.read(lambda c: rows.get(c, self.agent.id, "office"))

    def again(self) -> Grants:
        """The grants as another start of the service has them."""
        accounts = cast("Accounts", SimpleNamespace(all_pbx=lambda: (self.account,)))
        lines = Lines(accounts, timeout_s=5, loopback=True, clock=self.pbx.clock)
        return Grants(
            self.books,
            Vault(self.keys),
            self.pbx.clock,
            account_of=lambda _name: self.account,
            open_client=lines.for_agent,
        )


@asynccontextmanager
async def phones_of(books: Database, clock: ManualClock, agent: Agent) -> AsyncIterator[Phones]:
    async with rig(clock=clock) as pbx:
        app = await pbx.sim("POST", "oauth", {"redirect_uris": []})
        account = PbxAccount(
            "office",
            pbx.pbx.url,
            NumberPlan("IT"),
            sign_in=OAuthClient(app["client_id"], app["client_secret"]),
            requests_per_s=1000,
        )
        made = Phones(cast("Grants", None), account, pbx, books, agent, [Fernet.generate_key().decode()])
        made.grants = made.again()
        yield made
        await made.grants.close()


@pytest.fixture
async def phones(books: Database, clock: ManualClock, add_agent: AddAgent) -> AsyncIterator[Phones]:
    agent = await add_agent("luca", account="office", extension="201")
    async with phones_of(books, clock, agent) as made:
        yield made


async def test_an_agent_without_a_grant_dials_with_the_accounts_credential(phones: Phones) -> None:
    assert await phones.dial() == OwnDial()
    assert phones.pbx.state.calls == {}


async def test_a_grant_dials_as_the_agent_also_after_a_restart(phones: Phones) -> None:
    await phones.keep()
    phones.grants = phones.again()
    done = await phones.dial()
    assert done.accepted is not None
    assert (done.accepted.route, done.notice) == ("make-call", None)
    assert len(phones.pbx.state.calls) == 1


async def test_nothing_readable_is_stored(phones: Phones) -> None:
    grant = await phones.consented()
    await phones.grants.keep(phones.agent.id, phones.account, grant)
    sealed = await phones.stored()
    assert sealed is not None
    assert grant.access_token.encode() not in sealed
    other = Vault(phones.keys)
    with pytest.raises(Exception, match="belong to"):
        other.unseal("grant of someone-else on office", sealed)


async def test_one_refresh_for_twenty_dials_at_once_and_its_rotation_is_stored(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of them at once on the wire, or the places would let them through one by one.
    monkeypatch.setattr("linedesk.pbx.wildix.exchange.AT_ONCE", 20)
    await phones.keep()
    before = set(phones.pbx.state.doors.refreshes)
    sealed = await phones.stored()
    phones.pbx.clock.advance(LIFE_S)
    done = await asyncio.gather(*(phones.dial() for _ in range(20)))
    assert all(each.accepted is not None for each in done)
    # One rotation takes one token away and adds one; a second one would have been refused.
    after = set(phones.pbx.state.doors.refreshes)
    assert (len(before - after), len(after - before)) == (1, 1)
    assert await phones.stored() != sealed
    phones.grants = phones.again()
    assert (await phones.dial()).accepted is not None


async def test_a_revoked_grant_is_dropped_and_the_agent_is_asked_once(phones: Phones) -> None:
    await phones.keep()
    phones.pbx.state.doors.refreshes.clear()
    phones.pbx.clock.advance(LIFE_S)
    assert await phones.dial() == OwnDial(notice=SIGN_IN_AGAIN)
    assert await phones.stored() is None
    assert await phones.dial() == OwnDial()
    assert phones.pbx.state.calls == {}


async def test_a_wrong_application_secret_keeps_the_grant_and_is_told(phones: Phones) -> None:
    await phones.keep()
    right = phones.account
    assert right.sign_in is not None
    phones.account = replace(right, sign_in=OAuthClient(right.sign_in.client_id, "wrong"))
    phones.pbx.clock.advance(LIFE_S)
    assert await phones.dial() == OwnDial(notice=OWN_REFUSED)
    assert phones.pbx.state.calls == {}
    phones.account = right
    assert (await phones.dial()).accepted is not None


async def test_a_grant_goes_to_no_other_pbx(phones: Phones) -> None:
    await phones.keep()
    phones.account = replace(phones.account, url="http://127.0.0.1:9")
    assert await phones.dial() == OwnDial(notice=SIGN_IN_AGAIN)


async def test_C08_a_call_that_may_ring_is_not_dialled_again(phones: Phones) -> None:
    await phones.keep()
    await phones.pbx.switch(api_fault="drop-after-accept", api_fault_paths=["/api/v2/call-control"])
    with pytest.raises(VendorError):
        await phones.dial()
    assert len(phones.pbx.state.calls) == 1


async def test_an_old_pbx_rings_the_tokens_user(phones: Phones) -> None:
    await phones.keep()
    await phones.pbx.switch(v2_absent=True)
    done = await phones.dial()
    assert done.accepted is not None
    assert done.accepted.route == "originate-call"


async def test_signing_out_everywhere_and_removal_end_the_grant(phones: Phones) -> None:
    await phones.keep()
    assert (await phones.dial()).accepted is not None
    await phones.books.write(lambda c: sign_out(c, phones.agent.id))
    assert await phones.dial() == OwnDial()
    await phones.keep()
    await phones.books.write(lambda c: agents.remove(c, phones.agent.id))
    assert await phones.stored() is None
    with pytest.raises(NotSignedIn):
        await phones.keep()


async def test_a_grant_that_ended_during_its_refresh_does_not_come_back(phones: Phones) -> None:
    await phones.keep()
    assert (await phones.dial()).accepted is not None
    held = next(iter(phones.grants._open.values()))
    await phones.books.write(lambda c: sign_out(c, phones.agent.id))
    phones.pbx.clock.advance(LIFE_S)
    with pytest.raises(VendorError, match="ended meanwhile"):
        await held.client.dial(ASK)
    assert await phones.stored() is None


async def test_the_client_of_a_grant_that_is_gone_is_closed(phones: Phones) -> None:
    await phones.keep()
    await phones.dial()
    held = next(iter(phones.grants._open.values()))
    await phones.books.write(lambda c: sign_out(c, phones.agent.id))
    await phones.grants.recheck()
    with pytest.raises(VendorError, match="changed or removed"):
        await held.client.dial(ASK)


async def test_a_new_sign_in_takes_the_place_of_the_old_grant(phones: Phones) -> None:
    await phones.keep()
    await phones.dial()
    phones.pbx.state.doors.refreshes.clear()
    await phones.keep()
    phones.pbx.clock.advance(LIFE_S)
    assert (await phones.dial()).accepted is not None


async def test_a_new_key_takes_over_the_grants_of_the_old_one(phones: Phones) -> None:
    await phones.keep()
    old = phones.keys[0]
    phones.keys.insert(0, Fernet.generate_key().decode())
    assert await phones.again().reseal() == 1
    phones.keys.remove(old)
    phones.grants = phones.again()
    assert (await phones.dial()).accepted is not None
    phones.keys[:] = [old]
    phones.grants = phones.again()
    assert await phones.grants.reseal() == 0
    assert await phones.dial() == OwnDial(notice=SIGN_IN_AGAIN)
