"""What the account tables of a file make of the present accounts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import SecretStr, ValidationError

from linedesk.accounts.addresses import check_account_url
from linedesk.accounts.edge import AccountTable
from linedesk.accounts.keys import (
    COMMON_KEYS,
    CREDENTIALS,
    PBX_DEFAULTS,
    PBX_SECRETS,
    ROTATED_TOKEN,
    SIGN_IN,
    CredentialKeys,
    is_app,
    secret_keys,
)
from linedesk.accounts.model import PBX_APP
from linedesk.accounts.sentences import meant
from linedesk.accounts.setup import AccountSetup, account_setup
from linedesk.apps.kind import AppKind, AppSettings
from linedesk.apps.registry import REGISTRY
from linedesk.errors import ApplyError

_PBX_KEYS = frozenset({*COMMON_KEYS, *PBX_DEFAULTS, *PBX_SECRETS, "region"})


def wanted_accounts(
    before: Mapping[str, AccountSetup], tables: Mapping[str, AccountTable]
) -> dict[str, AccountSetup]:
    """The accounts after the file; raises `ApplyError`."""
    after = dict(before)
    for name, table in tables.items():
        if table.remove:
            after.pop(name, None)
        else:
            after[name] = _account(name, before.get(name), table)
    _check_homes(after)
    return after


def _account(name: str, before: AccountSetup | None, table: AccountTable) -> AccountSetup:
    given = table.given()
    path = f"accounts.{name}"
    app = _app(path, before, given)
    given.pop("app", None)
    _check_keys(path, app, given)
    secrets = dict(before.secrets) if before is not None else {}
    for key in secret_keys(app):
        if key in given:
            secrets = _with_secret(secrets, key, given.pop(key))
    config = {**(before.config if before is not None else {}), **_stored(given)}
    if app == PBX_APP:
        account = account_setup(name, app, config, secrets)
        _check_pbx(path, account)
    else:
        account = _app_account(name, app, config, secrets)
    for key in _needed(app):
        if not account.config.get(key):
            raise ApplyError(f"`{path}.{key}` is missing.")
    return account


def _app(path: str, before: AccountSetup | None, given: Mapping[str, Any]) -> str:
    app: str = before.app if before is not None else given.get("app", "")
    if before is None and app != PBX_APP and not is_app(app):
        known = ", ".join(sorted({PBX_APP, *REGISTRY}))
        wrong = (
            f"`{path}.app`: {app!r} is no app that Linedesk knows{meant(app, (PBX_APP, *REGISTRY))}."
            if app
            else f"`{path}.app` is missing."
        )
        raise ApplyError(wrong, remedy=f"Apps are: {known}.")
    if given.get("app", app) != app:
        raise ApplyError(
            f"`{path}.app` can't change from {app!r} to {given['app']!r}.",
            remedy="Remove the account and add the other under a name of its own.",
        )
    return app


def _check_keys(path: str, app: str, given: Mapping[str, Any]) -> None:
    """Every key must be one of this app's."""
    kind = REGISTRY.get(app)
    own = kind.settings.model_fields.keys() if kind is not None and kind.settings is not None else ()
    allowed = _PBX_KEYS if app == PBX_APP else {*COMMON_KEYS, *own}
    for key in given:
        if key not in allowed:
            whose = "PBX accounts" if key in _PBX_KEYS else "another app's accounts"
            what = "PBX" if app == PBX_APP else app
            raise ApplyError(f"`{path}.{key}` is a key of {whose}; `{path}` is a {what} account.")


def _with_secret(secrets: Mapping[str, str], key: str, value: Any) -> dict[str, str]:
    """The secrets with `key` as given; an empty text clears it."""
    after = {**secrets, key: value}
    if key == "oauth_refresh_token" and secrets.get(key) != value:
        after.pop(ROTATED_TOKEN, None)
    return {name: text for name, text in after.items() if text}


def _stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of the file's values; an empty text is a PBX account's default again."""
    return {
        key: PBX_DEFAULTS[key] if value == "" and key in PBX_DEFAULTS else _json(value)
        for key, value in given.items()
    }


def _json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [
            each if isinstance(each, str | int | float | dict) else each.model_dump(mode="json")
            for each in value
        ]
    return value


def _needed(app: str) -> tuple[str, ...]:
    if app == PBX_APP:
        return ("url", "region")
    return ("url",) if REGISTRY[app].needs_url else ()


def _check_pbx(path: str, account: AccountSetup) -> None:
    for key in ("url", "cloud_url"):
        if account.config.get(key):
            try:
                check_account_url(account.config[key], path_allowed=False)
            except ValueError as error:
                raise ApplyError(f"`{path}.{key}`: {error}.") from None
    named = [kind for kind in CREDENTIALS if any(_value(account, key) for key in kind.keys)]
    if len(named) > 1:
        first, second = named[0], named[1]
        raise ApplyError(
            f"`{path}` has two credentials, {first.title} and {second.title}; it can use only one.",
            remedy="Clear the keys of the other one: "
            + " or ".join(_cleared(account, kind) for kind in (first, second))
            + ".",
        )
    for kind in (*named, SIGN_IN):
        _check_whole(path, account, kind)
    if account.secrets.get("password") and not account.config["allow_password"]:
        raise ApplyError(
            f"`{path}.password`: signing in with a user's password is the old way, and is off.",
            remedy=f"Use a token, or write `allow_password = true` into `{path}`.",
        )


def _check_whole(path: str, account: AccountSetup, kind: CredentialKeys) -> None:
    """What belongs together must be together. Without any secret it may wait (an export holds none)."""
    if not any(account.secrets.get(key) for key in kind.secrets):
        return
    needed = [key for key in kind.keys if key not in kind.later]
    lacking = [key for key in needed if not _value(account, key)]
    if lacking:
        raise ApplyError(
            f"`{path}.{lacking[0]}` is missing: {kind.title} needs {' and '.join(needed)}.",
            remedy=f"Give it, or clear the others: {_cleared(account, kind)}.",
        )


def _cleared(account: AccountSetup, kind: CredentialKeys) -> str:
    return ", ".join(f'{key} = ""' for key in kind.keys if _value(account, key))


def _value(account: AccountSetup, key: str) -> Any:
    return account.secrets.get(key) or account.config.get(key)


def _app_account(name: str, app: str, config: Mapping[str, Any], secrets: Mapping[str, str]) -> AccountSetup:
    kind = REGISTRY[app]
    common = {key: config[key] for key in ("url", "enabled") if key in config}
    if kind.settings is None:
        return account_setup(name, app, common, {})
    own = _checked(f"accounts.{name}", kind, kind.settings, config, secrets)
    return account_setup(name, app, {**own, **common}, secrets)


def _checked(
    path: str,
    kind: AppKind,
    settings: type[AppSettings],
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> dict[str, Any]:
    """The app's own keys as its settings understand them; an empty text is no value, if that may be."""
    defaults = kind.defaults()
    own = {
        key: None if config[key] == "" and defaults[key] is None else config[key]
        for key in defaults
        if key in config
    }
    try:
        made = settings.model_validate({**own, **{key: SecretStr(text) for key, text in secrets.items()}})
    except ValidationError as error:
        # The input stays out of the sentence: it may be a secret.
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        where = f"`{path}.{key}`" if key else f"`{path}`"
        raise ApplyError(f"{where}: {message[:1].lower()}{message[1:]}.") from None
    document = made.model_dump(mode="json")
    return {key: document[key] for key in defaults}


def _check_homes(accounts: Mapping[str, AccountSetup]) -> None:
    """An app that lives on a PBX names one that is there."""
    for name in sorted(accounts):
        account = accounts[name]
        kind = REGISTRY.get(account.app)
        if kind is None or kind.pbx_key is None:
            continue
        home = account.config.get(kind.pbx_key)
        if not home:
            raise ApplyError(
                f"`accounts.{name}.{kind.pbx_key}` is missing.", remedy="Name the PBX account it belongs to."
            )
        if home not in accounts or not accounts[home].is_pbx:
            raise ApplyError(
                f"`accounts.{name}.{kind.pbx_key}` names `{home}`, which is no PBX account.",
                remedy="Add the PBX account in the same file, correct the name, or remove this account too.",
            )
