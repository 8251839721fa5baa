"""Tokens and one-time codes: their life, their revocation, what the database holds of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from linedesk.agents.model import Agent
from linedesk.agents.sessions import BROWSER, Sessions
from linedesk.agents.tokens import API, CODE, LINK, TakenCode, Tokens, secret_hash
from linedesk.clock import ManualClock
from linedesk.errors import NotSignedIn
from linedesk.store import agents, generation
from linedesk.store import tokens as rows
from linedesk.store.database import Database

AddAgent = Callable[..., Awaitable[Agent]]
Revoked = list[tuple[str, str | None]]


def heard(tokens: Tokens) -> Revoked:
    calls: Revoked = []
    tokens.on_revoked(lambda agent_id, token_hash: calls.append((agent_id, token_hash)))
    return calls


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_minted_token_names_its_agent_and_its_end(
    tokens: Tokens, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    token, expires_ms = await tokens.mint(agent.id, API, 900)
    verified = await tokens.verify(token)
    assert expires_ms == clock.now_ms() + 900_000
    assert (verified.agent_id, verified.expires_ms) == (agent.id, expires_ms)
    assert verified.token_hash == secret_hash(token)


async def test_a_token_ends_at_its_time_also_when_it_is_in_memory(
    tokens: Tokens, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    token, _ = await tokens.mint(agent.id, API, 60)
    await tokens.verify(token)
    clock.advance(59.9)
    await tokens.verify(token)
    clock.advance(0.1)
    with pytest.raises(NotSignedIn):
        await tokens.verify(token)


async def test_a_demo_token_without_an_end_lasts(
    tokens: Tokens, clock: ManualClock, add_agent: AddAgent
) -> None:
    token, _ = await tokens.mint((await add_agent("luca")).id, API, None)
    clock.advance(10 * 365 * 86_400)
    assert (await tokens.verify(token)).agent_id == "id-luca"


async def test_a_wrong_token_is_refused_whatever_it_holds(tokens: Tokens) -> None:
    for text in ("", "x", "é" * 400, "\ud800"):
        with pytest.raises(NotSignedIn):
            await tokens.verify(text)


async def test_tokens_are_unguessable_and_never_stored_in_the_clear(
    tokens: Tokens, books: Database, add_agent: AddAgent, tmp_path: Path
) -> None:
    agent = await add_agent("luca")
    made = [(await tokens.mint(agent.id, API, 60))[0] for _ in range(20)]
    assert len(set(made)) == 20
    assert all(len(token) >= 43 for token in made)
    await books.close()
    stored = everything_in(tmp_path)
    assert secret_hash(made[0]).encode() in stored
    assert not any(token.encode() in stored for token in made)


async def test_verified_tokens_need_no_database(tokens: Tokens, books: Database, add_agent: AddAgent) -> None:
    token, _ = await tokens.mint((await add_agent("luca")).id, API, 60)
    await tokens.verify(token)
    await books.close()
    assert (await tokens.verify(token)).agent_id == "id-luca"


async def test_a_token_survives_a_restart_of_the_service(
    tokens: Tokens, books: Database, clock: ManualClock, add_agent: AddAgent
) -> None:
    token, _ = await tokens.mint((await add_agent("luca")).id, API, 60)
    assert (await Tokens(books, clock).verify(token)).agent_id == "id-luca"


async def test_revoking_a_token_ends_it_and_tells_the_listeners(tokens: Tokens, add_agent: AddAgent) -> None:
    agent = await add_agent("luca")
    token, _ = await tokens.mint(agent.id, API, 60)
    other, _ = await tokens.mint(agent.id, API, 60)
    await tokens.verify(token)
    calls = heard(tokens)
    await tokens.revoke(token)
    assert calls == [(agent.id, secret_hash(token))]
    with pytest.raises(NotSignedIn):
        await tokens.verify(token)
    await tokens.verify(other)
    await tokens.revoke(token)
    assert len(calls) == 1


async def test_revoking_an_agent_ends_tokens_codes_and_sessions_of_this_agent_only(
    tokens: Tokens, sessions: Sessions, add_agent: AddAgent
) -> None:
    luca, mia = await add_agent("luca"), await add_agent("mia")
    token, _ = await tokens.mint(luca.id, API, 60)
    code, _ = await tokens.mint_code(luca.id)
    cookie, _ = await sessions.start(luca.id, BROWSER)
    hers, _ = await tokens.mint(mia.id, API, 60)
    await tokens.verify(token)
    calls = heard(tokens)
    await tokens.revoke_agent(luca.id)
    assert calls == [(luca.id, None)]
    for attempt in (tokens.verify(token), tokens.take_code(code), sessions.check(cookie, BROWSER)):
        with pytest.raises(NotSignedIn):
            await attempt
    assert (await tokens.verify(hers)).agent_id == mia.id


async def test_a_revocation_during_a_check_is_not_undone_by_the_cache(
    tokens: Tokens, books: Database, clock: ManualClock, add_agent: AddAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await tokens.mint((await add_agent("luca")).id, API, 60)
    fresh = Tokens(books, clock)
    read, held = books.read, asyncio.Event()
    arrived = asyncio.Event()

    async def slow_read(work: Any, **options: Any) -> Any:
        result: Any = await read(work, **options)
        if not arrived.is_set():
            arrived.set()
            await held.wait()
        return result

    monkeypatch.setattr(books, "read", slow_read)
    check = asyncio.ensure_future(fresh.verify(token))
    await arrived.wait()
    await fresh.revoke(token)
    held.set()
    with pytest.raises(NotSignedIn):
        await check
    with pytest.raises(NotSignedIn):
        await fresh.verify(token)


async def test_what_a_command_revoked_beside_the_service_ends_at_the_recheck(
    tokens: Tokens, books: Database, add_agent: AddAgent
) -> None:
    luca, mia = await add_agent("luca"), await add_agent("mia")
    token, _ = await tokens.mint(luca.id, API, 60)
    hers, _ = await tokens.mint(mia.id, API, 60)
    await tokens.verify(token)
    await tokens.verify(hers)
    calls = heard(tokens)
    assert await tokens.recheck() == 0

    def off(c: Connection) -> None:
        rows.remove_agent(c, luca.id)
        generation.bump(c)

    await books.write(off)
    assert await tokens.recheck() == 1
    assert calls == [(luca.id, secret_hash(token))]
    with pytest.raises(NotSignedIn):
        await tokens.verify(token)
    assert (await tokens.verify(hers)).agent_id == mia.id
    assert await tokens.recheck() == 0


async def test_a_code_works_once_and_for_a_minute(
    tokens: Tokens, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    code, expires_ms = await tokens.mint_code(agent.id)
    assert expires_ms == clock.now_ms() + 60_000
    assert (await tokens.take_code(code)).agent_id == agent.id
    with pytest.raises(NotSignedIn):
        await tokens.take_code(code)
    late, _ = await tokens.mint_code(agent.id)
    clock.advance(60)
    with pytest.raises(NotSignedIn):
        await tokens.take_code(late)


async def test_of_many_who_take_a_code_at_once_one_gets_it(tokens: Tokens, add_agent: AddAgent) -> None:
    code, _ = await tokens.mint_code((await add_agent("luca")).id)
    results = await asyncio.gather(*(tokens.take_code(code) for _ in range(10)), return_exceptions=True)
    assert [each.agent_id for each in results if isinstance(each, TakenCode)] == ["id-luca"]
    assert sum(isinstance(each, NotSignedIn) for each in results) == 9


async def test_codes_and_link_tokens_are_no_bearer_tokens(tokens: Tokens, add_agent: AddAgent) -> None:
    agent = await add_agent("luca")
    code, _ = await tokens.mint_code(agent.id)
    link, _ = await tokens.mint(agent.id, LINK, 60)
    api, _ = await tokens.mint(agent.id, API, 60)
    for narrow in (code, link):
        with pytest.raises(NotSignedIn):
            await tokens.verify(narrow)
    assert (await tokens.verify(link, LINK)).agent_id == agent.id
    for wrong in (tokens.verify(api, LINK), tokens.verify(api, CODE), tokens.take_code(api)):
        with pytest.raises(NotSignedIn):
            await wrong


async def test_an_agent_who_is_off_or_gone_gets_no_token(tokens: Tokens, add_agent: AddAgent) -> None:
    await add_agent("luca", active=False)
    for agent_id in ("id-luca", "nobody"):
        with pytest.raises(NotSignedIn):
            await tokens.mint(agent_id, API, 60)


async def test_a_code_of_an_agent_switched_off_meanwhile_is_worth_nothing(
    tokens: Tokens, books: Database, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    code, _ = await tokens.mint_code(agent.id)
    off = Agent(agent.id, agent.login, agent.name, agent.role, active=False)
    await books.write(lambda c: agents.change(c, off))
    with pytest.raises(NotSignedIn):
        await tokens.take_code(code)


async def test_a_token_of_a_session_ends_with_it_at_the_latest(
    tokens: Tokens, sessions: Sessions, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    cookie, session_end_ms = await sessions.start(agent.id, BROWSER)
    session = await sessions.check(cookie, BROWSER)
    _, expires_ms = await tokens.mint(agent.id, API, 13 * 3600, session.hash)
    assert expires_ms == session_end_ms
    await sessions.end(cookie)
    with pytest.raises(NotSignedIn):
        await tokens.mint(agent.id, API, 60, session.hash)


async def test_a_session_of_one_agent_mints_no_token_for_another(
    tokens: Tokens, sessions: Sessions, add_agent: AddAgent
) -> None:
    luca, mia = await add_agent("luca"), await add_agent("mia")
    cookie, _ = await sessions.start(luca.id, BROWSER)
    session = await sessions.check(cookie, BROWSER)
    with pytest.raises(NotSignedIn):
        await tokens.mint(mia.id, API, 60, session.hash)


async def test_purge_removes_what_has_expired_and_nothing_else(
    tokens: Tokens, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca")
    await tokens.mint(agent.id, API, 60)
    long, _ = await tokens.mint(agent.id, API, 600)
    clock.advance(60)
    assert await tokens.purge() == 1
    assert (await tokens.verify(long)).agent_id == agent.id


async def test_no_secret_shows_in_a_repr(tokens: Tokens, add_agent: AddAgent) -> None:
    token, _ = await tokens.mint((await add_agent("luca")).id, API, 60)
    verified = await tokens.verify(token)
    assert secret_hash(token) not in repr(verified)
