"""Everything `linedesk apply` may change, as one value: read from the database, compared, written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from linedesk.accounts.model import DEFAULT_INTERNAL_PATTERN, PBX_APP, AppAccount, PbxAccount, TokenKind
from linedesk.accounts.vault import Vault
from linedesk.agents.model import Agent
from linedesk.calls.dial_policy import DialPolicy
from linedesk.numbers.model import NumberPlan, PrefixRule
from linedesk.store import accounts, agents, documents

DIALLING = "dialling"
"""Name of the document with the dialling policy."""

SECRET_FIELDS = ("webhook_secret", "webhook_secret_previous", "token")


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account: `config` as stored (JSON values), `secrets` in the clear by field name."""

    name: str
    app: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_pbx(self) -> bool:
        return self.app == PBX_APP


@dataclass(frozen=True, slots=True)
class Setup:
    """Accounts by name, agents by login, allowed origins, the dialling policy."""

    accounts: Mapping[str, AccountSetup]
    agents: Mapping[str, Agent]
    origins: frozenset[str]
    dialling: DialPolicy


def read_setup(c: Connection, vault: Vault) -> Setup:
    """The present setup; raises `ConfigError` if the key does not fit the stored secrets."""
    return Setup(
        accounts={
            row.name: AccountSetup(row.name, row.app, row.config, vault.unseal(row.name, row.secrets))
            for row in accounts.all_accounts(c)
        },
        agents={agent.login: agent for agent in agents.all_agents(c)},
        origins=accounts.all_origins(c),
        dialling=DialPolicy.from_document(documents.get(c, DIALLING) or {}),
    )


def stored_dialling(policy: DialPolicy) -> dict[str, Any]:
    """The document to store: what differs from the defaults, so that a safer default reaches the others."""
    defaults = DialPolicy().to_document()
    return {name: value for name, value in policy.to_document().items() if value != defaults[name]}


def pbx_account(account: AccountSetup) -> PbxAccount:
    """The PBX as the service uses it."""
    config, secrets = account.config, account.secrets
    kept = (secrets.get("webhook_secret"), secrets.get("webhook_secret_previous"))
    return PbxAccount(
        name=account.name,
        url=config["url"],
        plan=NumberPlan(
            region=config["region"],
            internal_pattern=config.get("internal_pattern", DEFAULT_INTERNAL_PATTERN),
            rules=tuple(PrefixRule(**rule) for rule in config.get("prefix_rules", ())),
            outside_line=config.get("outside_line", ""),
        ),
        webhook_secrets=tuple(secret for secret in kept if secret),
        token=secrets.get("token"),
        token_kind=TokenKind(config.get("token_kind", TokenKind.SIMPLE)),
        private=config.get("private", False),
        enabled=config.get("enabled", True),
    )


def app_account(account: AccountSetup) -> AppAccount:
    """The book as the service uses it."""
    config = account.config
    return AppAccount(account.name, account.app, config["url"], config.get("enabled", True))
