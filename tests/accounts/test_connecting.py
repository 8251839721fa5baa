"""The consent for an account's own application: what comes back is believed for this try only."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from linedesk.accounts.connecting import Connecting, is_connecting
from linedesk.accounts.model import OAuthClient, PbxAccount
from linedesk.errors import ConfigError, UserError
from linedesk.numbers.model import NumberPlan

BACK = "https://desk.example/sign-in/wildix/done"
ACCOUNT = PbxAccount(
    "office",
    "https://pbx.example",
    NumberPlan("IT"),
    application=OAuthClient("desk", "client-secret"),
)


@pytest.fixture
def going() -> Connecting:
    return Connecting(ACCOUNT, BACK)


def test_the_address_is_the_pbxs_and_carries_no_secret(going: Connecting) -> None:
    parts = urlsplit(going.address)
    assert (parts.netloc, parts.path) == ("pbx.example", "/authorization/oauth2")
    assert parse_qs(parts.query) == {
        "response_type": ["code"],
        "client_id": ["desk"],
        "redirect_uri": [BACK],
        "state": [going.state],
    }
    assert "client-secret" not in going.address + repr(going)
    assert going.state not in repr(going)
    assert is_connecting(going.state)


def test_no_two_tries_have_the_same_state() -> None:
    assert Connecting(ACCOUNT, BACK).state != Connecting(ACCOUNT, BACK).state


def test_the_code_is_in_the_pasted_address(going: Connecting) -> None:
    assert going.code_in(f"  {BACK}?code=a%2Bb&state={going.state}\n") == "a+b"


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "the code",
        BACK,
        f"{BACK}?code=abc",
        f"{BACK}?code=abc&state=",
        f"{BACK}?code=abc&state=connect.of-another-try",
        f"{BACK}?code=abc&state=ß",
        "https://[?code=abc",
    ],
)
def test_an_address_of_another_try_is_refused(going: Connecting, pasted: str) -> None:
    with pytest.raises(UserError, match="not the address"):
        going.code_in(pasted)


def test_two_states_or_two_codes_are_none(going: Connecting) -> None:
    with pytest.raises(UserError, match="not the address"):
        going.code_in(f"{BACK}?code=abc&state={going.state}&state={going.state}")
    with pytest.raises(UserError, match="no code"):
        going.code_in(f"{BACK}?code=abc&code=abd&state={going.state}")


def test_a_refusal_is_told_with_its_reason_only_when_that_is_a_word(going: Connecting) -> None:
    with pytest.raises(UserError, match=r"no consent \(access_denied\)"):
        going.code_in(f"{BACK}?error=access_denied&state={going.state}")
    with pytest.raises(UserError, match=r"no consent\."):
        going.code_in(f"{BACK}?error=%3Cb%3E&state={going.state}")


def test_an_account_without_an_application_says_where_to_make_one() -> None:
    with pytest.raises(ConfigError, match=r"has no OAuth 2\.0 application") as caught:
        Connecting(replace(ACCOUNT, application=None), BACK)
    assert "accounts.office.oauth_client_id" in caught.value.remedy
