"""The simulated Freshdesk against the wire page's tick list: contacts, companies, tickets, search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from demo.freshdesk import ADA, HELPER, Freshdesk, freshdesk
from linedesk.clock import ManualClock

LIST_KEYS = {
    "active", "address", "company_id", "created_at", "csat_rating", "custom_fields", "description", "email",
    "facebook_id", "id", "job_title", "language", "mobile", "name", "other_companies", "phone",
    "preferred_source", "time_zone", "twitter_followers_count", "twitter_id", "twitter_profile_status",
    "unique_external_id", "updated_at",
}  # fmt: skip


def codes(body: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in body["errors"]]


async def names(desk: Freshdesk, query: str) -> list[str]:
    body, _ = await desk.ask("GET", f"/contacts?{query}", status=200)
    return [each["name"] for each in body]


async def test_a_list_row_has_no_tags_and_no_other_emails_and_bare_company_ids() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask("GET", "/contacts?per_page=100", status=200)
        assert set(body[0]) == LIST_KEYS
        whole, _ = await desk.ask("GET", f"/contacts/{body[0]['id']}", status=200)
        assert set(whole) - LIST_KEYS == {"tags", "other_emails", "view_all_tickets", "avatar"}


async def test_pages_are_bare_arrays_by_name_with_the_next_one_in_the_link_header() -> None:
    async with freshdesk(people=70) as desk:
        seen: list[str] = []
        path = "/contacts?per_page=30"
        sizes = []
        while path:
            body, headers = await desk.ask("GET", path, status=200)
            sizes.append(len(body))
            seen += [each["name"] for each in body]
            link = headers.get("link", "")
            path = link.partition(">")[0].partition("/api/v2")[2] if link else ""
        assert sizes == [30, 30, 10]
        assert seen == sorted(seen, key=lambda name: (not name[:1].isalpha(), name.casefold()))
        assert len(await names(desk, "")) == 30, "the default page"
        refused, _ = await desk.ask("GET", "/contacts?per_page=101", status=400)
        assert codes(refused) == [("per_page", "invalid_value")]


async def test_blocked_and_deleted_contacts_are_hidden_until_they_are_asked_for() -> None:
    async with freshdesk() as desk:
        await desk.ask("DELETE", f"/contacts/{ADA}", status=204)
        desk.book.put(replace(desk.book.people[ADA + 1], state="blocked"))
        everybody = await names(desk, "per_page=100")
        assert "Ada Lindqvist" not in everybody
        assert "Rosa Marchetti" not in everybody
        assert await names(desk, "state=blocked") == ["Rosa Marchetti"]
        assert await names(desk, "state=deleted") == ["Ada Lindqvist"]
        body, _ = await desk.ask("GET", "/contacts?state=deleted", status=200)
        assert body[0]["deleted"] is True
        await desk.ask("PUT", f"/contacts/{ADA}/restore", status=204)
        assert "Ada Lindqvist" in await names(desk, "per_page=100")


async def test_a_hard_delete_needs_a_soft_one_or_force() -> None:
    async with freshdesk() as desk:
        await desk.ask("DELETE", f"/contacts/{ADA}/hard_delete", status=400)
        await desk.ask("DELETE", f"/contacts/{ADA}", status=204)
        await desk.ask("DELETE", f"/contacts/{ADA}/hard_delete", status=204)
        body, _ = await desk.ask("GET", f"/contacts/{ADA}", status=404)
        assert body is None, "this API's 404 is empty"
        assert await names(desk, "state=deleted") == []


@pytest.mark.parametrize("spelling", ["_updated_since", "updated_since", "both"])
async def test_the_time_of_change_has_one_right_name_and_whole_seconds(spelling: str) -> None:
    clock = ManualClock(1_764_000_000_400)
    async with freshdesk(clock=clock) as desk:
        desk.switch(since_spelling=spelling)
        await desk.ask("PUT", f"/contacts/{ADA}", json={"job_title": "Owner"}, status=200)
        wrong = {"_updated_since": "updated_since", "updated_since": "_updated_since"}.get(spelling)
        right = "_updated_since" if spelling == "both" else spelling
        assert await names(desk, f"{right}=2025-11-24T16:00:00Z") == ["Ada Lindqvist"]
        assert await names(desk, f"{right}=2025-11-24T16:00:01Z") == []
        if wrong:
            body, _ = await desk.ask("GET", f"/contacts?{wrong}=2025-11-24T16:00:00Z", status=400)
            assert codes(body) == [(wrong, "invalid_field")]


async def test_state_and_time_of_change_combine() -> None:
    clock = ManualClock()
    async with freshdesk(clock=clock) as desk:
        await desk.ask("DELETE", f"/contacts/{ADA}", status=204)
        clock.advance(3600)
        await desk.ask("DELETE", f"/contacts/{ADA + 1}", status=204)
        assert await names(desk, "state=deleted&_updated_since=2025-11-24T16:30:00Z") == ["Rosa Marchetti"]


async def test_a_new_contact_needs_a_name_an_identity_and_known_fields() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask("POST", "/contacts", json={}, status=400)
        assert codes(body) == [("name", "missing_field"), ("email", "missing_field")]
        body, _ = await desk.ask(
            "POST", "/contacts", json={"name": "A", "email": "a@b.cd", "x": 1}, status=400
        )
        assert codes(body) == [("x", "invalid_field")]
        body, _ = await desk.ask("POST", "/contacts", json={"name": "A", "phone": 12}, status=400)
        assert codes(body) == [("phone", "datatype_mismatch")]
        body, _ = await desk.ask("POST", "/contacts", json={"name": "A", "email": "nowhere"}, status=400)
        assert codes(body) == [("email", "invalid_value")]
        made, _ = await desk.ask(
            "POST", "/contacts", json={"name": "Zoë", "mobile": "+44 7700 9005"}, status=201
        )
        assert made["id"] > ADA
        assert made["tags"] == []


async def test_a_required_custom_field_is_missed_by_name() -> None:
    async with freshdesk() as desk:
        desk.switch(required_custom_field=True)
        body, _ = await desk.ask("POST", "/contacts", json={"name": "A", "phone": "1"}, status=400)
        assert codes(body) == [("custom_fields.account_manager", "missing_field")]
        given = {
            "name": "A",
            "phone": "1",
            "custom_fields": {"account_manager": "Mia", "vip": True},
        }
        made, _ = await desk.ask("POST", "/contacts", json=given, status=201)
        assert made["custom_fields"] == {"account_manager": "Mia", "vip": True}


async def test_a_second_contact_with_the_same_email_is_refused_and_names_the_first() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask(
            "POST", "/contacts", json={"name": "B", "email": "Ada@example.test"}, status=409
        )
        assert body["errors"][0]["additional_info"] == {"user_id": ADA}
        assert codes(body) == [("email", "duplicate_value")]
        mobile = {"name": "B", "mobile": "+44 7700 900018"}
        await desk.ask("POST", "/contacts", json=mobile, status=201)
        desk.switch(unique_mobile=True)
        body, _ = await desk.ask("POST", "/contacts", json=mobile, status=409)
        assert codes(body) == [("mobile", "duplicate_value")]


async def test_an_update_changes_only_what_is_sent_and_lists_as_a_whole() -> None:
    async with freshdesk() as desk:
        first, _ = await desk.ask("PUT", f"/contacts/{ADA}", json={"tags": ["a", "b"]}, status=200)
        second, _ = await desk.ask("PUT", f"/contacts/{ADA}", json={"tags": ["c"]}, status=200)
        assert second["tags"] == ["c"]
        assert {**first, "tags": 0, "updated_at": 0} == {**second, "tags": 0, "updated_at": 0}
        cleared, _ = await desk.ask("PUT", f"/contacts/{ADA}", json={"job_title": None}, status=200)
        assert cleared["job_title"] is None


async def test_merging_makes_the_second_contact_vanish() -> None:
    async with freshdesk() as desk:
        body = {"primary_contact_id": ADA, "secondary_contact_ids": [ADA + 1]}
        await desk.ask("POST", "/contacts/merge", json=body, status=204)
        await desk.ask("GET", f"/contacts/{ADA + 1}", status=404)
        kept, _ = await desk.ask("GET", f"/contacts/{ADA}", status=200)
        assert kept["other_emails"] == ["rosa@example.test"]


async def test_a_contact_who_became_an_agent_is_no_contact_any_more() -> None:
    async with freshdesk() as desk:
        await desk.ask("PUT", f"/contacts/{ADA}/make_agent", json={}, status=200)
        await desk.ask("GET", f"/contacts/{ADA}", status=404)
        for query in ("", "state=deleted", "state=blocked"):
            assert "Ada Lindqvist" not in await names(desk, query)


async def test_phone_filters_are_plain_text_equality() -> None:
    async with freshdesk() as desk:
        assert await names(desk, "phone=020%207946%200018") == ["Ada Lindqvist"]
        assert await names(desk, "phone=%2B442079460018") == []
        assert await names(desk, "mobile=%2B44%207700%20900018") == ["Ada Lindqvist"]


async def test_the_search_is_behind_and_ends_after_ten_pages() -> None:
    clock = ManualClock()
    async with freshdesk(people=400, clock=clock) as desk:
        query = "/search/contacts?query=%22mobile:%27%2B44%207700%20900999%27%22"
        await desk.ask("PUT", f"/contacts/{ADA}", json={"mobile": "+44 7700 900999"}, status=200)
        body, _ = await desk.ask("GET", query, status=200)
        assert body == {"total": 0, "results": []}
        clock.advance(121)
        body, _ = await desk.ask("GET", query, status=200)
        assert [each["id"] for each in body["results"]] == [ADA]
        everybody = "/search/contacts?query=%22created_at:%3E%272020-01-01%27%22"
        body, _ = await desk.ask("GET", everybody + "&page=10", status=200)
        assert (body["total"], len(body["results"])) == (400, 30)
        await desk.ask("GET", everybody + "&page=11", status=400)


@pytest.mark.parametrize("query", ["phone:'1'", '"phone:"', '"x:1"', "\"(phone:'1'\"", "\"phone:'1' AND\""])
async def test_a_bad_search_is_refused(query: str) -> None:
    async with freshdesk() as desk:
        await desk.ask("GET", f"/search/contacts?query={quote(query)}", status=400)


async def test_companies_have_unique_names() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask("POST", "/companies", json={"name": "northgate lanterns ltd"}, status=409)
        holder = body["errors"][0]["additional_info"]["company_id"]
        made, _ = await desk.ask("POST", "/companies", json={"name": "Brand New"}, status=201)
        found, _ = await desk.ask("GET", "/companies/autocomplete?name=North", status=200)
        assert found["companies"] == [{"id": holder, "name": "Northgate Lanterns Ltd"}]
        await desk.ask("PUT", f"/contacts/{ADA}", json={"company_id": made["id"]}, status=200)
        await desk.ask("DELETE", f"/companies/{made['id']}", status=204)
        ada, _ = await desk.ask("GET", f"/contacts/{ADA}", status=200)
        assert ada["company_id"] is None


async def test_a_call_is_logged_as_a_ticket_of_its_contact() -> None:
    async with freshdesk() as desk:
        given = {
            "requester_id": ADA,
            "subject": "Call",
            "description": "<b>2 min</b>",
            "source": 3,
            "status": 5,
        }
        made, _ = await desk.ask("POST", "/tickets", json=given, status=201)
        assert (made["requester_id"], made["source"], made["status"]) == (ADA, 3, 5)
        note, _ = await desk.ask(
            "POST", f"/tickets/{made['id']}/notes", json={"body": "Rang back"}, status=201
        )
        assert note["private"] is True
        body, _ = await desk.ask(
            "POST", "/tickets", json={"phone": "+441", "subject": "x", "description": "y"}, status=400
        )
        assert codes(body) == [("name", "missing_field")]


async def test_field_definitions_are_for_administrators() -> None:
    async with freshdesk() as desk:
        body, _ = await desk.ask("GET", "/contact_fields", key=HELPER, status=403)
        assert body["code"] == "access_denied"
        fields, _ = await desk.ask("GET", "/contact_fields", status=200)
        kinds = {each["name"]: each["type"] for each in fields}
        assert kinds["phone"] == "default_phone"
        assert kinds["loyalty_level"] == "custom_dropdown"
        me, _ = await desk.ask("GET", "/agents/me", key=HELPER, status=200)
        assert me["contact"]["name"] == "Hugo Helper"


async def test_changes_survive_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "crm.json"
    async with freshdesk(path=path) as desk:
        await desk.ask(
            "PUT", f"/contacts/{ADA}", json={"tags": ["x"], "custom_fields": {"vip": True}}, status=200
        )
        await desk.ask("DELETE", f"/contacts/{ADA + 1}/hard_delete?force=true", status=204)
        await desk.ask("POST", "/companies", json={"name": "Kept"}, status=201)
        before, _ = await desk.ask("GET", f"/contacts/{ADA}", status=200)
    async with freshdesk(path=path) as desk:
        after, _ = await desk.ask("GET", f"/contacts/{ADA}", status=200)
        assert after == before
        await desk.ask("GET", f"/contacts/{ADA + 1}", status=404)
        found, _ = await desk.ask("GET", "/companies/autocomplete?name=Kept", status=200)
        assert len(found["companies"]) == 1
