"""The check of a PBX, step by step: what an old WMS, a narrow key and a plain user's token are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from linedesk.accounts.model import EventsWay, PbxAccount, TokenCredential, TokenKind
from linedesk.agents.model import Agent, Role
from linedesk.apps.base import Finding, Level
from linedesk.checkup_pbx import PbxCheck, check_pbx
from linedesk.errors import VendorAuth, VendorError, VendorForbidden, VendorRouteMissing, VendorUnreachable
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.base import Colleague, Me
from linedesk.pbx.wildix.callcontrol import CallControl
from linedesk.pbx.wildix.client import WildixClient
from linedesk.pbx.wildix.phonebooks import Phonebook

LUCA = Agent("1", "luca", "Luca", Role.AGENT, account="office", extension="201")
ROOT = Me("Root", "100", admin=True)


class Client:
    """A PBX as one credential sees it; an error in the place of an answer is raised."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {
            "me": ROOT,
            "version": "7.09.20260101.1",
            "colleagues": (Colleague("1", "Luca", "201"),),
            "probe": CallControl(available=True, for_others=True),
            "list": (Phonebook("1", "Customers", "2", "0", 0),),
            "presences": {},
            **answers,
        }
        self.phonebooks = self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*_: object) -> Any:
            self.asked.append(name)
            answer = self.answers[name]
            if isinstance(answer, VendorError):
                raise answer
            return answer

        return ask


def account(kind: TokenKind = TokenKind.SIMPLE, events: EventsWay = EventsWay.AUTO) -> PbxAccount:
    credential = TokenCredential(kind, "access_abcdefgh")
    return PbxAccount("office", "https://acme.test", NumberPlan("IT"), credential=credential, events=events)


async def found(
    client: Client, of: PbxAccount | None = None, agents: Sequence[Agent] = (LUCA,)
) -> list[Finding]:
    check = PbxCheck(of or account())
    await check_pbx(check, cast(WildixClient, client), "", agents)
    return check.findings


def sentences(findings: Sequence[Finding], level: Level) -> list[str]:
    return [each.sentence for each in findings if each.level is level]


@pytest.mark.parametrize(
    ("licence", "hints"), [("basic", 1), ("essential", 1), ("business", 0), ("premium", 0), ("", 0)]
)
async def test_an_agent_with_a_small_licence_is_a_hint_that_says_where_to_change_it(
    licence: str, hints: int
) -> None:
    client = Client(colleagues=(Colleague("1", "Luca", "201", licence=licence),))
    told = [each for each in await found(client) if "licence" in each.sentence]
    assert [each.level for each in told] == [Level.HINT] * hints
    assert all("WMS, Users" in each.remedy for each in told)


async def test_all_good_is_only_good_news() -> None:
    assert {each.level for each in await found(Client())} == {Level.OK}


@pytest.mark.parametrize(
    "error",
    [
        VendorAuth("The PBX office refuses the token."),
        VendorUnreachable("The PBX office can't be reached."),
        VendorForbidden("The PBX office forbids it."),
    ],
)
async def test_without_the_credential_nothing_else_is_asked(error: VendorError) -> None:
    client = Client(me=error)
    assert sentences(await found(client), Level.MISSING) == [error.message]
    assert client.asked == ["me"]


async def test_a_company_key_that_is_refused_is_told_which_wms_takes_it() -> None:
    findings = await found(Client(me=VendorAuth("No.")), account(TokenKind.COMPANY))
    assert any("WMS 7.09" in each for each in sentences(findings, Level.HINT))
    assert not any("7.09" in each.sentence for each in await found(Client(me=VendorAuth("No."))))


@pytest.mark.parametrize(
    ("version", "kind", "hints"),
    [
        ("6.02.20230101.1", TokenKind.SIMPLE, 1),
        ("6.03", TokenKind.SIMPLE, 0),
        ("7.08.1", TokenKind.COMPANY, 1),
        ("7.09", TokenKind.COMPANY, 0),
        ("7.10", TokenKind.COMPANY, 0),
        ("6.02-beta", TokenKind.SIMPLE, 1),
        (None, TokenKind.SIMPLE, 1),
    ],
)
async def test_an_old_wms_is_told_what_it_lacks(version: str | None, kind: TokenKind, hints: int) -> None:
    findings = await found(Client(version=version), account(kind))
    assert len([each for each in sentences(findings, Level.HINT) if "WMS" in each]) == hints


@pytest.mark.parametrize(
    ("step", "scope", "level"),
    [
        ("colleagues", "colleagues:read", Level.MISSING),
        ("probe", "callcontrol:*", Level.MISSING),
        ("list", "phonebooks:*", Level.HINT),
    ],
)
async def test_a_narrow_key_is_told_the_scope_and_the_rest_goes_on(
    step: str, scope: str, level: Level
) -> None:
    client = Client(**{step: VendorForbidden("The PBX office forbids it.")})
    findings = await found(client)
    (denied,) = [each for each in findings if each.sentence == "The PBX office forbids it."]
    assert denied.level is level
    assert scope in denied.remedy
    assert {"me", "version", "colleagues", "probe", "list", "presences"} <= set(client.asked)


async def test_a_pbx_without_call_control_and_a_token_for_itself_only() -> None:
    gone = CallControl(available=False, for_others=None, reason="The PBX has no call control.")
    assert "The PBX has no call control." in sentences(await found(Client(probe=gone)), Level.HINT)
    own = CallControl(available=True, for_others=False)
    (sentence,) = sentences(await found(Client(probe=own)), Level.MISSING)
    assert "agents can't dial" in sentence


async def test_a_plain_users_token_is_told_what_may_be_refused() -> None:
    findings = await found(Client(me=Me("Luca", "201")))
    assert any("no administrator" in each for each in sentences(findings, Level.HINT))


async def test_the_cloud_is_only_a_hint_and_only_where_it_is_polled() -> None:
    client = Client(presences=VendorRouteMissing("No route."))
    assert any(
        "does not reach the Wildix cloud" in each for each in sentences(await found(client), Level.HINT)
    )
    client = Client()
    await found(client, account(events=EventsWay.WEBHOOK))
    assert "presences" not in client.asked


async def test_without_any_extension_call_control_is_not_tried() -> None:
    client = Client(me=Me("company API key", admin=True))
    findings = await found(client, account(TokenKind.COMPANY), agents=())
    assert any("not tried" in each for each in sentences(findings, Level.HINT))
    assert "probe" not in client.asked


async def test_a_client_that_could_not_be_opened_says_why() -> None:
    check = PbxCheck(account())
    await check_pbx(check, None, "The address must use https.", ())
    assert sentences(check.findings, Level.MISSING) == ["The address must use https."]
