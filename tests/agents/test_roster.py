"""The roster answers from memory and follows the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linedesk.agents.model import Agent, OpenPage
from linedesk.agents.roster import Roster
from linedesk.calls.model import Party
from linedesk.errors import NotFound
from linedesk.store import generation
from linedesk.store.database import Database

AddAgent = Callable[..., Awaitable[Agent]]


@pytest.fixture
async def roster(books: Database, add_agent: AddAgent) -> Roster:
    await add_agent("luca", account="office", extension="201", email="luca@example.test", user_id="9000201")
    await add_agent("mia", account="office", extension="202", email="Shared@example.test")
    await add_agent("rosa", account="office", extension="203", email="shared@example.test")
    await add_agent("far", account="branch", extension="201", email="luca@example.test")
    await add_agent("old", account="office", extension="209", email="old@example.test", active=False)
    await add_agent("boss")
    made = Roster(books)
    await made.refresh()
    return made


def test_the_same_extension_of_two_pbxs_is_two_agents(roster: Roster) -> None:
    luca, far = roster.by_extension("office", "201"), roster.by_extension("branch", "201")
    assert luca is not None
    assert far is not None
    assert (luca.login, far.login) == ("luca", "far")
    assert roster.by_extension("office", "999") is None


def test_an_inactive_agent_takes_no_calls_but_is_still_known(roster: Roster) -> None:
    assert roster.by_extension("office", "209") is None
    old = roster.by_id("id-old")
    assert old is not None
    assert old == roster.by_login("old")
    assert roster.names("office")["209"] == "Old"
    assert [agent.login for agent in roster.all()] == ["boss", "far", "luca", "mia", "old", "rosa"]


def test_names_are_of_one_pbx(roster: Roster) -> None:
    assert dict(roster.names("branch")) == {"201": "Far"}
    assert dict(roster.names(None)) == {}
    assert dict(roster.names("nowhere")) == {}


def test_C12_the_index_resolves_within_the_account_and_fails_closed_on_a_shared_email(roster: Roster) -> None:
    index = roster.index()

    def who(account: str, **fields: str) -> str | None:
        return index.resolve(account, Party(local=True, **fields))  # type: ignore[arg-type]

    assert who("office", email="LUCA@example.test") == "201"
    assert who("office", user_id="9000201") == "201"
    assert who("branch", user_id="9000201") is None
    assert who("office", email="shared@example.test") is None
    assert who("office", email="old@example.test") is None


async def test_a_change_is_seen_by_its_generation(
    roster: Roster, books: Database, add_agent: AddAgent
) -> None:
    assert not await roster.refresh_if_changed()
    await add_agent("nina", account="office", extension="204")
    assert not await roster.refresh_if_changed()
    await books.write(generation.bump)
    assert await roster.refresh_if_changed()
    assert roster.by_extension("office", "204") is not None
    assert not await roster.refresh_if_changed()


async def test_an_agents_own_setting_is_stored_and_seen_at_once(roster: Roster, books: Database) -> None:
    changed = await roster.set_open_page("id-luca", OpenPage.ON_RING)
    assert roster.by_extension("office", "201") == changed
    assert changed.open_page is OpenPage.ON_RING
    fresh = Roster(books)
    await fresh.refresh()
    assert fresh.by_id("id-luca") == changed
    with pytest.raises(NotFound):
        await roster.set_open_page("nobody", OpenPage.NEVER)


async def test_the_generation_only_rises(books: Database) -> None:
    assert await books.read(generation.read) == 0
    assert [await books.write(generation.bump) for _ in range(3)] == [1, 2, 3]
    assert await books.read(generation.read) == 3
