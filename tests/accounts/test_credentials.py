"""A PBX account has one credential of one kind, whole or not at all, and its secrets may be references."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from linedesk.accounts.advice import advice
from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.model import (
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
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.clock import ManualClock
from linedesk.errors import ApplyError
from linedesk.store.database import Database

ApplyText = Callable[[str], Awaitable[ApplyPlan]]

PBX = '[accounts.office]\napp = "wildix"\nurl = "https://acme.wildixin.com"\nregion = "IT"\n'
TOKEN = 'token = "access_abcdefgh"\ntoken_kind = "company"\n'
OAUTH = (
    'oauth_client_id = "desk"\noauth_client_secret = "client-secret"\n'
    'oauth_refresh_token = "refresh-token-1"\n'
)
SIGNED = 's2s_app_id = "app-1"\ns2s_app_name = "Linedesk at ACME"\ns2s_secret = "s2s-secret-1"\n'
PASSWORD = 'login = "admin"\npassword = "pass word ß"\nallow_password = true\n'
KINDS = {"token": TOKEN, "oauth": OAUTH, "signed": SIGNED, "password": PASSWORD}


@pytest.fixture
def accounts(books: Database, vault: Vault, clock: ManualClock) -> Accounts:
    return Accounts(books, vault, clock)


async def office_of(accounts: Accounts) -> PbxAccount:
    await accounts.refresh()
    office = accounts.pbx("office")
    assert office is not None
    return office


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        (TOKEN, TokenCredential(TokenKind.COMPANY, "access_abcdefgh")),
        (OAUTH, ApplicationCredential("desk", "client-secret", "refresh-token-1")),
        (SIGNED, SignedCredential("app-1", "Linedesk at ACME", "s2s-secret-1")),
        (PASSWORD, PasswordCredential("admin", "pass word ß")),
        ("", None),
    ],
)
async def test_each_kind_of_credential_arrives(
    apply_text: ApplyText, accounts: Accounts, text: str, credential: Credential | None
) -> None:
    await apply_text(PBX + text)
    assert (await office_of(accounts)).credential == credential


async def test_the_other_keys_of_a_pbx_arrive(apply_text: ApplyText, accounts: Accounts) -> None:
    await apply_text(
        PBX + 'events = "polling"\ncloud_url = "https://cloud.example"\nrequests_per_s = 9\n'
        'sign_in_client_id = "desk"\nsign_in_client_secret = "client-secret"\n'
    )
    office = await office_of(accounts)
    assert office.events is EventsWay.POLLING
    assert office.cloud_url == "https://cloud.example"
    assert office.requests_per_s == 9
    assert office.sign_in == OAuthClient("desk", "client-secret")
    await apply_text('[accounts.office]\ncloud_url = ""\n')
    assert (await office_of(accounts)).cloud_url == "https://wda.wildix.com"


@pytest.mark.parametrize("one", KINDS)
@pytest.mark.parametrize("other", KINDS)
async def test_two_kinds_at_once_are_refused_with_what_to_clear(
    apply_text: ApplyText, one: str, other: str
) -> None:
    if one == other:
        return
    await apply_text(PBX + KINDS[one])
    with pytest.raises(ApplyError, match=r"`accounts.office` has two credentials") as caught:
        await apply_text("[accounts.office]\n" + KINDS[other])
    assert '= ""' in caught.value.remedy
    assert "secret-1" not in caught.value.message + caught.value.remedy


async def test_one_kind_takes_the_place_of_another_in_one_file(
    apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(PBX + TOKEN)
    await apply_text('[accounts.office]\ntoken = ""\n' + SIGNED)
    assert isinstance((await office_of(accounts)).credential, SignedCredential)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (OAUTH.replace('"desk"', '""'), "`accounts.office.oauth_client_id` is missing"),
        ('oauth_refresh_token = "refresh-token-1"', "`accounts.office.oauth_client_id` is missing"),
        ('s2s_secret = "s2s-secret-1"\ns2s_app_id = "x"', "`accounts.office.s2s_app_name` is missing"),
        ('login = "admin"\npassword = "hunter22"', "the old way, and is off"),
        ('sign_in_client_secret = "client-secret"', "`accounts.office.sign_in_client_id` is missing"),
        ("requests_per_s = 51", "requests_per_s`: input should be less than or equal to 50"),
        ("requests_per_s = 0", "requests_per_s`: input should be greater than or equal to 1"),
        ('events = "sometimes"', "`accounts.office.events`: input should be 'auto'"),
        (
            'cloud_url = "http://cloud.example"',
            "`accounts.office.cloud_url`: 'http://cloud.example' must use",
        ),
        ('phonebook = "Customers"', "`accounts.office.phonebook` is a key of another app's accounts"),
    ],
)
async def test_what_does_not_fit_is_one_sentence(apply_text: ApplyText, text: str, sentence: str) -> None:
    with pytest.raises(ApplyError) as caught:
        await apply_text(PBX + text)
    assert sentence in caught.value.message
    assert "hunter22" not in caught.value.message + caught.value.remedy


@pytest.mark.parametrize("kind", KINDS)
async def test_an_export_of_each_kind_fits_fresh_data_and_says_which_secret_is_missing(
    apply_text: ApplyText, applier: Applier, kind: str, tmp_path: Path
) -> None:
    await apply_text(PBX + KINDS[kind])
    exported = as_toml(await applier.setup(), "")
    for secret in ("access_abcdefgh", "client-secret", "refresh-token-1", "s2s-secret-1", "pass word"):
        assert secret not in exported
    assert (await apply_text(exported)).changes == ()
    await apply_text("[accounts.office]\nremove = true\n")
    await apply_text(exported)
    (told,) = [each for each in advice(await applier.setup()) if "can't dial" in each]
    secret_key = {"token": "token", "oauth": "oauth_client_secret", "signed": "s2s_secret"}.get(kind, kind)
    assert f"`accounts.office.{secret_key}`" in told


async def test_a_refresh_token_that_the_pbx_changed_survives_the_same_file_again(
    apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(PBX + OAUTH)
    office = await office_of(accounts)
    await accounts.save_refresh_token(office.name, "refresh-token-2")
    assert not await accounts.refresh_if_changed()
    assert (await office_of(accounts)).credential == ApplicationCredential(
        "desk", "client-secret", "refresh-token-2"
    )
    assert (await apply_text(PBX + OAUTH)).changes == ()
    assert (await office_of(accounts)).credential == ApplicationCredential(
        "desk", "client-secret", "refresh-token-2"
    )
    await apply_text(PBX + OAUTH.replace("refresh-token-1", "refresh-token-9"))
    assert (await office_of(accounts)).credential == ApplicationCredential(
        "desk", "client-secret", "refresh-token-9"
    )


async def test_a_late_refresh_token_of_an_application_that_was_replaced_is_dropped(
    apply_text: ApplyText, accounts: Accounts
) -> None:
    await apply_text(PBX + OAUTH)
    await office_of(accounts)
    await apply_text(PBX + OAUTH.replace("desk", "other").replace("token-1", "token-7"))
    await accounts.save_refresh_token("office", "refresh-token-2")
    assert (await office_of(accounts)).credential == ApplicationCredential(
        "other", "client-secret", "refresh-token-7"
    )


def test_a_secret_may_come_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PBX_TOKEN", " access_of_env \n")
    (tmp_path / "hook").write_text("hook-of-file\n")
    text = PBX + 'token = { env = "PBX_TOKEN" }\nwebhook_secret = { file = "hook" }\n'
    table = parse(text, "setup.toml", tmp_path).accounts["office"]
    assert (table.token, table.webhook_secret) == ("access_of_env", "hook-of-file")
    absolute = PBX + f'webhook_secret = {{ file = "{tmp_path / "hook"}" }}\n'
    assert parse(absolute, "setup.toml").accounts["office"].webhook_secret == "hook-of-file"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ('{ env = "NOT_SET" }', "`accounts.office.token`: the environment variable NOT_SET is not set"),
        ('{ env = "EMPTY" }', "the environment variable EMPTY is empty"),
        ('{ file = "none" }', "can't be read: No such file"),
        ('{ file = "binary" }', "is no text"),
        ('{ file = "large" }', "is larger than a secret can be"),
        ('{ file = "." }', "can't be read: Is a directory"),
        ("{ env = 1 }", 'must be a text, { env = "NAME" } or { file = "/path" }'),
        ('{ env = "A", file = "b" }', "must be a text"),
        ("{}", "must be a text"),
        ('{ command = "rm" }', "must be a text"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_sentence(
    value: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    monkeypatch.setenv("EMPTY", " ")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    with pytest.raises(ApplyError) as caught:
        parse(PBX + f"token = {value}\n", "setup.toml", tmp_path)
    assert sentence in caught.value.message


@pytest.mark.parametrize("key", ["url", "login", "region"])
def test_only_a_secret_may_be_a_reference(key: str, tmp_path: Path) -> None:
    with pytest.raises(ApplyError, match=f"`accounts.other.{key}`: input should be a valid string"):
        parse(f'[accounts.other]\n{key} = {{ env = "HOME" }}\n', "setup.toml", tmp_path)


def test_a_wrong_secret_of_a_file_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter 22")
    with pytest.raises(ApplyError) as caught:
        parse(PBX + 'token = { file = "token" }\n', "setup.toml", tmp_path)
    assert "hunter" not in caught.value.message
