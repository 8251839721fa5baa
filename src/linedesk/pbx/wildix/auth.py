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
    """A request before it is signed in. `path` has no query; `body` is what will be encoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None


class Auth(Protocol):
    """One credential of one PBX account. Both methods raise only `VendorError`s."""

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        """The headers that sign `request` in."""
        ...

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """The PBX refused `refused` (earlier headers): True when newer ones are at hand."""
        ...


class BearerToken:
    """A token that stays as it is: a simple token (`access_…`) or a company key (`wsk-v1-…`)."""

    def __init__(self, account: str, token: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise ConfigError(
                f"The token of the PBX account {account} holds characters that no token has.",
                remedy="Copy the token from WMS again and put it into the account with `linedesk apply`.",
            )
        self._headers = {"Authorization": f"Bearer {token}"}

    async def headers(self, request: Outgoing) -> Mapping[str, str]:
        return self._headers

    async def renew(self, refused: Mapping[str, str]) -> bool:
        return False
