"""The seeded contacts: the same everywhere, and only numbers that ring nobody."""

from __future__ import annotations

import re

import pytest

from linedesk.apps.registry import REGISTRY
from linedesk.contacts.model import ContactType
from linedesk.demo import seed as seeds
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.ranges import COUNTRIES, Supply, numbers
from linedesk.demo.seed import make_seed, spelled
from linedesk.numbers import Certainty, Kind, NumberPlan, lookup_keys, read

PLAN = NumberPlan(region="GB")
FICTION = re.compile(
    r"\+44(20|1\d\d|29|191)\d+|\+447700900\d{3}|\+1\d{3}55501\d\d"
    r"|\+49(3023125\d{3}|302312\d0|4066969\d{3}|6990009\d{3}|2214710\d{3}|8999998\d{3}|30231250)"
    r"|\+33(19900|26191|35301|46571|53649)\d{4}"
)


def test_the_same_seed_makes_the_same_contacts() -> None:
    assert make_seed(300, 7) == make_seed(300, 7)
    assert make_seed(300, 7) != make_seed(300, 8)
    assert len(make_seed(300).people) == 300
    assert len(make_seed(0).people) == 8, "the fixed ones are always there"


def test_every_number_is_readable_and_set_aside_for_fiction() -> None:
    seed = make_seed(3000)
    texts = [text for each in seed.people for text in (each.phone, each.mobile) if text]
    for text in texts + [each.phone for each in seed.companies if each.phone]:
        number = read(text, PLAN)
        assert number.kind is Kind.E164, text
        assert number.value is not None
        assert FICTION.fullmatch(number.value), text


def test_a_number_belongs_to_one_contact_unless_it_is_meant_to_be_shared() -> None:
    owners: dict[str, set[int]] = {}
    for person in make_seed(3000).people:
        for text in filter(None, (person.phone, person.mobile)):
            owners.setdefault(str(read(text, PLAN).value), set()).add(person.id)
    assert {number for number, who in owners.items() if len(who) > 1} == {seeds.SHARED_CALLER}
    assert seeds.UNKNOWN_CALLER not in owners


@pytest.mark.parametrize("country", COUNTRIES)
def test_each_spelling_is_the_same_number(country: str) -> None:
    for number, _ in zip(numbers(country), range(300), strict=False):
        for style in (0, 1):
            assert read(spelled(number, style), PLAN).value == number


def test_a_supply_that_runs_out_begins_again() -> None:
    supply = Supply()
    total = sum(1 for country in COUNTRIES for _ in numbers(country))
    first = [supply.take("GB") for _ in range(total)]
    assert len(set(first)) == total
    assert not supply.exhausted
    assert supply.take("GB") in first
    assert supply.exhausted


def test_the_fixed_contacts_are_the_callers_of_the_start_page() -> None:
    contacts = list(CrmBook(make_seed(0)).contacts("http://localhost:1", REGISTRY["freshdesk"].info))

    def owners(caller: str) -> set[str]:
        keys = {key.text for key in lookup_keys(read(caller, PLAN)) if key.certainty is Certainty.SURE}
        return {
            contact.name
            for contact in contacts
            if contact.type is ContactType.PERSON
            and any(key.text in keys for n in contact.numbers for key in lookup_keys(read(n.raw, PLAN)))
        }

    assert owners(seeds.KNOWN_CALLER) == {"Ada Lindqvist"}
    assert owners(seeds.SHARED_CALLER) == {"Rosa Marchetti", "Paolo Marchetti"}
    assert len(owners(seeds.HOSTILE_CALLER)) == 1
    assert owners(seeds.POSSIBLE_CALLER) == owners(seeds.UNKNOWN_CALLER) == set()
    assert len({contact.id for contact in contacts}) == len(contacts)
    assert max(len(contact.name) for contact in contacts) == 80
