"""What else the directory is asked: records by their ids, companies by name, near misses, and the bound."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.numbers import NumberPlan, read
from linedesk.store.migrate import Stores

IT = NumberPlan("IT")


def person(record: str, *numbers: str, book: str = "crm", **more: Any) -> Contact:
    more.setdefault("name", f"Person {record}")
    spelled = tuple(ContactNumber(number, "work") for number in numbers)
    return Contact(f"{book}-{record}", book, "freshdesk", record, numbers=spelled, **more)


def company(record: str, name: str, *numbers: str, **more: Any) -> Contact:
    return person(record, *numbers, name=name, type=ContactType.COMPANY, **more)


def ids(contacts: tuple[Contact, ...]) -> list[str]:
    return [f"{each.book}-{each.record_id}" for each in contacts]


@pytest.fixture
def directory(stores: Stores) -> Directory:
    return Directory(stores.books)


async def test_records_are_found_by_the_apps_ids_in_books_that_may_be_seen(directory: Directory) -> None:
    await directory.put([person("1"), person("2"), person("1", book="other"), person("", book="other")], IT)
    assert ids(await directory.records(["1"], None)) == ["crm-1", "other-1"]
    assert ids(await directory.records(["1", "2"], frozenset({"crm"}))) == ["crm-1", "crm-2"]
    assert ids(await directory.records(["1"], frozenset())) == []
    assert ids(await directory.records([], None)) == []
    assert ids(await directory.records(["3", "1' OR '1'='1"], None)) == []
    assert ids(await directory.records([""], None)) == ["other-"]
    assert ids(await directory.records(["1", "2"], None, limit=1)) == ["crm-1"]


async def test_companies_are_found_by_their_name_however_it_is_written(directory: Directory) -> None:
    await directory.put(
        [
            company("1", "Müller & Söhne GmbH"),
            company("2", "MÜLLER SÖHNE GMBH", archived=True),
            company("3", "Müller & Söhne GmbH", book="other"),
            company("4", "Müller"),
            person("5", name="Müller Söhne GmbH"),
        ],
        IT,
    )
    assert ids(await directory.companies("müller, söhne gmbh", None)) == ["crm-1", "other-3", "crm-2"]
    assert ids(await directory.companies("Müller Söhne GmbH", frozenset({"crm"}))) == ["crm-1", "crm-2"]
    assert ids(await directory.companies("Müller Söhne GmbH", frozenset())) == []
    assert ids(await directory.companies("Müller Söhne", None)) == []
    assert ids(await directory.companies(" & ", None)) == []


async def test_a_company_that_is_renamed_or_removed_is_not_found_by_its_old_name(
    directory: Directory,
) -> None:
    await directory.put([company("1", "Example Srl"), company("2", "Example Srl")], IT)
    await directory.put([company("1", "Sample Srl")], IT)
    await directory.remove("crm", ["2"])
    assert ids(await directory.companies("Example Srl", None)) == []
    assert ids(await directory.companies("Sample Srl", None)) == ["crm-1"]


async def test_C04_near_are_those_that_end_alike_and_never_the_owner(directory: Directory) -> None:
    number = read("+39 02 12345678", IT)
    await directory.put(
        [
            person("owner", "02 12345678"),
            person("both", "02 12345678", "06 12345678"),
            person("near", "+39 06 12345678"),
            person("unseen", "+49 30 2345678", book="other"),
            person("six", "+39 06 99345678"),
        ],
        IT,
    )
    assert sorted(ids(await directory.near(number, None))) == ["crm-near", "other-unseen"]
    assert ids(await directory.near(number, frozenset({"crm"}))) == ["crm-near"]
    assert ids(await directory.near(number, frozenset())) == []
    assert len(await directory.near(number, None, limit=1)) == 1
    assert ids(await directory.near(read("12", IT), None)) == []
    assert ids(await directory.near(read("anonymous", IT), None)) == []


async def test_the_bound_leaves_out_the_weakest_first(directory: Directory) -> None:
    """Sure ones stay before possible ones, and those put away go last within their kind."""
    await directory.put(
        [
            *(company(f"board{n:02}", f"Board {n:02}", "02 1234560") for n in range(15)),
            *(person(f"last{n:02}", "+39 02 123456078", archived=True) for n in range(15)),
            *(person(f"sure{n:02}", "+39 02 123456078") for n in range(10)),
        ],
        IT,
    )
    found = await directory.lookup(read("+39 02 123456078", IT), None)
    sure = [each.contact.record_id for each in found.sure]
    assert sure == [f"sure{n:02}" for n in range(10)] + [f"last{n:02}" for n in range(15)]
    assert [each.contact.record_id for each in found.possible] == [f"board{n:02}" for n in range(5)]
