"""Which accounts are another book than before: what is known of the old one's records holds no more. Pure.

An id of the old book may be anybody's in the new one, so no pair may outlive the move.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linedesk.accounts.setup import AccountSetup, Setup
from linedesk.apps.registry import REGISTRY


def moved_accounts(before: Setup, after: Setup) -> frozenset[str]:
    """Accounts that a connection uses, then and now, and that are at another place now."""
    used = _used(before) & _used(after)
    return frozenset(
        name
        for name in used & before.accounts.keys() & after.accounts.keys()
        if place_of(name, before.accounts) != place_of(name, after.accounts)
    )


def forgotten_pairs(before: Setup, after: Setup) -> Mapping[str, tuple[str, ...]]:
    """Account whose own keys changed -> connections that forget their pairs for it."""
    found: dict[str, set[str]] = {}
    for moved in moved_accounts(before, after):
        causes = {moved, _home(after.accounts[moved])} - {None}
        names = {each.name for each in after.connections.values() if moved in {each.a, each.b}}
        for cause in causes:
            if cause is not None and before.accounts.get(cause) != after.accounts.get(cause):
                found.setdefault(cause, set()).update(names)
    return {cause: tuple(sorted(names)) for cause, names in found.items()}


def _used(setup: Setup) -> frozenset[str]:
    return frozenset(name for each in setup.connections.values() for name in (each.a, each.b))


def place_of(name: str, accounts: Mapping[str, AccountSetup]) -> tuple[Any, ...]:
    """What tells one book from another: its app's address, or its PBX's and the keys that name it there."""
    account = accounts[name]
    home = _home(account)
    kind = REGISTRY.get(account.app)
    keys = kind.place_keys if kind is not None else ()
    return (
        account.config.get("url") if home is None else None,
        accounts[home].config.get("url") if home is not None and home in accounts else None,
        *(account.config.get(key) for key in keys),
    )


def _home(account: AccountSetup) -> str | None:
    """The PBX account on which the book is."""
    kind = REGISTRY.get(account.app)
    home = account.config.get(kind.pbx_key) if kind is not None and kind.pbx_key is not None else None
    return str(home) if home else None
