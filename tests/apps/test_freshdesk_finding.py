"""Finding, showing, logging and checking on Freshdesk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from apps.freshdesk_house import KEY, Crm, house, invalid, opened, says
from linedesk.apps.base import Level
from linedesk.apps.freshdesk import KIND, FreshdeskSettings
from linedesk.apps.freshdesk_finding import _queries
from linedesk.apps.records import Activity, Record, RecordState
from linedesk.clock import ManualClock
from linedesk.contacts.model import ContactNumber
from linedesk.errors import ConfigError, VendorBusy, VendorError

CALL = Activity(
    record_id="51000000001",
    direction="inbound",
    outcome="answered",
    number="+390212345678",
    agent="Anna <b>Example</b>",
    started_ms=1_764_000_000_000,
    duration_s=192,
    note="Wants\n<script>the offer</script>",
    idempotency_key="call-1",
)


async def test_a_number_is_looked_for_in_every_spelling_as_phone_and_mobile() -> None:
    async with house() as (crm, app):
        ada, grace = crm.add("Ada", phone="+39021"), crm.add("Grace", mobile="02 1")
        crm.add("Eve", phone="021")
        found = await app.find_by_phone(["+39021", "02 1", "+39021", " "])
        assert {int(each.id) for each in found} == {ada, grace}
        assert "/search/contacts" not in crm.paths()


@pytest.mark.parametrize("search_index", [True, False])
async def test_the_search_is_asked_only_when_the_contacts_have_none(search_index: bool) -> None:
    async with house(search_index=search_index) as (crm, app):
        late = {"id": 51_000_000_007, "name": "Late", "company_id": None}
        crm.faults["GET /search/contacts"] = [says(200, {"total": 1, "results": [late]})]
        found = await app.find_by_phone(["+39021"])
        assert [each.text("name") for each in found] == (["Late"] if search_index else [])
        queries = [query["query"] for _, path, query, _ in crm.asked if path == "/search/contacts"]
        assert queries == (["\"phone:'+39021' OR mobile:'+39021'\""] if search_index else [])


def test_a_search_query_escapes_quotes_and_keeps_within_its_length() -> None:
    assert list(_queries(["1'2\"3\\"])) == ["phone:'1\\'2\\\"3\\\\' OR mobile:'1\\'2\\\"3\\\\'"]
    queries = list(_queries([f"+39{number:018d}" for number in range(40)]))
    assert all(len(query) + 2 <= 512 for query in queries)
    assert sum(query.count("'") for query in queries) == 160
    assert unquote(queries[0]) == queries[0]


@pytest.mark.parametrize("knows", [True, False])
async def test_S06_an_external_id_is_found_by_the_filter_or_by_reading_the_lists(knows: bool) -> None:
    async with house() as (crm, app):
        crm.knows_external_filter = knows
        ada = crm.add("Ada", unique_external_id="linedesk-1")
        crm.add("Eve")
        assert [int(each.id) for each in await app.find_by_external_id("linedesk-1")] == [ada]
        assert await app.find_by_external_id("linedesk-2") == ()
        crm.clock.advance(60)
        late = crm.add("Late", unique_external_id="linedesk-2")
        assert [int(each.id) for each in await app.find_by_external_id("linedesk-2")] == [late]
        assert "/search/contacts" not in crm.paths()


async def test_S06_a_filter_that_is_ignored_is_not_believed() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", unique_external_id="linedesk-1")
        first_page = [{"id": 51_000_000_099, "name": "Somebody", "unique_external_id": None}]
        crm.faults["GET /contacts"] = [says(200, first_page)]
        assert [int(each.id) for each in await app.find_by_external_id("linedesk-1")] == [ada]


async def test_a_person_at_a_ringing_phone_gets_an_answer_or_an_error_at_once() -> None:
    async with house() as (crm, app):
        crm.faults["GET /contacts"] = [says(429, {"message": "slow"}, Retry_After="60")] * 9
        with pytest.raises(VendorBusy):
            await app.find_by_phone(["+39021"])


async def test_a_contact_has_every_number_with_its_label_and_its_page() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", phone="1", mobile="2", email="a@example.test", company_id=crm.company("Example"),
                      other_emails=["b@example.test"], custom_fields={"second": "3"})  # fmt: skip
        (record,) = await app.get_many([str(ada)])
        contact = app.contact(record)
        assert contact is not None
        assert contact.numbers == (
            ContactNumber("1", "work"), ContactNumber("2", "mobile"), ContactNumber("3", "Second phone"),
        )  # fmt: skip
        assert contact.emails == ("a@example.test", "b@example.test")
        assert (contact.company, contact.book, contact.app) == ("Example", "crm", "freshdesk")
        assert contact.page_url == f"{crm.url}/a/contacts/{ada}"
        assert contact.company_url == f"{crm.url}/a/companies/{crm.contacts[ada]['company_id']}"
        assert not contact.last
        blocked = app.contact(replace(record, state=RecordState.BLOCKED))
        assert blocked is not None
        assert (blocked.blocked, blocked.archived, blocked.last) == (True, False, True)
        assert app.contact(replace(record, state=RecordState.DELETED)) is None
        assert app.contact(Record("7", {"phone": "5"})) is not None


async def test_a_call_is_a_closed_ticket_and_its_note_is_for_colleagues_only() -> None:
    async with house() as (crm, app):
        assert await app.log(CALL) == "1"
        (ticket,) = crm.tickets
        assert (ticket["source"], ticket["status"], ticket["requester_id"]) == (3, 5, 51_000_000_001)
        assert ticket["subject"] == "Incoming call, answered: +390212345678"
        assert "Anna &lt;b&gt;Example" in ticket["description"]
        assert "3 min 12 s" in ticket["description"]
        assert "offer" not in ticket["description"]
        ((number, note),) = crm.notes
        assert (number, note["private"]) == (1, True)
        assert "&lt;script&gt;the offer" in note["body"]


async def test_a_call_whose_note_failed_is_not_logged_twice() -> None:
    async with house() as (crm, app):
        crm.faults["POST /tickets/1/notes"] = [says(500)]
        with pytest.raises(VendorError):
            await app.log(CALL)
        assert await app.log(CALL) == "1"
        assert (len(crm.tickets), len(crm.notes)) == (1, 1)


async def test_a_check_of_a_good_account_names_it_and_its_plan() -> None:
    async with house() as (_, app):
        checked = await app.check()
        assert checked.well
        assert checked.identity == "127.0.0.1, Anna Example"
        assert any("5000 calls a minute" in each.sentence for each in checked.findings)


async def breaks(crm: Crm, fault: Any, path: str = "/agents/me") -> list[tuple[Level, str, str]]:
    crm.faults[f"GET {path}"] = [fault] * 9
    app = opened(crm)
    try:
        checked = await app.check()
    finally:
        await app.close()
    return [(each.level, each.sentence, each.remedy) for each in checked.findings]


@pytest.mark.parametrize(
    ("fault", "words", "remedy"),
    [
        (says(404), "there is no Freshdesk at 127.0.0.1", "https://acme.freshdesk.com"),
        (says(404, text="<h1>No</h1>", kind="text/html"), "there is no Freshdesk at", "acme.freshdesk.com"),
        (says(200, text="<h1>Hi</h1>", kind="text/html"), "there is no Freshdesk at", "acme.freshdesk.com"),
        (says(401, {"code": "invalid_credentials", "message": f"No {KEY}"}), "refused the credential: No (hi",
         "View API key"),
        (says(403, {"code": "access_denied"}), "doesn't let this credential", "administrator"),
        (says(500), "had an error of its own (HTTP 500)", "again"),
    ],
)  # fmt: skip
async def test_a_check_says_what_is_wrong_with_the_account(fault: Any, words: str, remedy: str) -> None:
    async with house() as (crm, _):
        ((level, sentence, todo),) = await breaks(crm, fault)
        assert level is Level.MISSING
        assert sentence.startswith("Freshdesk (crm)")
        assert words in sentence
        assert remedy in todo
        assert KEY not in sentence


async def test_a_check_tells_of_a_small_plan_fields_that_are_needed_and_a_key_without_rights() -> None:
    async with house() as (crm, _):
        crm.total = 50
        needed = {
            "name": "boss",
            "label": "Account manager",
            "type": "custom_text",
            "required_for_agents": True,
        }
        told = await breaks(crm, says(200, [needed]), "/contact_fields")
        assert [level for level, _, _ in told] == [Level.OK, Level.HINT, Level.HINT]
        assert (
            "only 50 calls a minute, so reading 1,000 contacts with their tags takes about 25" in told[1][1]
        )
        assert "no new contact without Account manager" in told[2][1]
        told = await breaks(crm, says(403, {"code": "access_denied"}), "/contact_fields")
        assert "not an administrator's" in told[-1][1]


async def test_without_the_right_to_read_fields_the_usual_ones_are_there_and_custom_ones_still_written() -> (
    None
):
    async with house() as (crm, app):
        crm.faults["GET /contact_fields"] = [says(403, {"code": "access_denied"})] * 2
        names = {each.name for each in await app.fields()}
        assert {"name", "email", "phone", "mobile", "company", "tags", "unique_external_id"} <= names
        ada = crm.add("Ada")
        await app.get_many([str(ada)])


async def test_fields_are_told_with_kind_label_and_choices() -> None:
    async with house() as (_, app):
        fields = {each.name: each for each in await app.fields()}
        assert fields["name"].label == "Full name"
        assert fields["custom_fields.level"].choices[1].value == "Silver"
        assert fields["custom_fields.second"].kind.value == "phone"
        assert fields["mobile"].unique
        assert fields["tags"].detail_only
        assert fields["company"].label == "Company"


@pytest.mark.parametrize("key", ["", " ", "kéy", "a\nb"])
def test_a_key_that_can_not_be_one_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigError, match="no API key that can be used") as raised:
        opened(Crm(ManualClock(), url="https://acme.freshdesk.com"), api_key=key)
    assert "kéy" not in str(raised.value)


def test_the_kind_names_its_secret_and_describes_every_setting() -> None:
    assert KIND.secret_fields() == ("api_key",)
    assert FreshdeskSettings().missing() == ("api_key",)
    assert all(info.description for info in FreshdeskSettings.model_fields.values())
    assert [row.key for row in KIND.phonebook_rows] == [
        *("name=name", "email=email", "phone=office", "mobile=mobile"),
        *("company=organization", "address=address"),
    ]


async def test_an_error_that_names_a_field_uses_its_label() -> None:
    async with house() as (crm, app):
        await app.fields()
        crm.faults["GET /contacts"] = [invalid("custom_fields.floor", "invalid_field")] * 9
        with pytest.raises(VendorError, match="does not know the field Floor"):
            await app.find_by_phone(["1"])
