"""Freshdesk's odd answers and users' odd records: each ends in one sentence or in a plain value."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from apps.freshdesk_house import WHO, Crm, house, opened, says
from linedesk.apps.base import App, Outcome, Refused, Removed, Stored, Unsure
from linedesk.apps.records import Cursor, Draft, Group, Patch, Value
from linedesk.errors import CursorLost, VendorBusy, VendorDuplicate, VendorError, VendorGarbled, VendorInvalid

ADA: dict[str, Value] = {"name": "Ada", "phone": "+39021"}


def quiet(done: int, total: int | None) -> None:
    """Nobody watches."""


async def one(app: App, fields: dict[str, Value]) -> Outcome:
    (outcome,) = await app.create([Draft(fields)])
    return outcome


def sent(crm: Crm) -> list[Any]:
    return [body for method, path, _, body in crm.asked if (method, path) == ("POST", "/contacts")]


@pytest.mark.parametrize(
    "body",
    [
        *(
            {"errors": errors}
            for errors in (5, True, "x", {"a": 1}, [1, None], [{"field": 5, "code": ["x"]}])
        ),
        *([], "x", 5, None, {"description": 5, "code": [], "message": {"a": 1}}),
        {"errors": [{"field": "email", "code": "duplicate_value", "additional_info": {"user_id": True}}]},
        {"errors": [{"field": "email", "code": "duplicate_value", "additional_info": [1]}]},
    ],
)
@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
async def test_S16_an_error_body_of_any_shape_is_one_sentence_on_one_record(status: int, body: Any) -> None:
    async with house() as (crm, app):
        crm.faults["POST /contacts"] = [says(status, body, text="null")]
        odd, next_one = await one(app, ADA), await one(app, {**ADA, "name": "Grace"})
        assert isinstance(odd, Unsure if status == 500 else Refused)
        assert re.fullmatch(r"Freshdesk \(crm\)[^{}\[\]]+\.", str(odd.error))
        assert isinstance(odd.error, VendorDuplicate) <= (status in {400, 409, 422})
        assert getattr(odd, "holder", None) is None
        assert isinstance(next_one, Stored)


@pytest.mark.parametrize(
    "body",
    [{}, {"id": None}, {"id": True}, {"id": 1.5}, {"id": "../agents/1"}, {"id": 10**30}, [], "x", None],
)
async def test_a_contact_without_an_id_is_no_answer(body: Any) -> None:
    async with house() as (crm, app):
        ada = str(crm.add("Ada"))
        crm.faults[f"GET /contacts/{ada}"] = [says(200, body, text="null")]
        with pytest.raises(VendorGarbled, match=r"^Freshdesk \(crm\)"):
            await app.get_many([ada])
        crm.faults["GET /search/contacts"] = [says(200, {"results": [{"name": "no id"}]})]
        with pytest.raises(VendorGarbled, match="without an id"):
            await app.find_by_phone(["+39021"])


async def test_S02_values_of_another_type_than_documented_read_as_the_fields_kind_has_them() -> None:
    async with house() as (crm, app):
        company_id = crm.company("Example Srl")
        customs = {"floor": 5, "second": 39021, "level": ["Gold"], "unknown": {"a": 1}}
        crm.add("Ada", phone=39021, email=None, company_id=str(company_id), custom_fields=customs)
        crm.add("Eve", company_id={"id": 1}, address={"street": "x"}, custom_fields=["x"], updated_at=5)
        crm.contacts[51_000_000_002]["updated_at"] = "yesterday"
        ada, eve = sorted((await app.read(None, quiet)).records, key=lambda each: each.id)
        assert (ada.fields["phone"], ada.fields["company"], ada.fields["email"]) == (
            "39021",
            "Example Srl",
            None,
        )
        told = {name: value for name, value in ada.fields.items() if name.startswith("custom")}
        assert told == {
            "custom_fields.floor": 5,
            "custom_fields.second": "39021",
            "custom_fields.level": "Gold",
            "custom_fields.unknown": None,
        }
        assert (eve.fields["company"], eve.fields["address"], eve.modified_ms) == (None, None, None)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
async def test_S02_a_number_that_is_none_is_no_answer_for_it_would_change_with_each_reading(
    text: str,
) -> None:
    async with house() as (crm, app):
        await app.fields()
        crm.faults["GET /contacts"] = [says(200, text=f'[{{"id": 1, "custom_fields": {{"floor": {text}}}}}]')]
        with pytest.raises(VendorGarbled, match="damaged"):
            await app.read(None, quiet)
        crm.faults["GET /contacts"] = [says(200, text='[{"id": 1, "custom_fields": {"floor": 1e999}}]')]
        (record,) = await app.find_by_phone(["+39021"])
        assert record.fields["custom_fields.floor"] is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**ADA, "name": " \t"}, "no contact without a name"),
        ({"name": "Ada", "phone": "  "}, "only with an e-mail, a phone number"),
        ({**ADA, "custom_fields.floor": float("nan")}, "wants a number in the field Floor"),
        ({**ADA, "custom_fields.floor": float("inf")}, "wants a number in the field Floor"),
        ({**ADA, "custom_fields.floor": "nan"}, "wants a number in the field Floor"),
        ({**ADA, "custom_fields.floor": "1" * 5000}, "wants a number in the field Floor"),
        ({**ADA, "name": "half \ud83d"}, "broken character in the field Full name"),
    ],
)
async def test_S16_a_value_that_no_json_or_field_can_hold_is_refused_without_asking(
    fields: dict[str, Value], words: str
) -> None:
    async with house() as (crm, app):
        outcome = await one(app, fields)
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.error, VendorInvalid)
        assert words in str(outcome.error)
        assert sent(crm) == []


async def test_texts_of_any_length_and_numbers_as_texts_are_sent_as_text() -> None:
    async with house() as (crm, app):
        outcome = await one(
            app, {"name": 5, "phone": 7, "custom_fields.floor": "-5", "address": "x" * 10_000}
        )
        assert isinstance(outcome, Stored)
        assert sent(crm) == [
            {"name": "5", "phone": "7", "address": "x" * 10_000, "custom_fields": {"floor": -5}}
        ]


async def test_a_contact_without_a_name_is_called_by_its_company_or_e_mail() -> None:
    async with house() as (crm, app):
        company_id = crm.company("Example Srl")
        crm.add("", company_id=company_id, email="a@example.test")
        crm.add(" ", email=" b@example.test ")
        crm.add("c@example.test", email="c@example.test")
        records = sorted((await app.read(None, quiet)).records, key=lambda each: each.id)
        people = [app.contact(each) for each in records]
        assert [each and each.name for each in people] == ["Example Srl", "b@example.test", "c@example.test"]


async def test_S06_contacts_of_one_new_company_that_are_made_at_once_share_it() -> None:
    async with house() as (crm, app):
        await app.fields()
        made = await asyncio.gather(
            *(
                one(app, {"name": name, "phone": "1", "company": "Brand New"})
                for name in ("Ada", "Eve", "Joe")
            )
        )
        assert all(isinstance(each, Stored) for each in made)
        assert len(crm.companies) == 1
        assert {body["company_id"] for body in sent(crm)} == set(crm.companies)


async def test_a_company_that_freshdesk_does_not_take_is_said_with_its_reason() -> None:
    async with house() as (crm, app):
        fault = {"field": "name", "code": "invalid_value", "message": "It is too long (maximum 255)"}
        crm.faults["POST /companies"] = [says(400, {"errors": [fault]})]
        outcome = await one(app, {**ADA, "company": "x" * 10_000})
        assert isinstance(outcome, Refused)
        assert str(outcome.error).endswith(
            "…: it does not accept the value of the field Full name: It is too long (maximum 255)."
        )
        assert all(len(query.get("name", "")) <= 100 for _, _, query, _ in crm.asked)
        assert sent(crm) == []


async def test_a_company_that_was_deleted_meanwhile_is_made_again_at_the_next_try() -> None:
    async with house() as (crm, app):
        old = crm.company("Example Srl")
        await app.read(None, quiet)
        del crm.companies[old]
        crm.companies[999] = {"id": 999, "name": "Another", "updated_at": crm.stamp()}
        fault = {"field": "company_id", "code": "invalid_value", "message": "There is no company matching"}
        crm.faults["POST /contacts"] = [says(400, {"errors": [fault]})]
        first = await one(app, {**ADA, "company": "Example Srl"})
        again = await one(app, {**ADA, "company": "Example Srl"})
        assert isinstance(first, Refused)
        assert "does not accept the value of the field Company" in str(first.error)
        assert isinstance(again, Stored)
        assert sent(crm)[0]["company_id"] == old
        assert crm.companies[sent(crm)[1]["company_id"]]["name"] == "Example Srl"


@pytest.mark.parametrize(("count", "lists"), [(20, 20), (21, 0)])
async def test_S22_many_renamed_companies_are_one_whole_reading_and_not_a_list_each(
    count: int, lists: int
) -> None:
    async with house() as (crm, app):
        companies = [crm.company(f"Company {number}") for number in range(count)]
        crm.add("Ada", company_id=companies[0])
        cursor = (await app.read(None, quiet)).cursor
        crm.clock.advance(3600)
        for company_id in companies:
            crm.companies[company_id] |= {"name": f"New {company_id}", "updated_at": crm.stamp()}
        crm.asked.clear()
        if lists:
            assert [each.text("company") for each in (await app.read(cursor, quiet)).records] == ["New 700"]
        else:
            with pytest.raises(CursorLost, match="21 companies"):
                await app.read(cursor, quiet)
            assert [each.text("company") for each in (await app.read(None, quiet)).records] == ["New 700"]
        assert sum("company_id" in query for _, _, query, _ in crm.asked) == lists


async def test_S12_everything_that_the_app_can_do_destroys_merges_or_restores_nothing_on_the_wire() -> None:
    async with house() as (crm, app):
        ada = str(crm.add("Ada", tags=["old"]))
        cursor = (await app.read(None, quiet)).cursor
        await one(app, {**ADA, "company": "Brand New"})
        await app.update([Patch(ada, {"name": "Ada Two"}, external_id="ours"), Patch("999", {"name": "Eve"})])
        group = Group("vip", "vip", "tag")
        await app.regroup(group, [ada], [ada, "999"])
        for record_id in (ada, ada, "999", "", "..", "1/hard_delete", "hard_delete", "1?force=true"):
            assert await app.delete([record_id]) == (Removed(record_id),)
        await app.read(cursor, quiet)
        changing = {
            f"{method} {path}?{'&'.join(query)}" for method, path, query, _ in crm.asked if method != "GET"
        }
        allowed = r"(POST /(contacts|companies)|(PUT|DELETE) /contacts/\d+)\?"
        assert {each for each in changing if not re.fullmatch(allowed, each)} == set()
        assert len(crm.contacts) == 2


async def test_a_caller_is_still_found_by_the_search_when_the_lists_are_used_up() -> None:
    async with house(list_calls_per_minute=2) as (crm, app):
        late = {"id": 51_000_000_007, "name": "Late", "company_id": None}
        crm.faults["GET /search/contacts"] = [says(200, {"total": 1, "results": [late]})]
        found = await app.find_by_phone(["+39021", "021"])
        assert [each.text("name") for each in found] == ["Late"]
    async with house(list_calls_per_minute=2, search_index=False) as (_, app):
        with pytest.raises(VendorBusy, match="no more requests"):
            await app.find_by_phone(["+39021", "021"])


async def test_the_budget_for_estimates_is_what_the_answers_told() -> None:
    async with house() as (crm, app):
        crm.total = 400
        before = app.capabilities.requests_per_s
        await app.check()
        assert (before, app.capabilities.requests_per_s) == (40 / 60, 320 / 60)


@pytest.mark.parametrize(
    "text",
    [
        '{"checkpoint_ms": 1e999, "since_parameter": "_updated_since"}',
        '{"checkpoint_ms": 1e30, "since_parameter": "_updated_since"}',
        '{"checkpoint_ms": -1e15, "since_parameter": "_updated_since"}',
        '{"checkpoint_ms": 5, "since_parameter": ["x"]}',
        '{"checkpoint_ms": 5, "since_parameter": "since"}',
    ],
)
async def test_S15_a_cursor_of_no_time_that_there_is_is_lost(text: str) -> None:
    async with house() as (_, app):
        with pytest.raises(CursorLost):
            await app.read(Cursor(text), quiet)


@pytest.mark.parametrize("path", ["", "/a/dashboard"])
async def test_a_wrong_address_is_said_with_all_that_stands_behind_the_host(path: str) -> None:
    async with house() as (crm, _):
        page = says(404, text="<h1>No such help desk</h1>", kind="text/html")
        for each in ("agents/me", "contact_fields"):
            crm.faults[f"GET {path}/api/v2/{each}" if path else f"GET /{each}"] = [page] * 9
        crm.url += path
        app = opened(crm)
        (finding,) = (await app.check()).findings
        assert finding.sentence == f"{WHO}: there is no Freshdesk at {crm.url.removeprefix('http://')}."
        with pytest.raises(VendorError, match="web page instead of data") as raised:
            await app.read(None, quiet)
        assert "https://acme.freshdesk.com" in raised.value.remedy
        await app.close()
