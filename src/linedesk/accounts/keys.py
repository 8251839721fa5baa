"""The keys of an account as data: which are secret, their defaults, what makes a credential. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.accounts.model import (
    DEFAULT_CLOUD_URL,
    DEFAULT_INTERNAL_PATTERN,
    PBX_APP,
    EventsWay,
    TokenKind,
)
from linedesk.apps.registry import REGISTRY

PBX_SECRETS = (
    "webhook_secret",
    "webhook_secret_previous",
    "token",
    "oauth_client_secret",
    "oauth_refresh_token",
    "s2s_secret",
    "password",
    "sign_in_client_secret",
)
ROTATED_TOKEN = "oauth_refresh_token_rotated"  # noqa: S105 - the name of a key
"""Beside `oauth_refresh_token`, which stays as it was given: what the PBX changed it to since."""

PBX_DEFAULTS: Mapping[str, Any] = {
    "internal_pattern": DEFAULT_INTERNAL_PATTERN,
    "outside_line": "",
    "prefix_rules": [],
    "dial_rules": [],
    "tag_rules": [],
    "token_kind": TokenKind.SIMPLE.value,
    "oauth_client_id": "",
    "s2s_app_id": "",
    "s2s_app_name": "",
    "login": "",
    "allow_password": False,
    "sign_in_client_id": "",
    "events": EventsWay.AUTO.value,
    "cloud_url": DEFAULT_CLOUD_URL,
    "requests_per_s": 5,
    "private": False,
    "enabled": True,
}
COMMON_KEYS = frozenset({"app", "url", "enabled"})
"""What every account has."""


@dataclass(frozen=True, slots=True)
class CredentialKeys:
    """One kind of credential: all of `keys` belong together, those of `secrets` are sealed.

    `later`: what is not typed in but fetched, by `linedesk connect`.
    """

    title: str
    keys: tuple[str, ...]
    secrets: tuple[str, ...]
    later: tuple[str, ...] = ()


CREDENTIALS = (
    CredentialKeys("a token", ("token",), ("token",)),
    CredentialKeys(
        "an OAuth 2.0 application",
        ("oauth_client_id", "oauth_client_secret", "oauth_refresh_token"),
        ("oauth_client_secret", "oauth_refresh_token"),
        later=("oauth_refresh_token",),
    ),
    CredentialKeys(
        "a server-to-server application", ("s2s_app_id", "s2s_app_name", "s2s_secret"), ("s2s_secret",)
    ),
    CredentialKeys("a password", ("login", "password"), ("password",)),
)
SIGN_IN = CredentialKeys(
    "the agents' sign-in", ("sign_in_client_id", "sign_in_client_secret"), ("sign_in_client_secret",)
)


def is_app(app: str) -> bool:
    """Whether Linedesk knows an app of this name; the PBX is none."""
    return app in REGISTRY


def secret_keys(app: str) -> tuple[str, ...]:
    """The keys of an account of this app that are sealed."""
    if app == PBX_APP:
        return PBX_SECRETS
    return REGISTRY[app].secret_fields() if app in REGISTRY else ()


def default_values(app: str) -> dict[str, Any]:
    """Every key that is not secret and has a default, as JSON values."""
    if app == PBX_APP:
        return dict(PBX_DEFAULTS)
    kind = REGISTRY.get(app)
    return {"url": "", "enabled": True, **(kind.defaults() if kind is not None else {})}


def app_keys() -> frozenset[str]:
    """The keys of all apps' own settings."""
    return frozenset(
        name for kind in REGISTRY.values() if kind.settings is not None for name in kind.settings.model_fields
    )


def every_secret_key() -> frozenset[str]:
    """The keys that may hold a secret in some account."""
    return frozenset({*PBX_SECRETS, *(name for kind in REGISTRY.values() for name in kind.secret_fields())})
