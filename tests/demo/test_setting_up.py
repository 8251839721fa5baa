"""The demo's tokens at each start: the remembered ones as long as they work, new ones when they don't."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from linedesk.agents.tokens import API, Tokens
from linedesk.clock import ManualClock
from linedesk.demo import memory as memories
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.memory import Memory
from linedesk.demo.pbx.doors import OAuthApp
from linedesk.demo.pbx.users import default_house
from linedesk.demo.seed import make_seed
from linedesk.demo.setting_up import Addresses, PbxKeys, set_up
from linedesk.errors import NotSignedIn
from linedesk.store import agents
from linedesk.store.migrate import Stores, open_stores

KEYS = PbxKeys(
    token="access_" + "x" * 20,
    hook_secret="a-secret-of-the-hook",
    sign_in=OAuthApp("app-1", "secret-of-the-app", "Linedesk", ()),
    phonebook=7,
)
ADDRESSES = Addresses("http://127.0.0.1:8420", "http://127.0.0.1:8421", "http://localhost:8422")


@dataclass
class Demo:
    """A data folder that can be started on again and again."""

    data: Path
    clock: ManualClock

    async def start(self, memory: Memory | None = None) -> Memory:
        return await set_up(
            self.data,
            memory or memories.recall(self.data, seed=1, contacts=20),
            ADDRESSES,
            house=default_house(),
            book=CrmBook(make_seed(20), self.data / "crm.json"),
            keys=KEYS,
            moved=False,
            clock=self.clock,
        )

    async def stores(self) -> Stores:
        return await open_stores(self.data)


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    tmp_path.chmod(0o700)
    return Demo(tmp_path, ManualClock())


async def holder(demo: Demo, token: str) -> str:
    """The agent's id, if the token is good."""
    stores = await demo.stores()
    try:
        return (await Tokens(stores.books, demo.clock).verify(token, API)).agent_id
    finally:
        await stores.close()


async def switch_off(demo: Demo, user: str, *, on_again: bool) -> None:
    """What `linedesk user off` does, and `on`."""
    stores = await demo.stores()
    try:
        found = await stores.books.read(lambda c: agents.by_login(c, user))
        assert found is not None
        off = replace(found.agent, active=False)
        await stores.books.write(lambda c: agents.change(c, off))
        await Tokens(stores.books, demo.clock).revoke_agent(off.id)
        if on_again:
            await stores.books.write(lambda c: agents.change(c, found.agent))
    finally:
        await stores.close()


async def test_tokens_that_work_are_kept(demo: Demo) -> None:
    first = await demo.start()
    assert await demo.start(first) == first


async def test_a_token_that_was_ended_is_made_anew_at_the_next_start(demo: Demo) -> None:
    first = await demo.start()
    before = await holder(demo, first.agents[0].token)
    await switch_off(demo, "luca", on_again=True)
    with pytest.raises(NotSignedIn):
        await holder(demo, first.agents[0].token)
    again = await demo.start(first)
    assert await holder(demo, again.agents[0].token) == before
    assert again.agents[1:] == first.agents[1:]
    assert again.agents[0].password == first.agents[0].password


async def test_the_demo_starts_without_a_person_who_is_off(demo: Demo) -> None:
    first = await demo.start()
    await switch_off(demo, "luca", on_again=False)
    assert await demo.start(first) == first
