"""What an account is: one signed-in use of a PBX or of an app. Secrets never show in a repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from linedesk.contacts.policy import TagRule
from linedesk.numbers.model import NumberPlan

PBX_APP = "wildix"
DEFAULT_INTERNAL_PATTERN = r"\d{2,5}"
DEFAULT_CLOUD_URL = "https://wda.wildix.com"


class TokenKind(StrEnum):
    """How a PBX token was made: a simple token of one PBX user, or a company API key."""

    SIMPLE = "simple"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class TokenCredential:
    """A token that stays as it is."""

    kind: TokenKind
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationCredential:
    """An OAuth 2.0 application of the PBX with the refresh token of an administrator who consented."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedCredential:
    """A server-to-server application: every request is signed with the secret."""

    app_id: str
    app_name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordCredential:
    """Extension and web password, as PieSync signed in. Off unless the account says `allow_password`."""

    login: str
    password: str = field(repr=False)


Credential = TokenCredential | ApplicationCredential | SignedCredential | PasswordCredential


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An OAuth 2.0 application of the PBX, through which people sign in or consent."""

    client_id: str
    client_secret: str = field(repr=False)


class EventsWay(StrEnum):
    """How call events come: `AUTO` polls while no webhook is known to arrive."""

    AUTO = "auto"
    WEBHOOK = "webhook"
    POLLING = "polling"


@dataclass(frozen=True, slots=True)
class PbxAccount:
    """One Wildix PBX.

    `url` is scheme and host without a slash at its end. `webhook_secrets` holds the present secret and,
    during a rotation, the one before; empty: webhooks are not accepted. `credential` None: no dialling, no
    phonebook, no polling. `application`: that of the account itself; without a credential it waits for the
    consent that `linedesk connect` asks for. `sign_in`: that of the agents. `private`: the PBX stands in the
    office's own network, so its address may be a private one. `cloud_url`: the presence and history plane.
    `requests_per_s`: the budget of everything. `tag_rules`: how a call's tags name the caller.
    """

    name: str
    url: str
    plan: NumberPlan
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    credential: Credential | None = None
    application: OAuthClient | None = None
    sign_in: OAuthClient | None = None
    events: EventsWay = EventsWay.AUTO
    cloud_url: str = DEFAULT_CLOUD_URL
    requests_per_s: int = 5
    private: bool = False
    enabled: bool = True
    tag_rules: tuple[TagRule, ...] = ()

    @property
    def listening(self) -> bool:
        """Whether a signed webhook can be accepted."""
        return self.enabled and bool(self.webhook_secrets)

    @property
    def polled(self) -> bool:
        """Whether calls are found without webhooks."""
        return self.enabled and self.credential is not None and self.events is not EventsWay.WEBHOOK


@dataclass(frozen=True, slots=True)
class AppAccount:
    """One book of contacts: `name` is the book, `app` the registry's name, `url` the app's own address.

    `config` and `secrets` are the app's own keys, as `AppKind.settings` knows them.
    """

    name: str
    app: str
    url: str
    enabled: bool = True
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
