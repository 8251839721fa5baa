"""The check of one PBX account: what its credential reaches, step by step, each in a sentence.

A step that fails says so and the next one goes on, except when the PBX or the credential itself fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from linedesk.accounts.model import (
    EventsWay,
    PasswordCredential,
    PbxAccount,
    SignedCredential,
    TokenCredential,
    TokenKind,
)
from linedesk.agents.model import Agent
from linedesk.apps.base import Finding, Level
from linedesk.errors import (
    VendorAuth,
    VendorError,
    VendorForbidden,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.pbx.base import Me
from linedesk.pbx.wildix.client import WildixClient

T = TypeVar("T")

_OLDEST = (6, 3)
# The guide to PieSync's Wildix integration (2019 to 2023) asked for UC-Business; nothing newer is public.
_SMALL_LICENCES = frozenset({"basic", "essential"})
_COMPANY_KEYS = (7, 9)
_SHOWN = 5
_NO_CREDENTIAL = Finding(
    Level.MISSING,
    "The account has no credential, so Linedesk can't dial, poll calls or reach a phonebook.",
    "In WMS open PBX → Integrations → Applications → Simple Token, make a token for an administrator, and "
    "put it into `token` of the account with `linedesk apply`.",
)


@dataclass
class PbxCheck:
    """What was found so far."""

    account: PbxAccount
    identity: str = ""
    findings: list[Finding] = field(default_factory=list)

    def add(self, level: Level, sentence: str, remedy: str = "") -> None:
        self.findings.append(Finding(level, sentence, remedy))

    def failed(self, error: VendorError, level: Level = Level.MISSING) -> None:
        self.add(level, error.message, error.remedy)


async def check_pbx(
    check: PbxCheck, client: WildixClient | None, problem: str, agents: Sequence[Agent]
) -> None:
    """Fill `check`; raises nothing that can be said as a finding.

    `problem`: why the client could not be opened. `agents`: the active agents of this account.
    """
    if client is None:
        check.findings.append(Finding(Level.MISSING, problem) if problem else _unconnected(check.account))
        return
    me = await _who(check, client)
    if me is None:
        return
    await _version(check, client)
    await _colleagues(check, client, agents)
    await _call_control(check, client, me, agents)
    await _phonebooks(check, client)
    await _cloud(check, client, me, agents)


def _unconnected(account: PbxAccount) -> Finding:
    if account.application is None:
        return _NO_CREDENTIAL
    return Finding(
        Level.MISSING,
        "Nobody has consented to the account's OAuth 2.0 application yet, so Linedesk can't dial, poll calls "
        "or reach a phonebook.",
        f"Run `linedesk connect {account.name}`: an administrator of the PBX signs in and consents.",
    )


async def _who(check: PbxCheck, client: WildixClient) -> Me | None:
    """Whose credential it is; None when nothing else can work either."""
    try:
        me = await client.me()
    except VendorAuth as error:
        check.failed(error)
        if (hint := _refused(check.account)) is not None:
            check.findings.append(hint)
        return None
    except VendorError as error:
        check.failed(error)
        return None
    host = check.account.url.partition("://")[2]
    of = f"{me.name}, extension {me.extension}" if me.extension else me.name
    check.identity = f"{host}, {of}"
    check.add(Level.OK, f"The credential is good: {of}.")
    if me.extension and not me.admin:
        check.add(
            Level.HINT,
            f"{me.name} is no administrator: dialling for others and changing the phonebook may be refused.",
            "Use the token of an administrator, or give the user's group the rights in WMS: "
            "Users → Groups → ACL.",
        )
    return me


def _refused(account: PbxAccount) -> Finding | None:
    """What else a refused credential may come from, beside what the PBX said."""
    host = account.url.partition("://")[2]
    match account.credential:
        case TokenCredential(kind=TokenKind.COMPANY):
            return Finding(
                Level.HINT,
                "A PBX takes company API keys from WMS 7.09 on, and only those of its own company.",
                "On an older WMS use a simple token: PBX → Integrations → Applications → Simple Token.",
            )
        case TokenCredential():
            return Finding(
                Level.HINT,
                f"A token is good on the PBX that made it, and on no other; this one was sent to {host}.",
                "Compare `url` with the address of the WMS in which the token was made.",
            )
        case SignedCredential():
            return Finding(
                Level.HINT,
                "A server-to-server signature holds the application's id, its name and the time.",
                "Compare `s2s_app_id`, `s2s_app_name` and `s2s_secret` with WMS, and look at the clock here.",
            )
        case PasswordCredential():
            return Finding(
                Level.HINT,
                "A user with two-factor or single sign-on can't be used with a password.",
                "Try `login` and `password` in Collaboration, or use a token.",
            )
    return None


async def _version(check: PbxCheck, client: WildixClient) -> None:
    told = await _tried(check, client.version)
    if told is None:
        check.add(Level.HINT, "The PBX doesn't tell its WMS version.")
        return
    check.add(Level.OK, f"WMS {told}.")
    numbers = _numbers(told)
    credential = check.account.credential
    if numbers < _OLDEST:
        check.add(
            Level.HINT,
            "Webhooks need WMS 6.03 or newer.",
            'Update WMS, or let Linedesk poll: `events = "polling"`.',
        )
    company = isinstance(credential, TokenCredential) and credential.kind is TokenKind.COMPANY
    if company and numbers < _COMPANY_KEYS:
        check.add(Level.HINT, "A PBX takes company API keys from WMS 7.09 on.", "Update WMS.")


async def _colleagues(check: PbxCheck, client: WildixClient, agents: Sequence[Agent]) -> None:
    colleagues = await _tried(
        check,
        client.colleagues,
        rights="Give the key the scope `colleagues:read`, or use an administrator's token.",
    )
    if colleagues is None:
        return
    check.add(Level.OK, f"It sees {len(colleagues)} users with an extension.")
    there = {each.extension: each for each in colleagues}
    for agent in agents:
        found = there.get(agent.extension or "")
        if agent.extension is not None and found is None:
            check.add(
                Level.MISSING,
                f"The agent {agent.login} has extension {agent.extension}, which the PBX does not have.",
                "Correct the extension of the agent, or add the user in WMS: Users.",
            )
        elif found is not None and found.licence in _SMALL_LICENCES:
            check.add(
                Level.HINT,
                f"The agent {agent.login} has the licence {found.licence}; Wildix asked for Business or "
                "better for integrations like this one.",
                "If no calls come or dialling is refused: WMS, Users, give the user a Business licence.",
            )


async def _call_control(check: PbxCheck, client: WildixClient, me: Me, agents: Sequence[Agent]) -> None:
    extension = _some_extension(me, agents)
    if extension is None:
        check.add(Level.HINT, "Call control was not tried: no agent of this account has an extension yet.")
        return
    found = await _tried(
        check,
        lambda: client.probe(extension),
        rights="Give the key the scope `callcontrol:*`, or use an administrator's token.",
    )
    if found is None:
        return
    if not found.available:
        check.add(
            Level.HINT,
            found.reason or "This PBX has no call control; Linedesk dials in the older way.",
            "Update WMS to dial and to steer calls in the newer way.",
        )
    elif found.for_others is False:
        check.add(
            Level.MISSING,
            found.reason or "The credential may act for its own extension only, so agents can't dial.",
            "Use a token of an administrator, or let agents sign in with Wildix (`sign_in_client_id`).",
        )
    else:
        check.add(Level.OK, "It can dial for agents.")


async def _phonebooks(check: PbxCheck, client: WildixClient) -> None:
    books = await _tried(
        check,
        client.phonebooks.list,
        rights="Give the key the scope `phonebooks:*`, or the user's group the ACL right "
        '"Can – Modify public phonebook".',
        level=Level.HINT,
    )
    if books is not None:
        names = ", ".join(book.name or book.id for book in books[:_SHOWN])
        more = f" and {len(books) - _SHOWN} more" if len(books) > _SHOWN else ""
        check.add(
            Level.OK, f"It sees {len(books)} phonebooks: {names}{more}." if books else "No phonebook yet."
        )


async def _cloud(check: PbxCheck, client: WildixClient, me: Me, agents: Sequence[Agent]) -> None:
    """Only polling uses it, and does without where it must."""
    extension = _some_extension(me, agents)
    if extension is None or check.account.events is EventsWay.WEBHOOK:
        return
    try:
        await client.presences([extension])
    except (VendorAuth, VendorForbidden, VendorRouteMissing):
        check.add(
            Level.HINT,
            "The credential does not reach the Wildix cloud, so polling asks for each signed-in agent.",
            "Calls are seen sooner with a company API key (PBX → Integrations → Company API Keys) or a "
            "server-to-server application, or with webhooks.",
        )
    except VendorError as error:
        check.add(
            Level.HINT,
            f"Presence could not be read from the Wildix cloud: {error.message}",
            "With webhooks, nothing. With polling, let this machine reach the cloud: calls are seen sooner.",
        )
    else:
        check.add(Level.OK, "It reads presence from the Wildix cloud.")


async def _tried(
    check: PbxCheck, ask: Callable[[], Awaitable[T]], *, rights: str = "", level: Level = Level.MISSING
) -> T | None:
    """The answer; None when the step failed, which is then a finding. `rights`: what a 403 needs."""
    try:
        return await ask()
    except VendorForbidden as error:
        check.add(level, error.message, rights or error.remedy)
    except (VendorUnreachable, VendorTimeout) as error:
        check.failed(error)
    except VendorError as error:
        check.failed(error, level)
    return None


def _some_extension(me: Me, agents: Sequence[Agent]) -> str | None:
    """An extension to try things with: another agent's, so that acting for others is tried too."""
    known = [agent.extension for agent in agents if agent.extension]
    return next((each for each in known if each != me.extension), known[0] if known else me.extension)


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: 7.09.2025… is (7, 9, 2025…)."""
    numbers = []
    for part in version.split("."):
        if not part.isascii() or not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
