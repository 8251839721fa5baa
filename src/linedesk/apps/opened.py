"""One open app for each account, opened when it is first asked for and again when the account changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from linedesk.accounts.model import AppAccount
from linedesk.accounts.service import Accounts
from linedesk.addresses import Reach
from linedesk.apps.base import App
from linedesk.apps.kind import AccountContext, AppKind, AppSettings
from linedesk.clock import Clock
from linedesk.errors import ConfigError
from linedesk.numbers.model import NumberPlan

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """An open app and what it was opened with."""

    account: AppAccount
    plan: NumberPlan
    app: App


class OpenApps:
    """`refresh` after the accounts changed; `close` at the end.

    `pbx` gives the open client of a PBX account or raises `ConfigError`. `loopback`: the service itself
    listens on this machine only, so an app may be there too (the demo).
    """

    def __init__(
        self,
        accounts: Accounts,
        kinds: Mapping[str, AppKind],
        clock: Clock,
        *,
        pbx: Callable[[str], Any],
        timeout_s: float,
        loopback: bool,
    ) -> None:
        self._accounts = accounts
        self._kinds = kinds
        self._clock = clock
        self._pbx = pbx
        self._timeout_s = timeout_s
        self._loopback = loopback
        self._held: dict[str, _Held] = {}
        self._retired: list[_Held] = []

    def app(self, name: str) -> App:
        """The open app of this account; `ConfigError` when there is none or it can't be opened."""
        account = self._account(name)
        held = self._held.get(name)
        if held is not None and self._is_current(held):
            return held.app
        opened = self._open(account)
        self._retire(name)
        self._held[name] = opened
        return opened.app

    def kind_of(self, name: str) -> AppKind:
        """What kind of app the account is of; `ConfigError` when there is no such account."""
        return self._kind(self._account(name))

    def plan_of(self, name: str) -> NumberPlan:
        """How the numbers of this account are read."""
        account = self._accounts.app(name)
        return self._plan(account) if account is not None else self._accounts.plan_of(name)

    async def refresh(self, busy: Collection[str] = ()) -> None:
        """Close what belongs to accounts that changed or are gone.

        `busy`: accounts whose apps a run is working with; `tidy` closes those later.
        """
        for name in [name for name, held in self._held.items() if not self._is_current(held)]:
            self._retire(name)
        await self.tidy(busy)

    async def tidy(self, busy: Collection[str] = ()) -> None:
        """Close the apps that nobody is given any more, once no run works with their accounts."""
        for held in [each for each in self._retired if each.account.name not in busy]:
            # Another task may be here too: each app is closed by the one that takes it out.
            if held in self._retired:
                self._retired.remove(held)
                await held.app.close()

    async def close(self) -> None:
        """Close every app."""
        for name in list(self._held):
            self._retire(name)
        while self._retired:
            await self._retired.pop().app.close()

    def _is_current(self, held: _Held) -> bool:
        account = held.account
        return self._accounts.app(account.name) == account and self._plan(account) == held.plan

    def _plan(self, account: AppAccount) -> NumberPlan:
        """How the app's numbers are read: as on the PBX that the account names, else on the first."""
        kind = self._kinds.get(account.app)
        home = account.config.get(kind.pbx_key) if kind is not None and kind.pbx_key is not None else None
        return self._accounts.plan_of(home)

    def _account(self, name: str) -> AppAccount:
        account = self._accounts.app(name)
        if account is not None:
            return account
        if self._accounts.pbx(name) is not None:
            raise ConfigError(f"{name} is a PBX, not a book of contacts.", remedy="Name an app account.")
        raise ConfigError(
            f"There is no account {name}, or it is switched off.",
            remedy="`linedesk export` shows the accounts; `linedesk apply` adds one or switches it on.",
        )

    def _kind(self, account: AppAccount) -> AppKind:
        kind = self._kinds.get(account.app)
        if kind is None:
            raise ConfigError(
                f"The account {account.name} is of the app {account.app}, which this version does not know.",
                remedy="Update Linedesk, or remove the account with `linedesk apply`.",
            )
        return kind

    def _open(self, account: AppAccount) -> _Held:
        kind = self._kind(account)
        who = f"{kind.info.title} ({account.name})"
        if kind.open is None or kind.settings is None:
            raise ConfigError(
                f"{who} can't be synced: Linedesk only knows its pages.",
                remedy="Import its contacts with `linedesk contacts import`.",
            )
        settings = _settings(who, kind.settings, account)
        plan = self._plan(account)
        app = kind.open(
            AccountContext(
                name=account.name,
                who=who,
                url=account.url,
                settings=settings,
                plan=plan,
                clock=self._clock,
                timeout_s=self._timeout_s,
                reach=Reach(private=getattr(settings, "private", False), loopback=self._loopback),
                pbx=self._pbx,
            )
        )
        log.info("account_opened", account=account.name, app=account.app)
        return _Held(account, plan, app)

    def _retire(self, name: str) -> None:
        held = self._held.pop(name, None)
        if held is not None:
            self._retired.append(held)


def _settings(who: str, model: type[AppSettings], account: AppAccount) -> AppSettings:
    try:
        settings = model.model_validate({**account.config, **account.secrets})
    except ValidationError as error:
        # The values stay out of the sentence: one may be a secret.
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ConfigError(
            f"{who}: `{key}`: {first['msg'].removeprefix('Value error, ').lower()}.",
            remedy="Correct the account with `linedesk apply`.",
        ) from None
    lacking = settings.missing()
    if lacking:
        raise ConfigError(
            f"{who} has no {lacking[0].replace('_', ' ')}.",
            remedy=f"Put it into `accounts.{account.name}.{lacking[0]}` with `linedesk apply`.",
        )
    return settings
