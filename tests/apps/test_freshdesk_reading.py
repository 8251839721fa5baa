"""Reading Freshdesk: the trap of the parameter's name, cursors, lists that move, ceilings, companies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.freshdesk_house import WHO, Crm, house, invalid, opened, says
from linedesk.apps.records import Changes, Complete, Cursor, Reading, RecordState
from linedesk.errors import CursorLost, ListingBroken, VendorGarbled, VendorRefused

OVERLAP_S = 300


def quiet(done: int, total: int | None) -> None:
    """Nobody watches."""


def fill(crm: Crm, count: int) -> list[str]:
    return [str(crm.add(f"Person {number:04d}", phone=f"+39021{number:06d}")) for number in range(count)]


def ids(reading: Reading) -> set[str]:
    return {each.id for each in reading.records}


async def test_a_first_reading_holds_active_blocked_and_deleted_contacts_and_says_which() -> None:
    async with house() as (crm, app):
        states = {crm.add(state, state=state): state for state in ("active", "blocked", "deleted")}
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert {int(each.id): each.state.value for each in reading.records} == states
        assert all(each.missing == {"tags", "other_emails"} for each in reading.records)


@pytest.mark.parametrize("known", ["_updated_since", "updated_since"])
async def test_the_name_of_the_since_parameter_is_found_out_and_kept_in_the_cursor(known: str) -> None:
    async with house() as (crm, app):
        crm.spelling = known
        fill(crm, 2)
        first = await app.read((await app.read(None, quiet)).cursor, quiet)
        crm.asked.clear()
        again = opened(crm)
        await again.read(first.cursor, quiet)
        await again.close()
        names = {name for _, _, query, _ in crm.asked for name in query if "since" in name}
        assert names == {known}


async def test_a_name_of_the_since_parameter_that_was_set_is_the_only_one_tried() -> None:
    async with house(since_parameter="updated_since") as (_, app):
        first = await app.read(None, quiet)
        with pytest.raises(VendorRefused, match=r"how to list what changed since a time \(updated_since\)"):
            await app.read(first.cursor, quiet)


async def test_S15_I04_I07_the_cursor_overlaps_by_five_minutes_and_never_passes_the_newest_row() -> None:
    async with house() as (crm, app):
        fill(crm, 3)
        newest_ms = crm.clock.now_ms() // 1000 * 1000
        crm.clock.advance(86_400)
        first = await app.read(None, quiet)
        assert json.loads(first.cursor.text)["checkpoint_ms"] == newest_ms
        crm.asked.clear()
        await app.read(first.cursor, quiet)
        since = {q["_updated_since"] for _, path, q, _ in crm.asked if path == "/contacts"}
        assert since == {"2025-11-24T15:55:00Z"}  # ManualClock begins at 16:00:00


async def test_S15_a_row_with_a_time_in_the_future_does_not_hide_what_comes_after_it() -> None:
    async with house() as (crm, app):
        fill(crm, 2)
        crm.add("From 2099", updated_at="2099-01-01T00:00:00Z")
        first = await app.read(None, quiet)
        crm.clock.advance(3600)
        late = str(crm.add("Late"))
        assert late in ids(await app.read(first.cursor, quiet))


@pytest.mark.parametrize("skew_s", [-40_000_000, 40_000_000])
async def test_S21_a_wrong_date_in_the_answers_loses_no_change(skew_s: int) -> None:
    async with house() as (crm, app):
        crm.skew_s = skew_s
        people = fill(crm, 2)
        cursor = (await app.read(None, quiet)).cursor
        for number in range(3):
            crm.clock.advance(3600)
            crm.edit(int(people[0]), name=f"Renamed {number}")
            reading = await app.read(cursor, quiet)
            cursor = reading.cursor
            assert {each.id: each.text("name") for each in reading.records}[people[0]] == f"Renamed {number}"


async def test_S15_I10_a_reading_that_breaks_off_gives_no_cursor_and_the_old_one_still_tells_all() -> None:
    async with house() as (crm, app):
        people = fill(crm, 250)
        first = await app.read(None, quiet)
        crm.clock.advance(3600)
        for each in people:
            crm.edit(int(each), address="Moved")

        def fail(page: int) -> None:
            if page == 2:
                crm.faults["GET /contacts"] = [says(500)]

        crm.on_list = fail
        with pytest.raises(Exception, match="had an error of its own"):
            await app.read(first.cursor, quiet)
        crm.on_list, crm.faults = None, {}
        later = await app.read(first.cursor, quiet)
        assert ids(later) == set(people)


@pytest.mark.parametrize("change", ["delete", "rename", "block"])
async def test_S12_a_contact_that_leaves_a_page_already_read_hides_no_other(change: str) -> None:
    async with house() as (crm, app):
        people = fill(crm, 250)
        done: list[int] = []

        def stir(page: int) -> None:
            if page == 2 and not done:
                done.append(page)
                crm.clock.advance(1)
                values: dict[str, dict[str, Any]] = {
                    "delete": {"state": "deleted"},
                    "rename": {"name": "Zoe"},
                    "block": {"state": "blocked"},
                }
                crm.edit(int(people[5]), **values[change])

        crm.on_list = stir
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert ids(reading) == set(people)


async def test_S12_a_contact_that_is_destroyed_during_a_walk_hides_no_other() -> None:
    async with house() as (crm, app):
        people = fill(crm, 250)

        def destroy(page: int) -> None:
            # Of a contact that is destroyed, or made an agent, no list tells anything.
            if page == 2:
                crm.contacts.pop(int(people[5]), None)

        crm.on_list = destroy
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert ids(reading) == set(people) - {people[5]}


@pytest.mark.parametrize("change", [{"state": "deleted"}, {"state": "blocked"}, {"name": "Zoe"}])
@pytest.mark.parametrize("last_page", [None, 12])
async def test_S12_in_a_long_list_what_left_is_asked_for_even_where_nobody_may_count_so_far(
    change: dict[str, Any], last_page: int | None
) -> None:
    async with house() as (crm, app):
        people = fill(crm, 1150)
        crm.clock.advance(86_400)
        crm.edit(int(people[0]), address="Moved")  # so that "since then" is not everything again
        crm.last_page = last_page
        done: list[int] = []

        def stir(page: int) -> None:
            if page == 7 and not done:
                done.append(page)
                crm.clock.advance(1)
                crm.edit(int(people[5]), **change)

        crm.on_list = stir
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert ids(reading) == set(people)


@pytest.mark.parametrize("change", [{"state": "deleted"}, {"name": "Aaron"}])
async def test_S12_what_leaves_a_long_list_when_its_other_lists_are_read_already_is_seen_later(
    change: dict[str, Any],
) -> None:
    async with house() as (crm, app):
        people = fill(crm, 1150)
        crm.clock.advance(86_400)
        crm.edit(int(people[0]), address="Moved")
        crm.last_page = 12
        pages: list[int] = []

        def stir(page: int) -> None:
            pages.append(page)
            if len(pages) == 14:  # the list of deleted contacts comes last
                crm.clock.advance(1)
                crm.edit(int(people[900]), **change)

        crm.on_list = stir
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert {each.id: each.state.value for each in reading.records}[people[900]] == change.get(
            "state", "active"
        )
        assert ids(reading) == set(people)


async def test_S12_lists_that_never_stand_still_are_no_complete_listing() -> None:
    async with house() as (crm, app):
        people = fill(crm, 250)
        gone = iter(people)

        def stir(page: int) -> None:
            if page == 2:
                crm.clock.advance(1)
                crm.edit(int(next(gone)), state="deleted")

        crm.on_list = stir
        reading = await app.read(None, quiet)
        assert isinstance(reading, Changes)
        assert ids(reading) == set(people)


async def test_S12_a_list_that_leaves_a_page_out_for_good_is_broken() -> None:
    async with house() as (crm, app):
        people = fill(crm, 350)
        hidden = {int(each) for each in people[100:200]}
        listed = crm._list

        def skipping(request: Any) -> Any:
            if request.query.get("per_page") == "100" and "state" not in request.query:
                kept, crm.contacts = crm.contacts, {k: v for k, v in crm.contacts.items() if k not in hidden}
                answer = listed(request)
                crm.contacts = kept
                return answer
            return listed(request)

        crm._list = skipping  # type: ignore[method-assign]
        with pytest.raises(ListingBroken, match="leaves contacts out of its lists"):
            await app.read(None, quiet)


async def test_a_next_page_on_another_host_is_refused() -> None:
    async with house() as (crm, app):
        fill(crm, 150)
        crm.link_host = "https://elsewhere.example.com/api/v2/contacts?page=2"
        with pytest.raises(ListingBroken, match="another host"):
            await app.read(None, quiet)


async def test_a_next_page_that_is_no_address_is_refused() -> None:
    async with house() as (crm, app):
        fill(crm, 150)
        crm.link_host = "https://[elsewhere/api/v2/contacts?page=2"
        with pytest.raises(ListingBroken, match="no address"):
            await app.read(None, quiet)


@pytest.mark.parametrize("page", ["1", "4", "x", ""])
async def test_a_next_page_that_is_not_the_next_is_refused(page: str) -> None:
    async with house() as (crm, app):
        fill(crm, 150)
        crm.link_host = f"{crm.url}/api/v2/contacts?page={page}"
        with pytest.raises(ListingBroken, match=r"another than the next|in a circle"):
            await app.read(None, quiet)


async def test_a_proxy_that_takes_the_link_header_away_is_noticed() -> None:
    async with house() as (crm, app):
        fill(crm, 150)
        crm.faults["GET /contacts"] = [
            says(200, [{"id": number + 1, "name": "x"} for number in range(100)]) for _ in range(1)
        ]
        crm.faults["GET /contacts"] += [says(200, [{"id": 500, "name": "y"}])]
        crm.faults["GET /contacts"] *= 3
        with pytest.raises(ListingBroken, match="does not say where the next page"):
            await app.read(None, quiet)


async def test_exactly_full_pages_end_where_they_end() -> None:
    async with house() as (crm, app):
        people = fill(crm, 200)
        reading = await app.read(None, quiet)
        assert isinstance(reading, Complete)
        assert ids(reading) == set(people)


async def test_I03_a_page_ceiling_over_a_list_in_the_order_of_time_is_passed_by_time() -> None:
    async with house() as (crm, app):
        crm.by_time, crm.last_page = True, 2
        people = []
        for number in range(450):
            crm.clock.advance(60)
            people.append(str(crm.add(f"Person {number % 7}", phone=str(number))))
        reading = await app.read(None, quiet)
        assert ids(reading) == set(people)


async def test_S12_a_page_ceiling_over_a_list_in_the_order_of_names_ends_in_a_sentence() -> None:
    async with house() as (crm, app):
        crm.last_page = 2
        for number in range(350):
            crm.clock.advance(60 if number % 2 else -30)
            crm.add(f"Person {number:04d}")
        with pytest.raises(ListingBroken, match="only the first 2 pages") as raised:
            await app.read(None, quiet)
        assert str(raised.value).startswith(WHO)


async def test_soft_deleted_and_blocked_contacts_are_seen_by_a_reading_of_changes() -> None:
    async with house() as (crm, app):
        first_id, second_id = (crm.add(name) for name in ("Ada", "Grace"))
        cursor = (await app.read(None, quiet)).cursor
        crm.clock.advance(3600)
        crm.edit(first_id, state="deleted")
        crm.edit(second_id, state="blocked")
        reading = await app.read(cursor, quiet)
        assert isinstance(reading, Changes)
        states = {int(each.id): each.state for each in reading.records}
        assert states == {first_id: RecordState.DELETED, second_id: RecordState.BLOCKED}


async def test_a_blocked_contact_is_blocked_in_its_details_too_even_after_a_restart() -> None:
    async with house() as (crm, app):
        blocked, active = crm.add("Ada", state="blocked"), crm.add("Grace")
        for _ in range(2):
            records = await app.get_many([str(blocked), str(active)])
            assert [each.state for each in records] == [RecordState.BLOCKED, RecordState.ACTIVE]


async def test_companies_are_told_by_name_and_a_renamed_one_brings_its_people_again() -> None:
    async with house() as (crm, app):
        company_id, other_id = crm.company("Example Srl"), crm.company("Other")
        ada, grace = crm.add("Ada", company_id=company_id), crm.add("Grace", company_id=other_id)
        lone = crm.add("Lone", company_id=999)
        first = await app.read(None, quiet)
        names = {int(each.id): each.text("company") for each in first.records}
        assert names == {ada: "Example Srl", grace: "Other", lone: ""}
        crm.clock.advance(3600)
        crm.companies[company_id] |= {"name": "Example SpA", "updated_at": crm.stamp()}
        later = await app.read(first.cursor, quiet)
        assert {int(each.id): each.text("company") for each in later.records if int(each.id) == ada} == {
            ada: "Example SpA"
        }
        crm.asked.clear()
        await app.read(later.cursor, quiet)
        assert not [query for _, _, query, _ in crm.asked if "company_id" in query]


async def test_details_tell_tags_and_other_emails_one_request_each_and_leave_out_who_is_gone() -> None:
    async with house() as (crm, app):
        ada = crm.add("Ada", tags=["vip"], other_emails=["a@example.test"])
        await app.fields()
        crm.asked.clear()
        (record,) = await app.get_many([str(ada), "777", "no-id", str(ada)])
        assert (record.fields["tags"], record.fields["other_emails"]) == (("vip",), ("a@example.test",))
        assert not record.missing
        assert crm.paths().count(f"/contacts/{ada}") == 1
        assert [group.name for group in await app.groups("tag")] == ["vip"]


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"checkpoint_ms": "x"}', "9" * 30])
async def test_a_cursor_that_is_not_ours_is_lost(text: str) -> None:
    async with house() as (_, app):
        with pytest.raises(CursorLost, match=r"^Freshdesk \(crm\)"):
            await app.read(Cursor(text), quiet)


@pytest.mark.parametrize("body", [{"code": "internal_error"}, [1, 2], [{"name": "no id"}], [{"id": True}]])
async def test_a_good_status_with_something_else_in_it_is_no_listing(body: Any) -> None:
    async with house() as (crm, app):
        crm.faults["GET /contacts"] = [says(200, body)]
        with pytest.raises(VendorGarbled, match=r"^Freshdesk \(crm\)"):
            await app.read(None, quiet)


async def test_an_error_on_the_first_page_that_only_resembles_the_trap_is_told_as_it_is() -> None:
    async with house() as (crm, app):
        crm.faults["GET /contacts"] = [invalid("per_page", "invalid_value", "It should be less than 5")]
        with pytest.raises(VendorRefused, match=r"per_page.*less than 5"):
            await app.read(None, quiet)
