"""Browser sessions: idle and absolute end, a new id at sign-in, the end of what hangs on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linedesk.agents.model import Agent
from linedesk.agents.sessions import BROWSER, Sessions, frame
from linedesk.agents.tokens import API, Tokens, secret_hash
from linedesk.clock import ManualClock
from linedesk.errors import NotSignedIn

AddAgent = Callable[..., Awaitable[Agent]]


async def test_a_session_names_its_agent(sessions: Sessions, clock: ManualClock, add_agent: AddAgent) -> None:
    agent = await add_agent("luca")
    cookie, expires_ms = await sessions.start(agent.id, BROWSER)
    session = await sessions.check(cookie, BROWSER)
    assert (session.agent_id, session.hash) == (agent.id, secret_hash(cookie))
    assert session.expires_ms == expires_ms == clock.now_ms() + 12 * 3_600_000


async def test_an_unused_session_ends_after_the_idle_time(
    sessions: Sessions, clock: ManualClock, add_agent: AddAgent
) -> None:
    cookie, _ = await sessions.start((await add_agent("luca")).id, BROWSER)
    clock.advance(119 * 60)
    await sessions.check(cookie, BROWSER)
    clock.advance(119 * 60)
    await sessions.check(cookie, BROWSER)
    clock.advance(120 * 60)
    with pytest.raises(NotSignedIn):
        await sessions.check(cookie, BROWSER)


async def test_a_used_session_ends_at_its_absolute_end(
    sessions: Sessions, clock: ManualClock, add_agent: AddAgent
) -> None:
    cookie, _ = await sessions.start((await add_agent("luca")).id, BROWSER)
    for _ in range(11):
        clock.advance(3600)
        await sessions.check(cookie, BROWSER)
    clock.advance(3600)
    with pytest.raises(NotSignedIn):
        await sessions.check(cookie, BROWSER)


async def test_a_frame_cookie_is_good_for_its_own_slot_only(sessions: Sessions, add_agent: AddAgent) -> None:
    agent = await add_agent("luca")
    cookie, _ = await sessions.start(agent.id, frame("main"))
    assert (await sessions.check(cookie, frame("main"))).agent_id == agent.id
    for purpose in (frame("second"), BROWSER):
        with pytest.raises(NotSignedIn):
            await sessions.check(cookie, purpose)


async def test_sign_in_replaces_the_cookie_the_browser_came_with(
    sessions: Sessions, add_agent: AddAgent
) -> None:
    luca, mia = await add_agent("luca"), await add_agent("mia")
    planted, _ = await sessions.start(mia.id, BROWSER)
    cookie, _ = await sessions.start(luca.id, BROWSER, replaces=planted)
    assert cookie != planted
    with pytest.raises(NotSignedIn):
        await sessions.check(planted, BROWSER)
    assert (await sessions.check(cookie, BROWSER)).agent_id == luca.id


async def test_the_end_of_a_session_ends_its_tokens_and_no_others(
    sessions: Sessions, tokens: Tokens, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    cookie, _ = await sessions.start(agent.id, BROWSER)
    session = await sessions.check(cookie, BROWSER)
    inside, _ = await tokens.mint(agent.id, API, 60, session.hash)
    outside, _ = await tokens.mint(agent.id, API, 60)
    await tokens.verify(inside)
    cut: list[str | None] = []
    tokens.on_revoked(lambda _agent_id, token_hash: cut.append(token_hash))
    await sessions.end(cookie)
    assert cut == [secret_hash(inside)]
    with pytest.raises(NotSignedIn):
        await tokens.verify(inside)
    assert (await tokens.verify(outside)).agent_id == agent.id


async def test_an_agent_who_is_off_gets_no_session(sessions: Sessions, add_agent: AddAgent) -> None:
    agent = await add_agent("luca", active=False)
    with pytest.raises(NotSignedIn):
        await sessions.start(agent.id, BROWSER)


async def test_a_token_is_no_session_cookie(sessions: Sessions, tokens: Tokens, add_agent: AddAgent) -> None:
    agent = await add_agent("luca")
    token, _ = await tokens.mint(agent.id, API, 60)
    with pytest.raises(NotSignedIn):
        await sessions.check(token, BROWSER)


async def test_purge_removes_idle_and_ended_sessions(
    sessions: Sessions, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    await sessions.start(agent.id, BROWSER)
    clock.advance(100 * 60)
    used, _ = await sessions.start(agent.id, BROWSER)
    clock.advance(20 * 60)
    assert await sessions.purge() == 1
    assert (await sessions.check(used, BROWSER)).agent_id == agent.id


async def test_a_session_ends_with_the_one_whose_code_began_it_however_far(
    sessions: Sessions, tokens: Tokens, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    browser, _ = await sessions.start(agent.id, BROWSER)
    other, _ = await sessions.start(agent.id, BROWSER)
    source, values, minted = secret_hash(browser), [], []
    for slot in ("main", "mia"):
        code, _ = await tokens.mint_code(agent.id, source)
        taken = await tokens.take_code(code)
        assert taken.source_hash == source
        value, _ = await sessions.start(agent.id, frame(slot), source_hash=taken.source_hash)
        source = secret_hash(value)
        values.append((value, frame(slot)))
        minted.append((await tokens.mint(agent.id, API, 60, source))[0])
        await tokens.verify(minted[-1])
    waiting, _ = await tokens.mint_code(agent.id, source)
    await sessions.end(browser)
    for value, purpose in values:
        with pytest.raises(NotSignedIn):
            await sessions.check(value, purpose)
    for token in minted:
        with pytest.raises(NotSignedIn):
            await tokens.verify(token)
    with pytest.raises(NotSignedIn):
        await tokens.take_code(waiting)
    assert (await sessions.check(other, BROWSER)).agent_id == agent.id


async def test_a_session_ends_with_the_revoked_token_whose_code_began_it(
    sessions: Sessions, tokens: Tokens, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    token, _ = await tokens.mint(agent.id, API, 60)
    code, _ = await tokens.mint_code(agent.id, secret_hash(token))
    value, _ = await sessions.start(
        agent.id, frame("main"), source_hash=(await tokens.take_code(code)).source_hash
    )
    inside, _ = await tokens.mint(agent.id, API, 60, secret_hash(value))
    await tokens.verify(inside)
    cut: list[str | None] = []
    tokens.on_revoked(lambda _agent_id, token_hash: cut.append(token_hash))
    await tokens.revoke(token)
    assert set(cut) == {secret_hash(token), secret_hash(inside)}
    with pytest.raises(NotSignedIn):
        await sessions.check(value, frame("main"))
    with pytest.raises(NotSignedIn):
        await tokens.mint_code(agent.id, secret_hash(token))


async def test_no_session_begins_from_a_source_that_ended_meanwhile(
    sessions: Sessions, tokens: Tokens, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    browser, _ = await sessions.start(agent.id, BROWSER)
    code, _ = await tokens.mint_code(agent.id, secret_hash(browser))
    taken = await tokens.take_code(code)
    await sessions.end(browser)
    with pytest.raises(NotSignedIn):
        await sessions.start(agent.id, frame("main"), source_hash=taken.source_hash)


async def test_a_widget_in_use_outlives_the_idle_window_it_was_signed_in_with(
    sessions: Sessions, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    browser, _ = await sessions.start(agent.id, BROWSER)
    value, _ = await sessions.start(agent.id, frame("main"), source_hash=secret_hash(browser))
    clock.advance(100 * 60)
    await sessions.check(value, frame("main"))
    clock.advance(30 * 60)
    with pytest.raises(NotSignedIn):
        await sessions.check(browser, BROWSER)
    await sessions.start(agent.id, BROWSER, replaces=browser)
    assert (await sessions.check(value, frame("main"))).agent_id == agent.id
    # Signing out is meant, even with a cookie whose session has ended by itself.
    await sessions.end(browser)
    with pytest.raises(NotSignedIn):
        await sessions.check(value, frame("main"))
