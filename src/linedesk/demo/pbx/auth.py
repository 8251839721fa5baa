"""The credentials of the simulated PBX and what each may do. Who a request comes from is `gate.py`'s
question, the OAuth2 pages are in `oauth.py`.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import asdict, dataclass
from typing import Any, Literal

TokenKind = Literal["simple", "company", "oauth", "session", "basic", "s2s"]

UNCOVERED = "-"
"""The resource of routes that no scope of a company key opens."""

_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Token:
    """What a request may do. `simple`, `oauth`, `session` and `basic` act as one extension; `company` has
    scopes and no user; `s2s` is the administrator of this PBX. `root` may name other users.
    """

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

    def alive(self, now_ms: int) -> bool:
        return self.expires_ms is None or self.expires_ms > now_ms

    def may(self, resource: str, method: str) -> bool:
        """Scope check of company keys: reading needs `{resource}:read`, all else `{resource}:*`."""
        if self.kind != "company":
            return True
        if resource == UNCOVERED:
            return False
        granted = {"pbx:*", f"{resource}:*"}
        if method in _READING:
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
    match kind:
        case "simple":
            return Token("access_" + secrets.token_urlsafe(32), kind, extension, root, (), expires_ms)
        case "company":
            letters = string.ascii_letters + string.digits
            text = "wsk-v1-" + "".join(secrets.choice(letters) for _ in range(93))
            # Company keys are made by root administrators and may name any user.
            return Token(text, kind, None, True, scopes or ("pbx:*",), expires_ms)
        case _:
            return Token(secrets.token_hex(20), kind, extension, root, (), expires_ms)
