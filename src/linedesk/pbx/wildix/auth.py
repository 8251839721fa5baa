"""How a request to the PBX is signed in: one strategy per kind of credential.

A strategy sees the whole request and answers headers, so that one which signs every request and one which
renews its token fit in beside the fixed token here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from linedesk.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request before it is signed in. `path` has no query; `body` is what will be encoded.

    `form`: the body is a form with flat names such as `data[name]` and texts as values, else JSON.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: bool = False


class Auth(Protocol):
    """One credential of one PBX account. All methods raise only `VendorError`s."""

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        """The headers that sign `request` in."""
        ...

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """The PBX refused `refused` (earlier headers): True when newer ones are at hand."""
        ...

    async def close(self) -> None:
        """End what the strategy still does."""
        ...


class BearerToken:
    """A token that stays as it is: a simple token (`access_…`) or a company key (`wsk-v1-…`)."""

    def __init__(self, account: str, token: str) -> None:
        self._headers: Mapping[str, str] = {"Authorization": f"Bearer {checked_token(account, token)}"}

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        return self._headers

    async def renew(self, refused: Mapping[str, str]) -> bool:
        return False

    async def close(self) -> None:
        """Nothing is open."""


class CloudToken:
    """The same token on the cloud plane, where a company key may want the `X-API-KEY` header instead.

    The other spelling is tried once, after the first was refused; the one that works is kept.
    """

    def __init__(self, account: str, token: str) -> None:
        token = checked_token(account, token)
        self._bearer: Mapping[str, str] = {"Authorization": f"Bearer {token}"}
        self._key: Mapping[str, str] = {"X-API-KEY": token}
        self._current: Mapping[str, str] = self._bearer

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        return self._current

    async def renew(self, refused: Mapping[str, str]) -> bool:
        if refused is self._bearer:
            self._current = self._key
            return True
        self._current = self._bearer
        return False

    async def close(self) -> None:
        """Nothing is open."""


def checked_token(account: str, token: str) -> str:
    """`token` if it can stand in a header; raises `ConfigError`, which does not show it."""
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ConfigError(
            f"The token of the PBX account {account} holds characters that no token has.",
            remedy="Copy the token from WMS again and put it into the account with `linedesk apply`.",
        )
    return token
