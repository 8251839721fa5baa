"""Each condition: when it holds, when not, when it waits for details, and the sentence that says so."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace

import pytest

from linedesk.apps.records import Record
from linedesk.sync.conditions import Judge, Scope
from linedesk.sync.instants import instant_ms
from linedesk.sync.model import Side
from linedesk.sync.rules import Condition, Rule, Test, When
from sync.rules_house import CRM, asks, in_lists, judged, record, rule

ANNA = record(
    name="Anna",
    phone="045 1234567",
    email="Anna@Example.com",
    company="Süd Spa",
    owner="Lena",
    city=" Roma ",
    tier="1",
    newsletter=True,
    employees=12,
    customer_since="2025-06-01",
    tags=("VIP", "wholesale"),
)
EMPTY = record(name="Nobody", missing=())


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        (asks(Test.EQUALS, "city", "ROMA"), '"City" is "ROMA"', '"City" is not "ROMA"'),
        (asks(Test.CONTAINS, "city", "om"), '"City" contains "om"', '"City" does not contain "om"'),
        (
            asks(Test.ONE_OF, "city", "Bari", "roma"),
            '"City" is "Bari" or "roma"',
            '"City" is not "Bari" or "roma"',
        ),
        (asks(Test.HAS_PHONE), "it has a phone number", "it has no phone number"),
        (asks(Test.HAS_EMAIL), "it has an e-mail address", "it has no e-mail address"),
        (asks(Test.MEMBER, "tag", "vip"), 'the tag "vip" is there', 'the tag "vip" is missing'),
        (
            asks(Test.OWNER, "", "lena", "max"),
            'the owner is "lena" or "max"',
            'the owner is not "lena" or "max"',
        ),
        (asks(Test.COMPANY, "", "SÜD SPA"), 'the company is "SÜD SPA"', 'the company is not "SÜD SPA"'),
    ],
    ids=lambda each: each.test.value if isinstance(each, Condition) else "",
)
def test_a_condition_holds_or_fails_and_says_so(condition: Condition, holds: str, fails: str) -> None:
    there, not_there = judged(condition, ANNA), judged(condition, EMPTY)
    assert (there.scope, there.trace) == (Scope.IN, f'Rule "Customers": {holds}.')
    assert (not_there.scope, not_there.trace) == (Scope.OUT, f'Rule "Customers": {fails}.')
    assert [each.name for each in there.rules] == ["Customers"]
    assert not_there.rules == ()


def test_empty_is_true_of_a_field_without_a_value() -> None:
    assert judged(asks(Test.EMPTY, "city"), EMPTY).trace == 'Rule "Customers": "City" is empty.'
    assert judged(asks(Test.EMPTY, "city"), record(city=" ")).scope is Scope.IN
    assert judged(asks(Test.EMPTY, "city"), ANNA).trace == 'Rule "Customers": "City" has a value.'
    assert judged(asks(Test.EMPTY, "newsletter"), record(newsletter=False)).scope is Scope.OUT


def test_exists_asks_for_the_counterpart() -> None:
    there = judged(asks(Test.EXISTS), ANNA, exists=True)
    assert (there.scope, there.trace) == (Scope.IN, 'Rule "Customers": it is on the other side already.')
    assert judged(asks(Test.EXISTS), ANNA).trace == 'Rule "Customers": it is not on the other side yet.'


def test_a_remark_in_a_phone_field_is_no_number() -> None:
    assert judged(asks(Test.HAS_PHONE), record(phone="ask at the desk")).scope is Scope.OUT
    assert judged(asks(Test.HAS_PHONE), record(phone="٠٤٥ ١٢٣٤٥٦٧")).scope is Scope.IN


@pytest.mark.parametrize(
    ("given", "asked", "equal"),
    [
        ("045 1234567", "+39 045 123-4567", True),
        ("+390451234567", "0451234567", True),
        ("045 1234567", "045 1234568", False),
        ("045 1234567", "+44 20 7946 0018", False),
        ("045 1234567 int. 5", "045 1234567 int. 6", False),
        ("ask at the desk", "Ask at the desk", True),
    ],
)
def test_numbers_are_compared_by_key(given: str, asked: str, equal: bool) -> None:
    assert (judged(asks(Test.EQUALS, "phone", asked), record(phone=given)).scope is Scope.IN) is equal


@pytest.mark.parametrize("part", ["+39", "045 123", "+39 045", "(045)"])
def test_a_number_contains_its_country_and_its_digits_however_it_is_written(part: str) -> None:
    assert judged(asks(Test.CONTAINS, "phone", part), record(phone="045-1234567")).scope is Scope.IN
    assert judged(asks(Test.CONTAINS, "phone", part), record(phone="+44 20 7946 0018")).scope is Scope.OUT


@pytest.mark.parametrize(
    ("field", "value", "asked", "equal"),
    [
        ("tier", "1", "gold", True),
        ("tier", "1", "1", True),
        ("tier", "2", "gold", False),
        ("newsletter", True, "yes", True),
        ("newsletter", True, "true", True),
        ("newsletter", False, "no", True),
        ("newsletter", None, "no", True),
        ("newsletter", None, "yes", False),
        ("employees", 12, "12.0", True),
        ("employees", "012", "12", True),
        ("employees", 12.5, "12", False),
        ("customer_since", "2025-06-01", "2025-06-01", True),
        ("customer_since", "2025-06-01T22:30:00Z", "2025-06-01", True),
        ("customer_since", "2025-06-01T00:30:00+02:00", "2025-06-01", False),
        ("customer_since", "2025-06-01T10:00:00+02:00", "2025-06-01T08:00:00Z", True),
        ("customer_since", "soon", "SOON", True),
        ("tags", ("a", "VIP"), "vip", True),
        ("city", "", "", True),
        ("city", "Roma", "", False),
    ],
)
def test_I06_values_are_compared_as_what_the_field_holds(
    field: str, value: str | float | bool | None, asked: str, equal: bool
) -> None:
    given = replace(record(), fields={field: value})
    assert (judged(asks(Test.EQUALS, field, asked), given).scope is Scope.IN) is equal


def test_S24_text_is_compared_in_nfc_without_case() -> None:
    written = unicodedata.normalize("NFD", "Zürich")
    assert judged(asks(Test.EQUALS, "city", "ZÜRICH"), record(city=written)).scope is Scope.IN
    assert judged(asks(Test.CONTAINS, "city", "ÜRI"), record(city=written)).scope is Scope.IN
    assert judged(asks(Test.EQUALS, "city", "STRASSE"), record(city="straße")).scope is Scope.IN


@pytest.mark.parametrize(
    ("since", "scope"),
    [
        ("2026-01-31", Scope.IN),
        ("2026-01-31T08:00:00Z", Scope.IN),
        ("2026-01-31T08:00:01Z", Scope.OUT),
        ("2026-01-31T09:00:00+01:00", Scope.IN),
        ("2026-01-31T08:00:00", Scope.IN),
        ("2026-02-01", Scope.OUT),
    ],
)
def test_I06_since_is_an_instant_in_utc(since: str, scope: Scope) -> None:
    verdict = judged(asks(Test.CREATED_SINCE, "", since), ANNA)
    assert verdict.scope is scope
    assert verdict.trace.removeprefix('Rule "Customers": it was created ') == (
        f"since {since}." if scope is Scope.IN else f"before {since}."
    )


def test_I06_the_zone_of_the_machine_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert instant_ms("2026-01-31") == instant_ms("2026-01-31T00:00:00Z")
        assert judged(asks(Test.CREATED_SINCE, "", "2026-01-31T08:00:00"), ANNA).scope is Scope.IN
    finally:
        monkeypatch.undo()
        time.tzset()


def test_changed_since_is_the_apps_own_time() -> None:
    assert judged(asks(Test.CHANGED_SINCE, "", "2026-02-10"), ANNA).scope is Scope.IN
    later = judged(asks(Test.CHANGED_SINCE, "", "2026-02-11"), ANNA)
    assert later.trace == 'Rule "Customers": it was changed before 2026-02-11.'


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (asks(Test.CREATED_SINCE, "", "2026-01-01"), "the app does not tell when it was created"),
        (asks(Test.EQUALS, "no_such_field", "x"), 'the app has no field "no_such_field"'),
    ],
)
def test_what_the_app_never_tells_is_out_and_not_waited_for(when: When, says: str) -> None:
    untold = replace(ANNA, created_ms=None)
    verdict = judged(when, untold)
    assert (verdict.scope, verdict.missing) == (Scope.OUT, ())
    assert says in verdict.trace


def test_members_of_a_group_that_stands_on_no_field() -> None:
    news = asks(Test.MEMBER, "list", "News")
    assert judged(news, record("7"), source=in_lists(news=("7",))).scope is Scope.IN
    outside = judged(news, record("8"), source=in_lists(News=("7",)))
    assert outside.trace == 'Rule "Customers": it is not in the list "News".'
    unread = judged(news, record("7"))
    assert (unread.scope, unread.missing) == (Scope.UNKNOWN, ("@list:News",))
    assert 'the members of list "News" are not read yet' in unread.trace


def test_the_groups_that_must_be_read_are_those_on_no_field() -> None:
    rules = (rule(asks(Test.MEMBER, "list", "News")), rule(asks(Test.MEMBER, "tag", "vip"), name="Tagged"))
    elsewhere = rule(asks(Test.MEMBER, "list", "Other"), name="Back", to=Side.A)
    off = Rule("Off", Side.B, asks(Test.MEMBER, "list", "Old"), enabled=False)
    assert Judge((*rules, elsewhere, off), Side.B, CRM).groups() == {"@list:News"}


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        (asks(Test.MEMBER, "tag", "vip"), ("tags",)),
        (asks(Test.HAS_PHONE), ("mobile",)),
        (asks(Test.EMPTY, "mobile"), ("mobile",)),
    ],
)
def test_S19_what_a_listing_leaves_out_is_waited_for(condition: Condition, missing: tuple[str, ...]) -> None:
    verdict = judged(condition, record(missing=("tags", "mobile")))
    assert (verdict.scope, verdict.missing, verdict.rules) == (Scope.UNKNOWN, missing, ())
    assert "not read yet" in verdict.trace


def test_a_number_that_is_read_is_enough_although_another_field_is_not() -> None:
    given: Record = record(phone="045 1234567", missing=("mobile",))
    assert judged(asks(Test.HAS_PHONE), given).scope is Scope.IN


def test_two_fields_of_one_label_are_waited_for_each_by_its_own_name() -> None:
    alike = {name: replace(CRM.fields["phone"], name=name) for name in ("first", "second")}
    judge = Judge((rule(asks(Test.HAS_PHONE)),), Side.B, replace(CRM, fields=alike))
    asked = [record(missing=("first",)), record(missing=("second",))]
    assert [judge.judge(each, exists=False).missing for each in asked] == [("first",), ("second",)]
