"""Who an agent is: the person, the extension, the rights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Rising rights. Only `AGENT` needs an extension; the others may have one too."""

    AGENT = "agent"
    VIEWER = "viewer"
    OPERATOR = "operator"
    OWNER = "owner"


class OpenPage(StrEnum):
    """When the contact's page opens by itself."""

    ON_RING = "ring"
    ON_ANSWER = "answer"
    ON_CLICK = "click"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Agent:
    """One local account.

    `login` is unique. `account` and `extension` name the PBX and the extension there (both None for a
    person without a phone). `email` and `user_id` are as the PBX knows them, for events that carry no
    extension. `books` are the accounts whose contacts this agent may see; None means all.
    """

    id: str
    login: str
    name: str
    role: Role
    account: str | None = None
    extension: str | None = None
    email: str | None = None
    user_id: str | None = None
    books: frozenset[str] | None = None
    open_page: OpenPage = OpenPage.ON_CLICK
    active: bool = True
