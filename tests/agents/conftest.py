"""A database of people on a temporary file, a clock that stands still, agents to work with."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from linedesk.agents.model import Agent, Role
from linedesk.agents.passwords import Passwords
from linedesk.agents.sessions import Sessions
from linedesk.agents.tokens import Tokens
from linedesk.clock import ManualClock
from linedesk.store import agents
from linedesk.store.database import Database
from linedesk.store.migrate import migrate

AddAgent = Callable[..., Awaitable[Agent]]


@pytest.fixture(scope="session")
def empty_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the real schema, made once and copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "books.db"
    migrate(path, "books")
    return path


@pytest.fixture
async def books(tmp_path: Path, empty_books: Path) -> AsyncIterator[Database]:
    shutil.copy(empty_books, tmp_path / "books.db")
    database = await Database.open(tmp_path / "books.db", durability="FULL")
    yield database
    await database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hasher() -> PasswordHasher:
    """Real argon2id, small enough for tests."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def passwords(hasher: PasswordHasher) -> Iterator[Passwords]:
    made = Passwords(hasher)
    yield made
    made.close()


@pytest.fixture
def tokens(books: Database, clock: ManualClock) -> Tokens:
    return Tokens(books, clock)


@pytest.fixture
def sessions(books: Database, tokens: Tokens, clock: ManualClock) -> Sessions:
    return Sessions(books, tokens, clock, idle_minutes=120, hours=12)


@pytest.fixture
def add_agent(books: Database, clock: ManualClock, hasher: PasswordHasher) -> AddAgent:
    async def add(login: str, *, password: str | None = None, **fields: object) -> Agent:
        role = fields.pop("role", Role.AGENT)
        agent = Agent(id=f"id-{login}", login=login, name=login.title(), role=role, **fields)  # type: ignore[arg-type]
        hashed = hasher.hash(password) if password is not None else None
        await books.write(lambda c: agents.add(c, agent, hashed, clock.now_ms()))
        return agent

    return add
