"""The accounts as the running service sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from cryptography.fernet import Fernet

from linedesk.accounts.advice import advice
from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.edge import parse
from linedesk.accounts.model import PbxAccount, TokenCredential, TokenKind
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.calls.dial_policy import DialPolicy
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError
from linedesk.numbers.model import NumberPlan, PrefixRule
from linedesk.store import accounts as rows
from linedesk.store.database import Database

ApplyText = Callable[[str], Awaitable[ApplyPlan]]


@pytest.fixture
async def accounts(books: Database, vault: Vault, clock: ManualClock) -> Accounts:
    made = Accounts(books, vault, clock)
    await made.refresh()
    return made


async def test_an_account_comes_out_as_it_went_in(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(full)
    await accounts.refresh()
    office = accounts.pbx("office")
    assert office == PbxAccount(
        name="office",
        url="https://acme.wildixin.com",
        plan=NumberPlan("IT", r"\d{3}", (PrefixRule("0", "", 10),), "0"),
        webhook_secrets=("hook-secret-one", "hook-secret-old"),
        credential=TokenCredential(TokenKind.SIMPLE, "access_abcdefgh"),
    )
    assert office is not None
    assert office.listening
    assert "secret" not in repr(office)
    assert "access_" not in repr(office)
    crm = accounts.app("crm")
    assert crm is not None
    assert (crm.name, crm.app, crm.url) == ("crm", "freshdesk", "https://acme.freshdesk.com")
    assert [account.name for account in accounts.apps()] == ["crm"]
    assert accounts.origins() == {"https://crm.example.com"}
    assert DialPolicy.from_document(accounts.dialling()).per_hour == 60


async def test_a_change_made_beside_the_service_is_seen(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    assert not await accounts.refresh_if_changed()
    assert accounts.all_pbx() == ()
    await apply_text(full)
    assert await accounts.refresh_if_changed()
    assert [account.name for account in accounts.all_pbx()] == ["office"]
    assert not await accounts.refresh_if_changed()
    await apply_text("[dialling]\nstopped = true\n")
    assert await accounts.refresh_if_changed()
    assert accounts.dialling()["stopped"] is True


async def test_an_account_without_its_secret_does_not_listen(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(full + '[agents.x]\nrole = "agent"\nremove = true\n')
    await apply_text('[accounts.office]\nwebhook_secret = ""\nwebhook_secret_previous = ""\ntoken = ""\n')
    await accounts.refresh()
    office = accounts.pbx("office")
    assert office is not None
    assert (office.listening, office.webhook_secrets, office.credential) == (False, (), None)


async def test_an_account_that_is_switched_off_is_not_served(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(full)
    await apply_text("[accounts.office]\nenabled = false\n[accounts.crm]\nenabled = false\n")
    await accounts.refresh()
    assert accounts.pbx("office") is None
    assert accounts.all_pbx() == ()
    assert accounts.app("crm") is None
    assert accounts.apps() == ()
    # Old calls are still read by its plan.
    assert accounts.plan_of("office").outside_line == "0"


async def test_the_plan_of_nobody_is_the_first_pbxs(
    full: str, apply_text: ApplyText, accounts: Accounts
) -> None:
    assert accounts.plan_of(None).region == "IT"
    await apply_text('[accounts.a]\napp = "wildix"\nurl = "https://a.example"\nregion = "gb"\n')
    await apply_text(full)
    await accounts.refresh()
    assert accounts.plan_of(None).region == accounts.plan_of("gone").region == "GB"
    assert accounts.plan_of("office").region == "IT"
    assert set(accounts.plans()) == {"a", "office"}


async def test_a_wrong_key_is_one_clear_sentence(
    full: str, apply_text: ApplyText, books: Database, clock: ManualClock
) -> None:
    await apply_text(full)
    with pytest.raises(ConfigError, match="does not fit the stored secrets of `crm`"):
        await Accounts(books, Vault([Fernet.generate_key().decode()]), clock).refresh()


async def test_reseal_moves_everything_to_the_newest_key(books: Database, clock: ManualClock) -> None:
    old_key, newest_key = (Fernet.generate_key().decode() for _ in range(2))
    file = parse('[accounts.a]\napp="wildix"\nurl="https://a.example"\nregion="IT"\ntoken="access_1"\n', "f")
    applier = Applier(books, Vault([old_key]), clock)
    await applier.write(file, await applier.plan(file), "tester")
    rotating = Accounts(books, Vault([newest_key, old_key]), clock)
    assert await rotating.reseal() == 1
    assert await rotating.reseal() == 0
    alone = Accounts(books, Vault([newest_key]), clock)
    await alone.refresh()
    account = alone.pbx("a")
    assert account is not None
    assert account.credential == TokenCredential(TokenKind.SIMPLE, "access_1")


async def test_a_sealed_row_shows_nothing(full: str, apply_text: ApplyText, books: Database) -> None:
    await apply_text(full)
    for row in await books.read(rows.all_accounts):
        assert "hook-secret" not in repr(row)
        assert b"hook-secret" not in (row.secrets or b"")


async def test_advice_names_what_is_missing_and_how_to_mend_it(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    assert advice(await applier.setup()) == ["There is no PBX account yet: add one with `linedesk apply`."]
    await apply_text(full)
    assert advice(await applier.setup()) == []
    await apply_text(
        '[accounts.office]\nwebhook_secret = ""\nwebhook_secret_previous = ""\ntoken = ""\n'
        '[agents.twin]\nrole = "viewer"\naccount = "office"\nemail = "LUCA@example.test"\n'
        '[agents.mute]\nrole = "agent"\n'
    )
    text = "\n".join(advice(await applier.setup()))
    assert "`office` is not listening to calls" in text
    assert "`office` can't dial" in text
    assert "`mute` sees no calls" in text
    assert "luca@example.test belongs to 2 agents of `office`" in text


async def test_an_account_that_is_to_be_polled_is_not_told_of_a_webhook(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    await apply_text(
        '[accounts.office]\nevents = "polling"\ntoken = ""\n'
        'webhook_secret = ""\nwebhook_secret_previous = ""\n'
    )
    (told,) = advice(await applier.setup())
    assert told.startswith("`office` can't dial")
