"""Writing to Freshdesk: only known keys, companies found or made, duplicates named, nothing destroyed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import linedesk.apps
from apps.freshdesk_house import Crm, house, invalid, says
from linedesk.apps.base import Outcome, Refused, Removed, Stored, Unsure
from linedesk.apps.records import Draft, Group, Patch, RecordState, Value
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorDuplicate,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorInvalid,
    VendorNotFound,
    VendorTimeout,
)

ADA: dict[str, Value] = {"name": "Ada", "email": "ada@example.test"}


def sent(crm: Crm, method: str = "POST", path: str = "/contacts") -> list[Any]:
    return [body for each, where, _, body in crm.asked if (each, where) == (method, path)]


def refused(outcome: Outcome) -> VendorError:
    assert isinstance(outcome, Refused), outcome
    return outcome.error


async def test_a_new_contact_is_sent_with_its_own_keys_only_and_no_empty_ones() -> None:
    async with house() as (crm, app):
        fields: dict[str, Value] = {
            **ADA,
            "phone": "+39 02 1",
            "mobile": "",
            "address": None,
            "tags": ("vip",),
            "other_emails": (),
            "custom_fields.floor": "5",
            "custom_fields.second": "123",
        }
        (outcome,) = await app.create([Draft(fields, "linedesk-1")])
        assert isinstance(outcome, Stored)
        assert sent(crm) == [
            {
                "name": "Ada",
                "email": "ada@example.test",
                "phone": "+39 02 1",
                "tags": ["vip"],
                "custom_fields": {"floor": 5, "cf_second": "123"},
                "unique_external_id": "linedesk-1",
            }
        ]
        assert outcome.record.fields["tags"] == ("vip",)


async def test_external_ids_are_not_written_where_the_account_says_no() -> None:
    async with house(external_ids=False) as (crm, app):
        assert app.capabilities.external_id_field is None
        await app.create([Draft(ADA, "linedesk-1")])
        assert sent(crm) == [ADA]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "a@example.test"}, "no contact without a name"),
        ({"name": "Ada"}, "only with an e-mail, a phone number or an external ID"),
        ({**ADA, "shoe_size": "43"}, "has no field shoe_size"),
        ({**ADA, "custom_fields.nothing": "1"}, "has no field custom_fields.nothing"),
        ({**ADA, "active": True}, "does not let Linedesk write the field"),
        ({**ADA, "custom_fields.floor": "high"}, "wants a number in the field Floor"),
    ],
)
async def test_S16_what_can_not_be_a_contact_is_refused_without_asking(
    fields: dict[str, Value], words: str
) -> None:
    async with house() as (crm, app):
        (outcome,) = await app.create([Draft(fields)])
        assert words in str(refused(outcome))
        assert isinstance(refused(outcome), VendorInvalid)
        assert sent(crm) == []


async def test_a_required_field_that_is_missing_is_named_as_people_call_it() -> None:
    async with house() as (crm, app):
        crm.faults["POST /contacts"] = [invalid("floor", "missing_field", "It should be a/an Integer")]
        (outcome,) = await app.create([Draft(ADA)])
        assert str(refused(outcome)) == (
            "Freshdesk (crm) needs a value for the field Floor: It should be a/an Integer."
        )


@pytest.mark.parametrize(("info", "holder"), [({"user_id": 51000123}, "51000123"), ({}, None)])
async def test_S06_G11_a_duplicate_names_its_holder_where_freshdesk_does(
    info: dict[str, int], holder: str | None
) -> None:
    async with house() as (crm, app):
        crm.faults["POST /contacts"] = [invalid("mobile", "duplicate_value", "unique", 409, **info)]
        (outcome,) = await app.create([Draft(ADA)])
        assert isinstance(outcome, Refused)
        assert outcome.holder == holder
        assert isinstance(outcome.error, VendorDuplicate)
        assert str(outcome.error) == "Freshdesk (crm) already has this value of Mobile on another contact."


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (says(500), VendorError),
        (says(502, text="<html>", kind="text/html"), VendorTimeout),
        (says(503), VendorBusy),
        (says(201, text='{"id": 5, "na'), VendorGarbled),
        (says(200, text="<html>", kind="text/html"), VendorGarbled),
        (says(201, {}), VendorGarbled),
    ],
)
async def test_S06_a_write_whose_answer_is_no_answer_is_unsure_and_never_sent_again(
    fault: Any, error: type[VendorError]
) -> None:
    async with house() as (crm, app):
        crm.faults["POST /contacts"] = [fault]
        (outcome,) = await app.create([Draft(ADA)])
        assert isinstance(outcome, Unsure)
        assert isinstance(outcome.error, error)
        assert len(sent(crm)) == 1


@pytest.mark.parametrize(("status", "error"), [(401, VendorAuth), (403, VendorForbidden)])
async def test_what_stops_the_account_stops_the_write(status: int, error: type[VendorError]) -> None:
    async with house() as (crm, app):
        crm.faults["POST /contacts"] = [says(status, {"code": "access_denied", "message": "Not you"})]
        with pytest.raises(error, match="Not you"):
            await app.create([Draft(ADA)])


async def test_S22_a_write_that_came_too_early_goes_again_when_its_time_has_come() -> None:
    async with house() as (crm, app):
        await app.fields()
        crm.faults["POST /contacts"] = [says(429, {"message": "slow"}, Retry_After="30")]
        before_ms = crm.clock.now_ms()
        (outcome,) = await app.create([Draft(ADA)])
        assert isinstance(outcome, Stored)
        assert crm.clock.now_ms() - before_ms >= 30_000
        assert len(crm.contacts) == 1


async def test_an_update_sends_only_what_changes_and_empties_what_is_empty() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", phone="1", mobile="2", tags=["vip"])
        (outcome,) = await app.update([Patch(str(ada), {"phone": "", "tags": ()})])
        assert sent(crm, "PUT", f"/contacts/{ada}") == [{"phone": None, "tags": []}]
        assert isinstance(outcome, Stored)
        assert (outcome.record.text("phone"), outcome.record.text("mobile")) == ("", "2")


@pytest.mark.parametrize(("held", "kept"), [(None, "ours"), ("theirs", "theirs")])
async def test_S13_an_external_id_of_others_is_never_overwritten(held: str | None, kept: str) -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", unique_external_id=held)
        (outcome,) = await app.update([Patch(str(ada), {"phone": "1"}, external_id="ours")])
        assert isinstance(outcome, Stored)
        assert crm.contacts[ada]["unique_external_id"] == kept


async def test_a_name_can_not_be_emptied_and_a_missing_contact_can_not_be_changed() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada")
        (nameless,) = await app.update([Patch(str(ada), {"name": ""})])
        assert isinstance(refused(nameless), VendorInvalid)
        for record_id in ("999", "../agents/1", "1?x", ""):
            (gone,) = await app.update([Patch(record_id, {"name": "Eve"})])
            assert isinstance(refused(gone), VendorNotFound)
        assert crm.paths("PUT") == ["/contacts/999"]


async def test_S12_a_delete_goes_to_the_bin_and_twice_is_once() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada")
        for record_id in (str(ada), "999"):
            assert await app.delete([record_id]) == (Removed(record_id),)
        assert crm.contacts[ada]["state"] == "deleted"
        (record,) = await app.get_many([str(ada)])
        assert record.state is RecordState.DELETED
        assert app.contact(record) is None


def test_S12_no_line_of_the_app_can_destroy_a_contact_or_make_it_something_else() -> None:
    forbidden = ("hard_delete", "force=", "merge", "make_agent", "anonymize", "outbound_email")
    sources = list(Path(linedesk.apps.__path__[0]).glob("freshdesk*.py"))
    assert len(sources) > 5
    for source in sources:
        texts = [
            node.value
            for node in ast.walk(ast.parse(source.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in texts for word in forbidden if word in text], source.name


async def test_a_company_is_found_by_its_name_in_any_case_and_made_only_once() -> None:
    async with house() as (crm, app):
        known = crm.company("Example Srl")
        told = []
        for name in ("EXAMPLE  srl", "Brand New", "Brand New"):
            (outcome,) = await app.create([Draft({**ADA, "company": name})])
            assert isinstance(outcome, Stored)
            told.append(outcome.record.text("company"))
        assert [body["company_id"] for body in sent(crm)] == [known, known + 1, known + 1]
        assert len(sent(crm, "POST", "/companies")) == 1
        assert told == ["Example Srl", "Brand New", "Brand New"]


async def test_a_company_that_somebody_else_makes_at_the_same_moment_is_taken() -> None:
    async with house() as (crm, app):
        crm.faults["GET /companies/autocomplete"] = [says(200, {"companies": []})]
        raced = crm.company("Brand New")
        (outcome,) = await app.create([Draft({**ADA, "company": "Brand New"})])
        assert isinstance(outcome, Stored)
        assert sent(crm)[0]["company_id"] == raced
        assert len(crm.companies) == 1


async def test_a_company_whose_making_got_no_answer_is_looked_for_before_anything_else() -> None:
    async with house() as (crm, app):
        crm.faults["POST /companies"] = [says(504)]
        (outcome,) = await app.create([Draft({**ADA, "company": "Brand New"})])
        assert isinstance(outcome, Refused)
        crm.company("Brand New")
        (again,) = await app.create([Draft({**ADA, "company": "Brand New"})])
        assert isinstance(again, Stored)
        assert len(crm.companies) == 1


async def test_no_company_is_made_where_the_account_says_no() -> None:
    async with house(make_companies=False) as (crm, app):
        (outcome,) = await app.create([Draft({**ADA, "company": "Brand New"})])
        assert "has no company Brand New" in str(refused(outcome))
        assert not crm.companies
        assert sent(crm) == []


async def test_a_company_is_taken_away_by_an_empty_name() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", company_id=crm.company("Example"))
        (outcome,) = await app.update([Patch(str(ada), {"company": ""})])
        assert isinstance(outcome, Stored)
        assert sent(crm, "PUT", f"/contacts/{ada}") == [{"company_id": None}]


async def test_a_tag_is_added_and_taken_away_beside_the_others() -> None:
    async with house() as (crm, app):
        ada, grace = crm.add("Ada", tags=["old"]), crm.add("Grace", tags=["vip", "old"])
        group = Group("vip", "vip", "tag")
        outcomes = await app.regroup(group, [str(ada), str(ada)], [str(grace), "999"])
        assert [type(each) for each in outcomes] == [Stored, Stored, Stored, Refused]
        assert (crm.contacts[ada]["tags"], crm.contacts[grace]["tags"]) == (["old", "vip"], ["old"])
        assert crm.paths("PUT") == [f"/contacts/{ada}", f"/contacts/{grace}"]
