"""What is missing for calls and syncs, in sentences. Pure: it judges the setup, it reaches nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping

from linedesk.accounts.connection_advice import rule_advice
from linedesk.accounts.keys import CREDENTIALS
from linedesk.accounts.model import EventsWay
from linedesk.accounts.moved import place_of
from linedesk.accounts.setup import AccountSetup, Setup, app_account, pbx_account
from linedesk.agents.model import Agent, Role
from linedesk.apps.registry import REGISTRY
from linedesk.sync.model import Connection, Side


def advice(setup: Setup) -> list[str]:
    """One sentence for each thing that will not work, with what to do; empty when all is well."""
    accounts = [setup.accounts[name] for name in sorted(setup.accounts)]
    pbx = [account for account in accounts if account.is_pbx]
    sentences = [] if pbx else ["There is no PBX account yet: add one with `linedesk apply`."]
    for account in pbx:
        sentences += _pbx(account)
    used = {name for each in setup.connections.values() for name in (each.a, each.b)}
    for account in accounts:
        # A book that is only imported into needs no credential.
        sentences += _app(account) if account.name in used else []
    for name in sorted(setup.connections):
        sentences += _connection(setup.connections[name], setup)
    rivals = rivals_by_connection(setup.connections.values(), lambda name: place_of(name, setup.accounts))
    sentences += [rivalry(name, others) for name, others in rivals.items() if name < min(others)]
    agents = [agent for agent in setup.agents.values() if agent.active]
    sentences += _extensions(agents)
    sentences += _emails(agents)
    return sentences


def rivals_by_connection(
    connections: Iterable[Connection], place: Callable[[str], Hashable] = lambda name: name
) -> Mapping[str, tuple[str, ...]]:
    """The enabled connections, by name, that write where others do, with those. `place`: of an account."""
    writers: defaultdict[Hashable, list[str]] = defaultdict(list)
    for each in connections:
        for side, account in ((Side.A, each.a), (Side.B, each.b)):
            if each.enabled and each.direction.writes(side):
                writers[place(account)].append(each.name)
    return {
        name: tuple(sorted({*names} - {name}))
        for names in writers.values()
        for name in sorted(names)
        if len(names) > 1
    }


def rivalry(name: str, others: Iterable[str]) -> str:
    """What comes of it when connections write into one book."""
    listed = ", ".join(f"`{each}`" for each in others)
    return (
        f"The connection `{name}` writes into the same book as {listed}: whoever is in more than one of "
        "their sources gets the values of the one that ran last, again and again. Give each a book of its "
        "own, or switch all but one of them off."
    )


def _pbx(account: AccountSetup) -> list[str]:
    sentences = []
    made = pbx_account(account)
    if not made.webhook_secrets and not made.polled and made.events is not EventsWay.POLLING:
        sentences.append(
            f"`{account.name}` is not listening to calls: put the webhook's secret from WMS into "
            f"`accounts.{account.name}.webhook_secret`."
        )
    if made.credential is None:
        sentences.append(_without_credential(account))
    if account.config["sign_in_client_id"] and made.sign_in is None:
        sentences.append(
            f"Agents can't sign in with `{account.name}`: put the application's secret into "
            f"`accounts.{account.name}.sign_in_client_secret`."
        )
    return sentences


def _without_credential(account: AccountSetup) -> str:
    if pbx_account(account).application is not None:
        return (
            f"`{account.name}` is not connected yet: run `linedesk connect {account.name}`, and let an "
            "administrator of the PBX consent."
        )
    for kind in CREDENTIALS:
        if any(account.config.get(key) for key in kind.keys):
            secrets = [key for key in kind.secrets if key not in kind.later]
            keys = " and ".join(f"`accounts.{account.name}.{key}`" for key in secrets)
            return f"`{account.name}` can't dial: put the secret of {kind.title} into {keys}."
    return f"`{account.name}` can't dial: put a token from WMS into `accounts.{account.name}.token`."


def _app(account: AccountSetup) -> list[str]:
    kind = REGISTRY.get(account.app)
    if kind is None or kind.open is None or kind.settings is None:
        return []
    made = app_account(account)
    settings = kind.settings.model_validate({**made.config, **made.secrets})
    return [
        f"`{account.name}` can't be reached: put the {key.replace('_', ' ')} into "
        f"`accounts.{account.name}.{key}`."
        for key in settings.missing()
    ]


def _connection(connection: Connection, setup: Setup) -> list[str]:
    if not connection.enabled:
        return []
    off = [name for name in (connection.a, connection.b) if not setup.accounts[name].config["enabled"]]
    resting = [
        f"The connection `{connection.name}` does not sync: the account `{name}` is switched off."
        for name in off
    ]
    return resting + rule_advice(connection)


def _extensions(agents: list[Agent]) -> list[str]:
    return [
        f"`{agent.login}` sees no calls: the agent has no extension of a PBX account."
        for agent in agents
        if agent.role is Role.AGENT and (agent.extension is None or agent.account is None)
    ]


def _emails(agents: list[Agent]) -> list[str]:
    counted = Counter(
        (agent.account, agent.email.casefold()) for agent in agents if agent.email and agent.account
    )
    return [
        f"{email} belongs to {count} agents of `{account}`: calls are not given to any of them by e-mail."
        for (account, email), count in sorted(counted.items(), key=str)
        if count > 1
    ]
