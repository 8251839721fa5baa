"""Page addresses: right for each app, and never on another site."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.apps.info import safe_url
from linedesk.apps.registry import REGISTRY
from linedesk.contacts.model import Contact, ContactType

BASES = {
    "freshdesk": "https://acme.freshdesk.com",
    "hubspot": "https://app.hubspot.com/contacts/123",
    "google": "",
    "copper": "https://app.copper.com/companies/9",
    "carddav": "https://dav.test",
    "csv": "https://crm.test",
    "wildix-phonebook": "",
}


def contact(record_id: str, type_: ContactType = ContactType.PERSON, app: str = "freshdesk") -> Contact:
    return Contact("c", "crm", app, record_id, "Anna", type_)


@pytest.mark.parametrize(
    ("app", "record_id", "type_", "url"),
    [
        ("freshdesk", "510", ContactType.PERSON, "https://acme.freshdesk.com/a/contacts/510"),
        ("freshdesk", "510", ContactType.COMPANY, "https://acme.freshdesk.com/a/companies/510"),
        ("hubspot", "77", ContactType.PERSON, "https://app.hubspot.com/contacts/123/record/0-1/77"),
        ("google", "people/c42", ContactType.PERSON, "https://contacts.google.com/person/c42"),
        ("copper", "5", ContactType.PERSON, "https://app.copper.com/companies/9/app#/contact/5"),
        ("copper", "5", ContactType.COMPANY, "https://app.copper.com/companies/9/app#/organization/5"),
        ("carddav", "5", ContactType.PERSON, None),
        ("google", "people/c42", ContactType.COMPANY, None),
        ("csv", "5", ContactType.PERSON, None),
    ],
)
def test_C07_each_kind_of_record_has_its_own_page(
    app: str, record_id: str, type_: ContactType, url: str | None
) -> None:
    assert REGISTRY[app].info.page_url(BASES[app], contact(record_id, type_)) == url


def test_the_new_contact_page_takes_the_number_over() -> None:
    url = REGISTRY["freshdesk"].info.new_contact_url("https://acme.freshdesk.com/", "+390212345678", "A & B")
    assert url == "https://acme.freshdesk.com/a/contacts/new?phone=%2B390212345678&name=A%20%26%20B"
    assert REGISTRY["carddav"].info.new_contact_url("https://dav.test", "+390212345678", "") is None


@pytest.mark.parametrize("app", REGISTRY)
@given(record_id=st.text(max_size=250))
def test_no_record_id_leads_to_another_host(app: str, record_id: str) -> None:
    for type_ in ContactType:
        url = REGISTRY[app].info.page_url(BASES[app], contact(record_id, type_))
        if url is not None:
            host = urlsplit(BASES[app] or REGISTRY[app].info.base).netloc
            assert urlsplit(url).netloc == host
            assert safe_url(url)


@pytest.mark.parametrize("record_id", ["../../x", "a/b", "?x=1", "#f", "@evil.test", "a b", "\u202e7"])
def test_record_ids_are_quoted(record_id: str) -> None:
    url = REGISTRY["freshdesk"].info.page_url("https://acme.freshdesk.com", contact(record_id))
    assert url is not None
    assert not set("/?#@ \u202e") & set(url.removeprefix("https://acme.freshdesk.com/a/contacts/"))


@pytest.mark.parametrize("record_id", ["", ".", "..", "x" * 201])
def test_record_ids_that_name_no_page_give_none(record_id: str) -> None:
    assert REGISTRY["freshdesk"].info.page_url("https://acme.freshdesk.com", contact(record_id)) is None


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://crm.test/a", True),
        ("HTTPS://crm.test", True),
        ("http://127.0.0.1:8000/a", True),
        ("http://[::1]:8000/a", True),
        ("http://localhost:8000/a", True),
        ("http://crm.test/a", False),
        ("http://127.0.0.1.evil.test/", False),
        ("http://localhost.evil.test/", False),
        ("http://10.0.0.1/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//crm.test/a", False),
        ("https:crm.test", False),
        ("https://", False),
        ("https://user@crm.test/", False),
        ("https://crm.test\\@evil.test/", False),
        ("https://crm.test/a b", False),
        ("https://crm.test/a\nb", False),
        ("https://crm.test:99999/", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine_may_become_a_link(url: str, safe: bool) -> None:
    assert safe_url(url) is safe


@pytest.mark.parametrize("base", ["http://acme.freshdesk.com", "", "ftp://x.test", "acme.freshdesk.com"])
def test_an_unsafe_base_gives_no_page(base: str) -> None:
    assert REGISTRY["freshdesk"].info.page_url(base, contact("5")) is None


@pytest.mark.parametrize("company_id", ["../../x", "a/b", "?x=1", "@evil.test", "\u202e7"])
def test_a_persons_company_has_a_page_by_its_own_id_and_the_id_leads_nowhere_else(company_id: str) -> None:
    info = REGISTRY["freshdesk"].info
    assert (
        info.company_url("https://acme.freshdesk.com/", "700") == "https://acme.freshdesk.com/a/companies/700"
    )
    url = info.company_url("https://acme.freshdesk.com", company_id)
    assert url is not None
    assert not set("/?#@ \u202e") & set(url.removeprefix("https://acme.freshdesk.com/a/companies/"))


@pytest.mark.parametrize(("app", "company_id"), [("freshdesk", ""), ("freshdesk", ".."), ("google", "7")])
def test_a_company_without_an_id_or_a_page_gives_none(app: str, company_id: str) -> None:
    assert REGISTRY[app].info.company_url("https://acme.example", company_id) is None
