"""Who a bearer token is on the simulated PBX, and what it may do. No OAuth2 and no S2S."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import asdict, dataclass
from typing import Any, Literal

from linedesk.demo.switches import PbxSwitches

TokenKind = Literal["simple", "company"]

_SIMPLE = re.compile(r"access_[A-Za-z0-9_-]{16,}")
_COMPANY = re.compile(r"wsk-v1-[A-Za-z0-9]{93}")
_COMPANY_SINCE = (7, 9)


@dataclass(frozen=True, slots=True)
class Token:
    """`simple` is bound to one extension; `company` has scopes and no user. `root` may name other users."""

    text: str
    kind: TokenKind
    extension: str | None = None
    root: bool = False
    scopes: tuple[str, ...] = ()
    expires_ms: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Token:
        return cls(**{**document, "scopes": tuple(document["scopes"])})

    def may(self, resource: str, method: str) -> bool:
        """Scope check of company keys: reading needs `{resource}:read`, all else `{resource}:*`."""
        if self.kind != "company":
            return True
        granted = {"pbx:*", f"{resource}:*"}
        if method in {"GET", "HEAD"}:
            granted |= {"pbx:read", f"{resource}:read"}
        return bool(granted & set(self.scopes))


def new_token(
    kind: TokenKind,
    *,
    extension: str | None = None,
    root: bool = False,
    scopes: tuple[str, ...] = (),
    expires_ms: int | None = None,
) -> Token:
    """A token in the spelling of its kind."""
    if kind == "simple":
        return Token("access_" + secrets.token_urlsafe(32), kind, extension, root, (), expires_ms)
    letters = string.ascii_letters + string.digits
    text = "wsk-v1-" + "".join(secrets.choice(letters) for _ in range(93))
    # Company keys are made by root administrators and may name any user.
    return Token(text, kind, None, True, scopes or ("pbx:*",), expires_ms)


def find_token(
    header: str | None, tokens: dict[str, Token], switches: PbxSwitches, now_ms: int
) -> Token | None:
    """The token of an `Authorization` header; None if it is missing, malformed, unknown or expired."""
    scheme, _, text = (header or "").partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not (_SIMPLE.fullmatch(text) or _COMPANY.fullmatch(text)):
        return None
    token = tokens.get(text)
    if token is None or (token.expires_ms is not None and token.expires_ms <= now_ms):
        return None
    version = tuple(int(part) for part in switches.wms_version.split(".")[:2])
    if token.kind == "company" and version < _COMPANY_SINCE:
        return None
    return token
