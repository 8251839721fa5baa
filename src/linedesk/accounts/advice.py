"""What is missing for calls to work, in sentences. Pure: it judges the setup, it reaches nothing."""

from __future__ import annotations

from collections import Counter

from linedesk.accounts.setup import AccountSetup, Setup
from linedesk.agents.model import Agent, Role


def advice(setup: Setup) -> list[str]:
    """One sentence for each thing that will not work, with what to do; empty when all is well."""
    pbx = [account for account in setup.accounts.values() if account.is_pbx]
    sentences = [] if pbx else ["There is no PBX account yet: add one with `linedesk apply`."]
    for account in pbx:
        sentences += _pbx(account)
    agents = [agent for agent in setup.agents.values() if agent.active]
    sentences += _extensions(agents)
    sentences += _emails(agents)
    return sentences


def _pbx(account: AccountSetup) -> list[str]:
    sentences = []
    if not account.secrets.get("webhook_secret") and not account.secrets.get("webhook_secret_previous"):
        sentences.append(
            f"`{account.name}` is not listening to calls: put the webhook's secret from WMS into "
            f"`accounts.{account.name}.webhook_secret`."
        )
    if not account.secrets.get("token"):
        sentences.append(
            f"`{account.name}` can't dial: put a token from WMS into `accounts.{account.name}.token`."
        )
    return sentences


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
