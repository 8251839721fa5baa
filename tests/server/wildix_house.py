"""The server, the simulated PBX with its OAuth application, and a browser that goes to and fro."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet

from demo.rig import Rig, rig
from linedesk.accounts.model import OAuthClient, PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.agents.grants import Grants
from linedesk.agents.model import Agent
from linedesk.agents.wildix_sign_in import WildixSignIn
from linedesk.clock import ManualClock
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.lines import Lines
from linedesk.store import grants as rows
from linedesk.store.database import Database
from linedesk.store.grants import GrantRow
from server.browser import Browser, Got
from server.house import House, open_house

DONE = "/sign-in/wildix/done"


@dataclass
class WildixHouse:
    """`accounts` are what the service knows; the PBX and the service share one clock."""

    house: House
    pbx: Rig
    grants: Grants
    books: Database
    accounts: list[PbxAccount]

    async def stored(self) -> list[GrantRow]:
        return await self.books.read(rows.all_grants)

    async def leave(self, browser: Browser, query: str = "?account=office") -> dict[str, str]:
        """Begin, and answer what the PBX's consent page is asked with."""
        answer = await browser.get(f"/sign-in/wildix{query}")
        assert answer.status == 302, answer.text
        address = answer.headers["Location"]
        assert address.startswith(f"{self.pbx.pbx.url}/authorization/oauth2?")
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    async def consent(self, asked: dict[str, str], extension: str = "201", answer: str = "allow") -> str:
        """What the person says on the PBX's page; answers the path that the browser is sent back to."""
        url = f"{self.pbx.pbx.url}/authorization/oauth2"
        form = {**asked, "extension": extension, "answer": answer}
        async with self.pbx.http.post(url, data=form, allow_redirects=False) as reply:
            assert reply.status == 302, await reply.text()
            back = reply.headers["Location"]
        assert back.startswith(self.house.base + DONE + "?")
        return back.removeprefix(self.house.base)

    async def sign_in(self, browser: Browser, extension: str = "201", query: str = "?account=office") -> Got:
        return await browser.get(await self.consent(await self.leave(browser, query), extension))


@asynccontextmanager
async def wildix_house(folder: Path, **settings: Any) -> AsyncIterator[WildixHouse]:
    known: list[PbxAccount] = []
    made: list[tuple[Grants, Lines, Database]] = []

    def wildix_of(books: Database, clock: ManualClock, agents: dict[str, Agent]) -> WildixSignIn:
        accounts = cast("Accounts", SimpleNamespace(all_pbx=lambda: tuple(known)))
        lines = Lines(accounts, timeout_s=5, loopback=True, clock=clock)
        vault = Vault([Fernet.generate_key().decode()])
        grants = Grants(
            books,
            vault,
            clock,
            account_of=lambda name: next((each for each in known if each.name == name), None),
            open_client=lines.for_agent,
        )
        made.append((grants, lines, books))
        return WildixSignIn(
            clock,
            grants,
            accounts=lambda: known,
            agents=lambda: list(agents.values()),
            grant_for=lines.grant_for,
            open_client=lines.for_agent,
        )

    async with (
        open_house(folder, wildix_of=wildix_of, **settings) as house,
        rig(clock=house.clock) as pbx,
    ):
        app = await pbx.sim("POST", "oauth", {"redirect_uris": [house.base + DONE]})
        application = OAuthClient(app["client_id"], app["client_secret"])
        known.append(
            PbxAccount("office", pbx.pbx.url, NumberPlan("IT"), sign_in=application, requests_per_s=1000)
        )
        grants, _, books = made[0]
        yield WildixHouse(house, pbx, grants, books, known)
        await grants.close()
