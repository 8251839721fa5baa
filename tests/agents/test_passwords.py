"""Password rules and the hashing of them."""

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher

from linedesk.agents.passwords import Passwords, check_rules
from linedesk.errors import TooMany, UserError


@pytest.mark.parametrize("password", ["ten letter", "blue sailing boats", "ÄÖÜßéèñøåæ", "x" * 255 + "y"])
def test_a_long_enough_password_passes_whatever_its_characters(password: str) -> None:
    check_rules(password, "luca")


@pytest.mark.parametrize("password", ["", "nine char", "y" + "x" * 256, "aaaaaaaaaaaa", "Luca@example.test"])
def test_a_short_an_endless_and_a_guessable_password_are_refused(password: str) -> None:
    with pytest.raises(UserError) as caught:
        check_rules(password, "luca@example.test")
    assert not password or password not in caught.value.message


async def test_a_password_fits_its_hash_in_every_unicode_form(passwords: Passwords) -> None:
    composed = "crème brûlée à midi"
    hashed = await passwords.hash(composed)
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, unicodedata.normalize("NFD", composed))
    assert not await passwords.verify(hashed, "creme brulee a midi")


async def test_without_a_hash_no_password_fits_not_even_the_decoys(passwords: Passwords) -> None:
    for text in ("", "blue sailing boats", "nobody has this password"):
        assert not await passwords.verify(None, text)


async def test_a_broken_hash_fits_nothing(passwords: Passwords) -> None:
    assert not await passwords.verify("not a hash", "blue sailing boats")


async def test_a_password_that_only_begins_like_the_right_one_does_not_fit(passwords: Passwords) -> None:
    right = "x" * 255 + "y"
    hashed = await passwords.hash(right)
    assert await passwords.verify(hashed, right)
    assert not await passwords.verify(hashed, right + "z")


async def test_hashing_runs_off_the_loop_and_two_at_a_time() -> None:
    running, most, loop_thread = 0, 0, threading.get_ident()
    lock, release = threading.Lock(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal running, most
            assert threading.get_ident() != loop_thread
            with lock:
                running += 1
                most = max(most, running)
            release.wait(5)
            with lock:
                running -= 1
            return "hash"

    passwords = Passwords(Slow())
    tasks = [asyncio.ensure_future(passwords.hash("blue sailing boats")) for _ in range(32)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await passwords.hash("one too many")
    release.set()
    assert await asyncio.gather(*tasks) == ["hash"] * 32
    assert most <= 2
    passwords.close()
