"""What WMS keeps under Integrations → Applications, and what it has handed out for it: OAuth2 and S2S
applications, one-time codes, refresh tokens, web passwords. Data only.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

_CODE_LIFE_MS = 600_000


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """An OAuth2 application as the administrator registered it."""

    client_id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class S2sApp:
    """A server-to-server application. `name` is the `iss` of its requests."""

    app_id: str
    secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A code that a person's consent made; good once, for ten minutes, for one redirect address."""

    code: str
    client_id: str
    redirect_uri: str
    extension: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token: whose, and for which application."""

    text: str
    client_id: str
    extension: str


@dataclass(slots=True)
class Doors:
    """All of it. Whoever changes it saves the `State` that holds it."""

    oauth: dict[str, OAuthApp] = field(default_factory=dict)
    s2s: dict[str, S2sApp] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    refreshes: dict[str, Refresh] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "oauth": [asdict(each) for each in self.oauth.values()],
            "s2s": [asdict(each) for each in self.s2s.values()],
            "grants": [asdict(each) for each in self.grants.values()],
            "refreshes": [asdict(each) for each in self.refreshes.values()],
            "passwords": self.passwords,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Doors:
        apps = [
            OAuthApp(**{**each, "redirect_uris": tuple(each["redirect_uris"])}) for each in document["oauth"]
        ]
        return cls(
            oauth={each.client_id: each for each in apps},
            s2s={each["app_id"]: S2sApp(**each) for each in document["s2s"]},
            grants={each["code"]: Grant(**each) for each in document["grants"]},
            refreshes={each["text"]: Refresh(**each) for each in document["refreshes"]},
            passwords=dict(document["passwords"]),
        )

    def oauth_app(self, redirect_uris: tuple[str, ...], name: str) -> OAuthApp:
        """The one application, registered at the first call; its redirect addresses become these."""
        present = next(iter(self.oauth.values()), None)
        client_id = present.client_id if present else "app-" + secrets.token_hex(8)
        secret = present.secret if present else secrets.token_urlsafe(24)
        made = OAuthApp(client_id, secret, name, redirect_uris)
        self.oauth[client_id] = made
        return made

    def s2s_app(self, name: str) -> S2sApp:
        """A new server-to-server application."""
        made = S2sApp("s2s-" + secrets.token_hex(8), secrets.token_urlsafe(24), name)
        self.s2s[made.app_id] = made
        return made

    def grant(self, client_id: str, redirect_uri: str, extension: str, now_ms: int) -> Grant:
        """A new code; those that are too old are forgotten."""
        self.grants = {code: each for code, each in self.grants.items() if each.expires_ms > now_ms}
        made = Grant(secrets.token_urlsafe(24), client_id, redirect_uri, extension, now_ms + _CODE_LIFE_MS)
        self.grants[made.code] = made
        return made

    def refresh(self, client_id: str, extension: str) -> Refresh:
        made = Refresh(secrets.token_hex(20), client_id, extension)
        self.refreshes[made.text] = made
        return made

    def password(self, extension: str) -> str:
        """The web password of a user, made when it is first asked for."""
        return self.passwords.setdefault(extension, secrets.token_urlsafe(9))
