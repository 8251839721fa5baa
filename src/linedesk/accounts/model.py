"""What an account is: one signed-in use of a PBX or of an app. Secrets never show in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from linedesk.numbers.model import NumberPlan

PBX_APP = "wildix"
DEFAULT_INTERNAL_PATTERN = r"\d{2,5}"


class TokenKind(StrEnum):
    """How a PBX token was made: a simple token of one PBX user, or a company API key."""

    SIMPLE = "simple"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class PbxAccount:
    """One Wildix PBX.

    `url` is scheme and host without a slash at its end. `webhook_secrets` holds the present secret and,
    during a rotation, the one before; empty: the account does not listen. `token` None: no dialling.
    `private`: the PBX stands in the office's own network, so its address may be a private one.
    """

    name: str
    url: str
    plan: NumberPlan
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    token: str | None = field(default=None, repr=False)
    token_kind: TokenKind = TokenKind.SIMPLE
    private: bool = False
    enabled: bool = True

    @property
    def listening(self) -> bool:
        """Whether a signed webhook can be accepted."""
        return self.enabled and bool(self.webhook_secrets)


@dataclass(frozen=True, slots=True)
class AppAccount:
    """One book of contacts: `name` is the book, `app` the registry's name, `url` the app's own address."""

    name: str
    app: str
    url: str
    enabled: bool = True
