"""Hashing and checking of passwords with argon2id, off the event loop and a few at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from linedesk.errors import TooMany, UserError

T = TypeVar("T")

MIN_LENGTH = 10
MAX_LENGTH = 256
_WORKERS = 2
_WAITING_MAX = 32


def check_rules(password: str, login: str) -> None:
    """Raise `UserError` with the rule that `password` breaks. Length counts, the mix of signs doesn't."""
    text = _normal(password)
    if len(text) < MIN_LENGTH:
        raise UserError(
            f"The password is too short: {len(text)} characters of at least {MIN_LENGTH}.",
            remedy="A few words in a row make a good password.",
        )
    if len(text) > MAX_LENGTH:
        raise UserError(
            f"The password is longer than {MAX_LENGTH} characters.", remedy="Choose a shorter one."
        )
    if len(set(text)) == 1 or text.casefold() == login.casefold():
        raise UserError(
            "The password is one repeated character or the sign-in name.", remedy="Choose one nobody guesses."
        )


class Passwords:
    """Owns its threads: `close` ends them. argon2 takes 64 MiB and tens of ms for each check."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="argon2")
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """The encoded hash of a password, parameters included. Raises `TooMany` when overloaded."""
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password fits. Without a hash the answer is no, after the same time."""
        return await self._run(lambda: self._verify(password_hash, password))

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let running checks finish and end the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        text = _normal(password)[:MAX_LENGTH]
        try:
            fits = self._hasher.verify(password_hash or self._decoy_hash(), text)
        except (VerificationError, InvalidHashError):
            return False
        return fits and password_hash is not None and len(_normal(password)) <= MAX_LENGTH

    def _decoy_hash(self) -> str:
        # Made once and with today's parameters, so that an unknown login costs what a known one does.
        if self._decoy is None:
            self._decoy = self._hasher.hash("nobody has this password")
        return self._decoy

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING_MAX:
            raise TooMany("Too many people sign in at this moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _normal(password: str) -> str:
    # The same password typed on two systems can differ in its composed forms.
    return unicodedata.normalize("NFKC", password)
