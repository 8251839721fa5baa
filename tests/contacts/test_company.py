"""The company that several people of one number share, and the page it opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linedesk.contacts.company import Company, offered, shared_name
from linedesk.contacts.model import Contact, ContactType
from linedesk.contacts.persons import Entry
from linedesk.contacts.policy import MatchPolicy

POLICY = MatchPolicy(("crm",))


def entry(record: str, company: str = "Example Ltd", **more: object) -> Entry:
    made = Contact(f"crm:{record}", "crm", "freshdesk", record, f"Person {record}", company=company)
    return Entry((replace(made, **more),), ())  # type: ignore[arg-type]


FIRM = Contact("crm:f", "crm", "freshdesk", "f", "EXAMPLE LTD", ContactType.COMPANY, page_url="https://x/f")


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        ([entry("1"), entry("2", "example ltd.")], "Example Ltd"),
        ([entry("1")], None),
        ([entry("1"), entry("2", "Other")], None),
        ([entry("1"), entry("2", "")], None),
        ([entry("1", ""), entry("2", "")], None),
        ([entry("1"), entry("2"), entry("3", "Other", archived=True)], "Example Ltd"),
        ([entry("1"), entry("2", blocked=True)], None),
        ([entry("1"), Entry((FIRM,), ())], "EXAMPLE LTD"),
        ([entry("1", "Other"), Entry((FIRM,), ())], None),
        ([], None),
    ],
)
def test_C03_a_company_is_shared_by_all_current_contacts_or_not_offered(
    entries: list[Entry], name: str | None
) -> None:
    assert shared_name(entries) == name


TWO = [entry("1"), entry("2")]
OF_FIRM = Company("crm:f", "freshdesk", "EXAMPLE LTD", "https://x/f")


def test_its_own_record_is_offered_first() -> None:
    linked = [entry("1", company_url="https://x/c"), entry("2")]
    assert offered("Example Ltd", linked, [FIRM], POLICY) == OF_FIRM
    assert offered("Example Ltd", [entry("1"), Entry((FIRM,), ())], [], POLICY) == OF_FIRM


def test_without_a_record_with_a_page_the_page_that_a_contact_names() -> None:
    linked = [entry("1"), entry("2", company_url="https://x/c")]
    by_page = Company(None, "freshdesk", "Example Ltd", "https://x/c")
    assert offered("Example Ltd", linked, [], POLICY) == by_page
    assert offered("Example Ltd", linked, [replace(FIRM, page_url=None)], POLICY) == by_page
    assert offered("Example Ltd", linked, [replace(FIRM, archived=True)], POLICY) == by_page


def test_else_the_record_and_else_only_its_name() -> None:
    pageless = replace(FIRM, page_url=None)
    assert offered("Example Ltd", TWO, [pageless], POLICY) == replace(OF_FIRM, page_url=None)
    assert offered("Example Ltd", TWO, [], POLICY) == Company(None, "freshdesk", "Example Ltd", None)


def test_of_several_records_the_one_whose_account_opens_first() -> None:
    other = replace(FIRM, id="a:f", book="a", page_url="https://a/f")
    assert offered("Example Ltd", TWO, [other, FIRM], POLICY) == OF_FIRM
    assert offered("Example Ltd", TWO, [other, FIRM], MatchPolicy()).id == "a:f"
