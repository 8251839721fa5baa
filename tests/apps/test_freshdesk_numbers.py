"""Numbers in the fields that an administrator named, on Freshdesk: shown, looked for, checked, remembered."""

from __future__ import annotations

from apps.freshdesk_house import KEY, house, invalid, opened, says
from linedesk.apps.base import Level, RecallsFields
from linedesk.apps.records import Record
from linedesk.contacts.model import ContactNumber

CHOSEN = ("phone", "custom_fields.second")


async def test_A22_named_fields_are_looked_into_and_no_others() -> None:
    async with house(number_fields=CHOSEN) as (crm, app):
        await app.fields()
        crm.add("Ada", mobile="+39021")
        hit = {"id": 51_000_000_007, "name": "Second", "company_id": None}
        crm.faults["GET /search/contacts"] = [
            says(200, {"total": 0, "results": []}),
            says(200, {"total": 1, "results": [hit]}),
        ]
        found = await app.find_by_phone(["+39021"])
        assert [each.text("name") for each in found] == ["Second"]
        lists = [set(query) for _, path, query, _ in crm.asked if path == "/contacts"]
        assert all("mobile" not in query for query in lists)
        queries = [query["query"] for _, path, query, _ in crm.asked if path == "/search/contacts"]
        assert queries == ["\"phone:'+39021'\"", "\"cf_second:'+39021'\""]


async def test_a_custom_field_that_can_not_be_searched_for_is_left_out() -> None:
    async with house(number_fields=CHOSEN) as (crm, app):
        crm.faults["GET /search/contacts"] = [
            says(200, {"total": 0, "results": []}),
            invalid("second", "invalid_field"),
        ]
        assert await app.find_by_phone(["+39021"]) == ()


async def test_A22_a_check_names_a_wrong_field_unless_the_key_may_not_see_them() -> None:
    async with house(number_fields=("phone", "custom_fields.secnd")) as (crm, app):
        (wrong,) = [each for each in (await app.check()).findings if "secnd" in each.sentence]
        assert wrong.level is Level.MISSING
        assert "did you mean custom_fields.second?" in wrong.sentence
        crm.faults["GET /contact_fields"] = [says(403, {"code": "access_denied", "message": "no"})] * 3
        assert not [each for each in (await app.check()).findings if "secnd" in each.sentence]


async def test_A22_after_a_restart_a_copy_has_its_custom_numbers_before_anything_is_asked() -> None:
    async with house() as (crm, app):
        known = await app.fields()
        again = opened(crm, api_key=KEY)
        assert isinstance(again, RecallsFields)
        record = Record("7", {"name": "Ada", "phone": "1", "custom_fields.second": "2"})
        before = again.contact(record)
        assert before is not None
        assert [each.raw for each in before.numbers] == ["1"]
        asked = len(crm.asked)

        again.recall_fields(known)

        after = again.contact(record)
        assert after is not None
        assert after.numbers == (ContactNumber("1", "work"), ContactNumber("2", "Second phone"))
        assert len(crm.asked) == asked
        # What the app has learnt itself counts more.
        app.recall_fields(known[:1])
        own = app.contact(record)
        assert own is not None
        assert [each.raw for each in own.numbers] == ["1", "2"]
        await again.close()


async def test_a_person_without_a_company_has_no_page_of_one() -> None:
    async with house() as (crm, app):
        (record,) = await app.get_many([str(crm.add("Ada", phone="1"))])
        contact = app.contact(record)
        assert contact is not None
        assert contact.company_url is None
