"""Origins exactly as a browser sends them; account addresses over https."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.accounts.addresses import check_account_url, check_origin


@pytest.mark.parametrize(
    "origin",
    [
        "https://crm.example.com",
        "https://crm.example.com:8443",
        "https://xn--mller-kva.example",
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "https://[2001:db8::1]",
    ],
)
def test_an_exact_origin_passes(origin: str) -> None:
    assert check_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "crm.example.com",
        "https://",
        "https://*.example.com",
        "https://crm.example.com/",
        "https://crm.example.com/path",
        "https://crm.example.com?",
        "https://crm.example.com#",
        "https://CRM.example.com",
        "HTTPS://crm.example.com",
        "https://crm.example.com:443",
        "http://localhost:80",
        "https://crm.example.com:",
        "https://crm.example.com:0",
        "https://crm.example.com:99999",
        "https://user@crm.example.com",
        "https://user:pw@crm.example.com",
        "https://crm.example.com@evil.example",
        "http://crm.example.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "ftp://crm.example.com",
        "javascript:alert(1)",
        "https://crm.example.com ",
        "https://crm.example.com\\@evil.example",
        "https://müller.example",
        "https://crm.example.com\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|not"):
        check_origin(text)


def test_the_refusal_shows_the_form_that_would_pass() -> None:
    with pytest.raises(ValueError, match=r"'https://crm\.example\.com:8443'"):
        check_origin("https://CRM.example.com:8443")


@given(st.text(max_size=40))
def test_what_passes_is_unchanged_and_has_no_path(text: str) -> None:
    for candidate in (text, f"https://{text}", f"http://localhost{text}"):
        try:
            origin = check_origin(candidate)
        except ValueError:
            continue
        assert origin == candidate
        assert "/" not in origin.partition("://")[2]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://acme.wildixin.com", "https://acme.wildixin.com"),
        ("https://Acme.wildixin.com/", "https://acme.wildixin.com"),
        ("https://acme.wildixin.com:443/", "https://acme.wildixin.com"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
    ],
)
def test_an_account_url_loses_its_slash_and_keeps_its_meaning(text: str, url: str) -> None:
    assert check_account_url(text, path_allowed=False) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://acme.wildixin.com",
        "https://acme.wildixin.com/wms",
        "https://u:p@acme.wildixin.com",
        "https://acme.wildixin.com?x=1",
        "acme.wildixin.com",
        "file:///etc/passwd",
        "http://169.254.169.254",
    ],
)
def test_a_pbx_address_that_is_not_https_and_a_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_account_url(text, path_allowed=False)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="no password") as caught:
        check_account_url("https://user:hunter22@acme.example", path_allowed=True)
    assert "hunter22" not in str(caught.value)


def test_an_app_may_have_a_path() -> None:
    assert (
        check_account_url("https://dav.example.com/books/", path_allowed=True)
        == "https://dav.example.com/books"
    )
