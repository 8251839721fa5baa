"""Everything `linedesk apply` may change, as one value: read from the database, compared, written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection

from linedesk.accounts.keys import COMMON_KEYS, ROTATED_TOKEN, default_values, secret_keys
from linedesk.accounts.model import (
    PBX_APP,
    AppAccount,
    ApplicationCredential,
    Credential,
    EventsWay,
    OAuthClient,
    PasswordCredential,
    PbxAccount,
    SignedCredential,
    TokenCredential,
    TokenKind,
)
from linedesk.accounts.vault import Vault
from linedesk.agents.model import Agent
from linedesk.calls.dial_policy import DialPolicy
from linedesk.contacts.policy import MatchPolicy, TagFinds, TagRule
from linedesk.numbers.model import Certainty, NumberPlan, PrefixRule
from linedesk.store import accounts, agents, connections, documents
from linedesk.sync import model as sync

DIALLING = "dialling"
"""Name of the document with the dialling policy."""
MATCHING = "matching"
"""Name of the document with how callers are matched."""
_RULE_LISTS: Mapping[str, Mapping[str, Any]] = {
    "prefix_rules": asdict(PrefixRule("")),
    "dial_rules": asdict(PrefixRule("")),
    "tag_rules": asdict(TagRule("")),
}
"""Lists of rules of a PBX account, each with a rule's defaults."""


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account: `config` with every key (JSON values), `secrets` in the clear by key."""

    name: str
    app: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_pbx(self) -> bool:
        return self.app == PBX_APP

    def stored_config(self) -> dict[str, Any]:
        """What differs from the defaults, so that a better default reaches every account that left it."""
        defaults = default_values(self.app)
        kept = COMMON_KEYS - {"app"}
        return {
            key: value
            for key, value in self.config.items()
            if key in kept or key not in defaults or defaults[key] != value
        }


@dataclass(frozen=True, slots=True)
class Setup:
    """Accounts and connections by name, agents by login, origins, policies of dialling and matching."""

    accounts: Mapping[str, AccountSetup]
    agents: Mapping[str, Agent]
    origins: frozenset[str]
    dialling: DialPolicy
    connections: Mapping[str, sync.Connection] = field(default_factory=dict)
    matching: MatchPolicy = field(default_factory=MatchPolicy)


def read_setup(c: Connection, vault: Vault) -> Setup:
    """The present setup; raises `ConfigError` if the key does not fit the stored secrets."""
    return Setup(
        accounts={
            row.name: account_setup(row.name, row.app, row.config, vault.unseal(row.name, row.secrets))
            for row in accounts.all_accounts(c)
        },
        agents={agent.login: agent for agent in agents.all_agents(c)},
        origins=accounts.all_origins(c),
        dialling=DialPolicy.from_document(documents.get(c, DIALLING) or {}),
        connections={each.name: each for each in connections.all_connections(c)},
        matching=_matching(documents.get(c, MATCHING) or {}),
    )


def account_setup(name: str, app: str, config: Mapping[str, Any], secrets: Mapping[str, str]) -> AccountSetup:
    """An account with its defaults filled in. A key that this version no longer knows is left out."""
    defaults = default_values(app)
    known = config if app == PBX_APP else {key: config[key] for key in config if key in defaults}
    whole = {**defaults, **known}
    if app == PBX_APP:
        # Rules that an older version stored lack what is newer.
        whole |= {
            key: [{**usual, **rule} for rule in whole[key]]
            for key, usual in _RULE_LISTS.items()
            if whole[key]
        }
    return AccountSetup(name, app, whole, secrets)


def stored_dialling(policy: DialPolicy) -> dict[str, Any]:
    """The document to store: what differs from the defaults, so that a safer default reaches the others."""
    defaults = DialPolicy().to_document()
    return {name: value for name, value in policy.to_document().items() if value != defaults[name]}


def stored_matching(policy: MatchPolicy) -> dict[str, Any]:
    """The document to store, and the table of the file."""
    return {"open_first": list(policy.open_first)}


def _matching(document: Mapping[str, Any]) -> MatchPolicy:
    return MatchPolicy(open_first=tuple(document.get("open_first", ())))


def pbx_account(account: AccountSetup) -> PbxAccount:
    """The PBX as the service uses it."""
    config, secrets = account.config, account.secrets
    kept = (secrets.get("webhook_secret"), secrets.get("webhook_secret_previous"))
    return PbxAccount(
        name=account.name,
        url=config["url"],
        plan=NumberPlan(
            region=config["region"],
            internal_pattern=config["internal_pattern"],
            rules=tuple(PrefixRule(**rule) for rule in config["prefix_rules"]),
            outside_line=config["outside_line"],
            dial_rules=tuple(PrefixRule(**rule) for rule in config["dial_rules"]),
        ),
        webhook_secrets=tuple(secret for secret in kept if secret),
        credential=_credential(config, secrets),
        application=_client(config, secrets, "oauth"),
        sign_in=_client(config, secrets, "sign_in"),
        events=EventsWay(config["events"]),
        cloud_url=config["cloud_url"],
        requests_per_s=config["requests_per_s"],
        private=config["private"],
        enabled=config["enabled"],
        tag_rules=tuple(_tag_rule(rule) for rule in config["tag_rules"]),
    )


def _tag_rule(rule: Mapping[str, Any]) -> TagRule:
    return TagRule(rule["pattern"], TagFinds(rule["finds"]), rule["book"], Certainty(rule["certainty"]))


def _credential(config: Mapping[str, Any], secrets: Mapping[str, str]) -> Credential | None:
    """The credential whose secrets are there; `plan` lets no account have two."""
    if token := secrets.get("token"):
        return TokenCredential(TokenKind(config["token_kind"]), token)
    if "oauth_refresh_token" in secrets and "oauth_client_secret" in secrets:
        refresh_token = secrets.get(ROTATED_TOKEN) or secrets["oauth_refresh_token"]
        return ApplicationCredential(config["oauth_client_id"], secrets["oauth_client_secret"], refresh_token)
    if secret := secrets.get("s2s_secret"):
        return SignedCredential(config["s2s_app_id"], config["s2s_app_name"], secret)
    if (password := secrets.get("password")) and config["allow_password"]:
        return PasswordCredential(config["login"], password)
    return None


def _client(config: Mapping[str, Any], secrets: Mapping[str, str], prefix: str) -> OAuthClient | None:
    secret = secrets.get(f"{prefix}_client_secret")
    return OAuthClient(config[f"{prefix}_client_id"], secret) if secret else None


def app_account(account: AccountSetup) -> AppAccount:
    """The book as the service uses it."""
    own = {key: value for key, value in account.config.items() if key not in COMMON_KEYS}
    held = {key: account.secrets[key] for key in secret_keys(account.app) if key in account.secrets}
    return AppAccount(account.name, account.app, account.config["url"], account.config["enabled"], own, held)
