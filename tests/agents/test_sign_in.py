"""Sign-in: who gets in, one sentence for every refusal, the throttle, hashes that follow the times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest
from argon2 import PasswordHasher

from linedesk.agents.model import Agent, Role
from linedesk.agents.passwords import Passwords
from linedesk.agents.sign_in import SignIn
from linedesk.agents.throttle import SignInThrottle
from linedesk.clock import ManualClock
from linedesk.errors import NotSignedIn, TooMany
from linedesk.store import agents
from linedesk.store.database import Database

AddAgent = Callable[..., Awaitable[Agent]]
GOOD = "blue sailing boats"
HERE = "192.0.2.7"


@pytest.fixture
def sign_in(books: Database, passwords: Passwords, clock: ManualClock) -> SignIn:
    return SignIn(books, passwords, SignInThrottle(clock))


async def test_the_right_password_gets_in_whatever_the_case_of_the_login(
    sign_in: SignIn, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca", password=GOOD)
    assert await sign_in.check("luca", GOOD, HERE) == agent
    assert await sign_in.check(" Luca ", GOOD, HERE) == agent


async def test_every_refusal_says_the_same(sign_in: SignIn, add_agent: AddAgent) -> None:
    await add_agent("luca", password=GOOD)
    await add_agent("off", password=GOOD, active=False)
    await add_agent("bare")
    sentences = set()
    for user, password in (("luca", "wrong"), ("off", GOOD), ("bare", ""), ("nobody", GOOD), ("", "")):
        with pytest.raises(NotSignedIn) as caught:
            await sign_in.check(user, password, HERE)
        sentences.add((caught.value.message, caught.value.remedy))
    assert len(sentences) == 1


async def test_an_unknown_login_costs_a_hash_like_a_known_one(
    books: Database, hasher: PasswordHasher, clock: ManualClock, add_agent: AddAgent
) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            checked.append(str(hash))
            return hasher.verify(hash, password)

    counting = Passwords(Counting(time_cost=1, memory_cost=64, parallelism=1))
    sign_in = SignIn(books, counting, SignInThrottle(clock))
    await add_agent("luca", password=GOOD)
    await add_agent("bare")
    for user in ("luca", "nobody", "bare"):
        with pytest.raises(NotSignedIn):
            await sign_in.check(user, "wrong", HERE)
    counting.close()
    assert len(checked) == 3
    # The same parameters: version and costs stand before the salt.
    assert len({each.rsplit("$", 2)[0] for each in checked}) == 1


async def test_the_decoys_own_password_opens_nothing(sign_in: SignIn) -> None:
    with pytest.raises(NotSignedIn):
        await sign_in.check("nobody", "nobody has this password", HERE)


async def test_repeated_failures_are_throttled_even_with_the_right_password_at_last(
    sign_in: SignIn, clock: ManualClock, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca", password=GOOD)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in.check("luca", "wrong", HERE)
    with pytest.raises(TooMany, match="Too many") as caught:
        await sign_in.check("luca", GOOD, HERE)
    assert "5 minutes" in caught.value.remedy
    clock.advance(300)
    assert await sign_in.check("luca", GOOD, HERE) == agent


async def test_a_stranger_can_not_lock_an_agent_out_from_elsewhere(
    sign_in: SignIn, add_agent: AddAgent
) -> None:
    agent = await add_agent("luca", password=GOOD)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in.check("luca", "wrong", "198.51.100.1")
    assert await sign_in.check("luca", GOOD, HERE) == agent


async def test_attempts_at_the_same_moment_do_not_slip_through(sign_in: SignIn, add_agent: AddAgent) -> None:
    await add_agent("luca", password=GOOD)
    results = await asyncio.gather(
        *(sign_in.check("luca", f"wrong {each}", HERE) for each in range(12)), return_exceptions=True
    )
    assert sum(isinstance(each, NotSignedIn) for each in results) == 5
    assert sum(isinstance(each, TooMany) for each in results) == 7


async def test_success_clears_the_typing_errors_before_it(sign_in: SignIn, add_agent: AddAgent) -> None:
    agent = await add_agent("luca", password=GOOD)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotSignedIn):
                await sign_in.check("luca", "wrong", HERE)
        assert await sign_in.check("luca", GOOD, HERE) == agent


async def test_a_hash_with_old_parameters_is_made_anew_at_sign_in(
    sign_in: SignIn, passwords: Passwords, books: Database, clock: ManualClock
) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(GOOD)
    luca = Agent(id="id-luca", login="luca", name="Luca", role=Role.AGENT)
    await books.write(lambda c: agents.add(c, luca, old, clock.now_ms()))
    await sign_in.check("luca", GOOD, HERE)
    stored = await books.read(lambda c: agents.by_login(c, "luca"))
    assert stored is not None
    assert stored.password_hash is not None
    assert stored.password_hash != old
    assert not passwords.outdated(stored.password_hash)
    assert await sign_in.check("luca", GOOD, HERE) == luca


async def test_a_rehash_does_not_bring_back_a_password_that_was_changed_meanwhile(books: Database) -> None:
    luca = Agent(id="id-luca", login="luca", name="Luca", role=Role.AGENT)
    await books.write(lambda c: agents.add(c, luca, "old", 0))
    await books.write(lambda c: agents.set_password(c, luca.id, "changed"))
    await books.write(lambda c: agents.upgrade_hash(c, luca.id, "old", "old, stronger"))
    stored = await books.read(lambda c: agents.by_login(c, "luca"))
    assert stored is not None
    assert stored.password_hash == "changed"


async def test_overload_is_no_wrong_password(
    books: Database, hasher: PasswordHasher, clock: ManualClock, add_agent: AddAgent
) -> None:
    class Busy(Passwords):
        busy = True

        async def verify(self, password_hash: str | None, password: str) -> bool:
            if self.busy:
                raise TooMany("Too many people sign in at this moment.")
            return await super().verify(password_hash, password)

    passwords = Busy(hasher)
    sign_in = SignIn(books, passwords, SignInThrottle(clock))
    agent = await add_agent("luca", password=GOOD)
    for _ in range(40):
        with pytest.raises(TooMany, match="at this moment"):
            await sign_in.check("luca", GOOD, HERE)
    passwords.busy = False
    assert await sign_in.check("luca", GOOD, HERE) == agent
    passwords.close()


async def test_overload_takes_back_its_own_attempt_and_no_other(
    books: Database, hasher: PasswordHasher, clock: ManualClock, add_agent: AddAgent
) -> None:
    class Busy(Passwords):
        busy = False

        async def verify(self, password_hash: str | None, password: str) -> bool:
            if self.busy:
                raise TooMany("Too many people sign in at this moment.")
            return await super().verify(password_hash, password)

    passwords = Busy(hasher)
    sign_in = SignIn(books, passwords, SignInThrottle(clock))
    await add_agent("luca", password=GOOD)
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            await sign_in.check("luca", "wrong", HERE)
    passwords.busy = True
    with pytest.raises(TooMany, match="at this moment"):
        await sign_in.check("luca", "wrong", HERE)
    passwords.busy = False
    with pytest.raises(NotSignedIn):
        await sign_in.check("luca", "wrong", HERE)
    with pytest.raises(TooMany, match="failed sign-ins"):
        await sign_in.check("luca", "wrong", HERE)
    passwords.close()


async def test_a_hash_that_cannot_be_made_anew_under_load_keeps_nobody_out(
    books: Database, hasher: PasswordHasher, clock: ManualClock
) -> None:
    class Busy(Passwords):
        async def hash(self, password: str) -> str:
            raise TooMany("Too many people sign in at this moment.")

    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(GOOD)
    luca = Agent(id="id-luca", login="luca", name="Luca", role=Role.AGENT)
    await books.write(lambda c: agents.add(c, luca, old, clock.now_ms()))
    passwords = Busy(hasher)
    assert await SignIn(books, passwords, SignInThrottle(clock)).check("luca", GOOD, HERE) == luca
    passwords.close()
