"""The accounts, allowed origins and dialling policy in memory, read anew when a command changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import structlog
from sqlalchemy import Connection

from linedesk.accounts.keys import ROTATED_TOKEN
from linedesk.accounts.model import AppAccount, ApplicationCredential, PbxAccount
from linedesk.accounts.setup import Setup, app_account, pbx_account, read_setup
from linedesk.accounts.vault import Vault
from linedesk.calls.dial_policy import DialPolicy
from linedesk.clock import Clock
from linedesk.contacts.policy import MatchPolicy, TagRule
from linedesk.errors import SyncImpossible
from linedesk.numbers.model import NumberPlan
from linedesk.store import accounts as rows
from linedesk.store import generation
from linedesk.store.database import Database
from linedesk.sync import model as sync

log = structlog.get_logger(__name__)

_NO_PBX_PLAN = NumberPlan(region="IT")


@dataclass(frozen=True, slots=True)
class _View:
    generation: int
    pbx: Mapping[str, PbxAccount]
    apps: Mapping[str, AppAccount]
    plans: Mapping[str, NumberPlan]
    origins: frozenset[str]
    dialling: DialPolicy
    connections: Mapping[str, sync.Connection]
    matching: MatchPolicy


_EMPTY = _View(-1, {}, {}, {}, frozenset(), DialPolicy(), {}, MatchPolicy())


class Accounts:
    """Call `refresh` before use; then every question is answered from memory."""

    def __init__(self, books: Database, vault: Vault, clock: Clock) -> None:
        self._books = books
        self._vault = vault
        self._clock = clock
        self._view = _EMPTY

    async def refresh(self) -> None:
        """Read everything; raises `ConfigError` if the secret key does not fit."""
        self._view = await self._books.read(self._read)

    async def refresh_if_changed(self) -> bool:
        """Read everything if a command changed something; answers whether it did."""
        if await self._books.read(generation.read) == self._view.generation:
            return False
        await self.refresh()
        log.info("accounts_read_anew", generation=self._view.generation)
        return True

    def pbx(self, name: str) -> PbxAccount | None:
        """The PBX account of this name; None if there is none or it is switched off."""
        account = self._view.pbx.get(name)
        return account if account is not None and account.enabled else None

    def app(self, name: str) -> AppAccount | None:
        """The app account (book) of this name; None if there is none or it is switched off."""
        account = self._view.apps.get(name)
        return account if account is not None and account.enabled else None

    def all_pbx(self) -> tuple[PbxAccount, ...]:
        """Every PBX account that is switched on, by name."""
        return tuple(account for account in self._view.pbx.values() if account.enabled)

    def apps(self) -> tuple[AppAccount, ...]:
        """Every app account that is switched on, by name."""
        return tuple(account for account in self._view.apps.values() if account.enabled)

    def connections(self) -> tuple[sync.Connection, ...]:
        """Every connection, by name; also those that are paused or switched off."""
        return tuple(self._view.connections.values())

    def connection(self, name: str) -> sync.Connection | None:
        """The connection of this name."""
        return self._view.connections.get(name)

    def connection_of(self, name: str) -> sync.Connection:
        """As `connection`; `SyncImpossible` when there is none."""
        found = self.connection(name)
        if found is not None:
            return found
        known = ", ".join(self._view.connections) or "none yet"
        raise SyncImpossible(
            f"There is no connection {name}.",
            remedy=f"Connections are: {known}. `linedesk apply` adds one.",
        )

    def plans(self) -> Mapping[str, NumberPlan]:
        """The number plan of each PBX account by its name."""
        return self._view.plans

    def plan_of(self, name: str | None) -> NumberPlan:
        """The plan of a PBX account; of the first one when `name` is None or unknown."""
        plans = self._view.plans
        if name is not None and name in plans:
            return plans[name]
        return next(iter(plans.values()), _NO_PBX_PLAN)

    def origins(self) -> frozenset[str]:
        """The origins that may embed the widget, each exactly as a browser sends it."""
        return self._view.origins

    def dialling(self) -> Mapping[str, object]:
        """The dialling policy in force as a document, for `DialPolicy.from_document`."""
        return self._view.dialling.to_document()

    def matching(self) -> MatchPolicy:
        """How callers are matched."""
        return self._view.matching

    def tag_rules(self, account: str) -> tuple[TagRule, ...]:
        """How the tags of a PBX account's calls name the caller; none of an account that is not served."""
        found = self.pbx(account)
        return found.tag_rules if found is not None else ()

    async def save_refresh_token(self, name: str, refresh_token: str) -> None:
        """Keep what the PBX changed an account's refresh token to; the old one opens nothing any more.

        The account counts as unchanged: whoever uses it has the new token already. Nothing is kept when
        its application was replaced meanwhile.
        """
        now_ms = self._clock.now_ms()
        known = self._view.pbx.get(name)
        used = known.credential if known is not None else None

        def work(c: Connection) -> None:
            row = next((row for row in rows.all_accounts(c) if row.name == name), None)
            if row is None or not isinstance(used, ApplicationCredential):
                return
            values = self._vault.unseal(row.name, row.secrets)
            secret = values.get("oauth_client_secret")
            if (row.config.get("oauth_client_id"), secret) != (used.client_id, used.client_secret):
                return
            blob = self._vault.seal(row.name, {**values, ROTATED_TOKEN: refresh_token})
            rows.put(c, rows.AccountRow(row.name, row.app, row.config, blob), now_ms)

        await self._books.write(work)

    async def reseal(self) -> int:
        """Encrypt with the newest key what an older one closed; answers how many accounts."""
        now_ms = self._clock.now_ms()

        def work(c: Connection) -> int:
            count = 0
            for row in rows.all_accounts(c):
                if row.secrets is not None and not self._vault.is_current(row.secrets):
                    values = self._vault.unseal(row.name, row.secrets)
                    blob = self._vault.seal(row.name, values)
                    rows.put(c, rows.AccountRow(row.name, row.app, row.config, blob), now_ms)
                    count += 1
            return count

        return await self._books.write(work)

    def _read(self, c: Connection) -> _View:
        setup = read_setup(c, self._vault)
        pbx, apps = _split(setup)
        return _View(
            generation=generation.read(c),
            pbx=MappingProxyType(pbx),
            apps=MappingProxyType(apps),
            plans=MappingProxyType({name: account.plan for name, account in pbx.items()}),
            origins=setup.origins,
            dialling=setup.dialling,
            connections=MappingProxyType(dict(sorted(setup.connections.items()))),
            matching=setup.matching,
        )


def _split(setup: Setup) -> tuple[dict[str, PbxAccount], dict[str, AppAccount]]:
    every = [setup.accounts[name] for name in sorted(setup.accounts)]
    return (
        {account.name: pbx_account(account) for account in every if account.is_pbx},
        {account.name: app_account(account) for account in every if not account.is_pbx},
    )
