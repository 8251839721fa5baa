"""Phonebooks and contacts of the simulated PBX, as a plain client of the wire finds them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.rig import Rig, rig
from linedesk.clock import ManualClock
from linedesk.demo.pbx.app import phonebook_id
from linedesk.demo.pbx.forms import nested

BOOKS = "/api/v1/Phonebooks/"
ALL = "/api/v1/Contacts/"
CRM = "/api/v1/Phonebooks/7/Contacts/"


async def add(pbx: Rig, path: str = CRM, **fields: str) -> str:
    form = {f"data[{name}]": value for name, value in fields.items()}
    status, said = await pbx.api("POST", path, data=form)
    assert (status, said["type"]) == (200, "result"), said
    return str(said["result"]["id"])


async def get(pbx: Rig, path: str, **query: str) -> Any:
    status, said = await pbx.api("GET", path, params=query)
    assert status == 200, said
    return said["result"]


async def names(pbx: Rig, path: str = CRM, **query: str) -> list[str]:
    return [each["name"] for each in (await get(pbx, path, **query))["records"]]


async def fill(pbx: Rig, count: int, book: int = 7) -> None:
    contacts = [{"name": f"Person {number:04d}"} for number in range(count)]
    await pbx.sim("POST", f"phonebooks/{book}/contacts", {"contacts": contacts})


async def test_a_new_pbx_has_its_books() -> None:
    async with rig() as pbx:
        listed = await get(pbx, BOOKS)
        assert listed["total"] == 4
        assert [(each["id"], each["name"], each["type"]) for each in listed["records"]] == [
            (2, "Colleagues", 3),
            (7, "CRM contacts", 2),
            (1, "default", 2),
            (3, "Suppliers", 2),
        ]
        assert phonebook_id(pbx.state) == 7
        assert set(listed["records"][0]) == {
            *("id", "name", "type", "hash", "owner_id", "sync_set", "sync_interval", "sync_params")
        }
        own = (await pbx.sim("POST", "tokens", {"kind": "simple", "extension": "201"}))["token"]
        mine = (await pbx.api("GET", f"{BOOKS}7", token=own))[1]["result"]
        assert "sync_params" not in mine, "for administrators only"


async def test_a_phonebook_is_made_renamed_and_deleted() -> None:
    async with rig() as pbx:
        made = (await pbx.api("POST", BOOKS, data={"data[name]": "Events"}))[1]["result"]["id"]
        await add(pbx, f"{BOOKS}{made}/Contacts/", name="Ada")
        await pbx.api("PUT", f"{BOOKS}{made}", data={"data[name]": "Fairs"})
        assert (await get(pbx, f"{BOOKS}{made}"))["name"] == "Fairs"
        assert (await pbx.api("DELETE", f"{BOOKS}{made}"))[0] == 200
        assert (await pbx.api("GET", f"{BOOKS}{made}"))[1]["reason"] == "Phonebook not found"
        assert await names(pbx, ALL, search="Ada") == []


@pytest.mark.parametrize("wrong", ["limit", "offset", "page", "skip", "per_page"])
async def test_paging_knows_start_and_count_and_no_other_name(wrong: str) -> None:
    async with rig() as pbx:
        await fill(pbx, 250)
        first = await get(pbx, CRM)
        assert (len(first["records"]), first["total"]) == (100, "250")
        again = await get(pbx, CRM, **{wrong: "100"})
        assert again["records"] == first["records"], "ignored without a word"
        assert await names(pbx, start="240", count="500") == [
            f"Person {number:04d}" for number in range(240, 250)
        ]
        await pbx.switch(count_max=100)
        assert len((await get(pbx, CRM, count="500"))["records"]) == 100


async def test_lists_are_sorted_searched_and_filtered() -> None:
    async with rig() as pbx:
        ada = await add(pbx, name="ada Example", mobile="+447700900001", document_id="ld-1")
        pbx.clock.advance(60)
        bob = await add(pbx, name="Bob", office="+442079460002", organization="Wharf", note="tall")
        zoe = await add(pbx, name="Zoë 100%", email="zoe@example.test")
        assert await names(pbx) == ["ada Example", "Bob", "Zoë 100%"]
        assert await names(pbx, sort="id", dir="DESC") == ["Zoë 100%", "Bob", "ada Example"]
        assert await names(pbx, search="900001") == ["ada Example"]
        assert await names(pbx, search="79460002") == [], "office is no default target"
        assert await names(pbx, search="79460002", searchFields="office,home") == ["Bob"]
        assert await names(pbx, search="zoË 100%") == ["Zoë 100%"]
        assert await names(pbx, **{"filter[document_id]": "ld-1"}) == ["ada Example"]
        assert await names(pbx, ALL, **{"filter[phonebook_id]": "7", "filter[name][]": "BOB"}) == ["Bob"]
        assert await names(pbx, **{"filter[id][from]": bob, "filter[id][to]": zoe}) == ["Bob", "Zoë 100%"]
        stamp = (await get(pbx, f"{ALL}{ada}"))["last_update"]
        assert await names(pbx, **{"filter[last_update][to]": stamp}) == ["ada Example"]
        (one,) = (await get(pbx, CRM, search="ada", fields="id,name,nonsense"))["records"]
        assert one == {"id": ada, "name": "ada Example"}


async def test_a_contact_is_written_by_form_partially_and_cleared_by_an_empty_value() -> None:
    async with rig() as pbx:
        made = await add(pbx, ALL, name="Ada", phonebook_id="7", office="+442079460001", unknown="x")
        await pbx.api("PUT", f"{ALL}{made}", data={"data[mobile]": "+447700900001"})
        await pbx.api("PUT", f"{CRM}{made}/", data={"data[office]": ""})
        got = await get(pbx, f"{CRM}{made}")
        assert (got["name"], got["office"], got["mobile"]) == ("Ada", "", "+447700900001")
        assert "unknown" not in got
        await pbx.switch(empty_clears=False)
        await pbx.api("PUT", f"{ALL}{made}", data={"data[mobile]": ""})
        assert (await get(pbx, f"{ALL}{made}"))["mobile"] == "+447700900001"
        assert (await pbx.api("PUT", f"{BOOKS}1/Contacts/{made}", data={"data[mobile]": ""}))[0] == 404
        assert (await pbx.api("DELETE", f"{ALL}{made}"))[0] == 200
        assert (await pbx.api("GET", f"{ALL}{made}"))[1]["reason"] == "Contact not found"


async def test_a_bare_plus_becomes_a_space_and_query_parameters_count_as_data() -> None:
    async with rig() as pbx:
        headers = {
            "Authorization": f"Bearer {pbx.token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = b"data[name]=Ada&data[mobile]=+447700900001&data[home]=%2B447700900002"
        async with pbx.http.post(pbx.pbx.url + CRM, data=body, headers=headers) as answer:
            made = (await answer.json())["result"]["id"]
        got = await get(pbx, f"{ALL}{made}")
        assert (got["mobile"], got["home"]) == (" 447700900001", "+447700900002")
        query = {"data[name]": "By query", "data[phonebook_id]": "7"}
        made = (await pbx.api("POST", ALL, params=query))[1]["result"]["id"]
        assert (await get(pbx, f"{ALL}{made}"))["name"] == "By query"


async def test_a_json_body_is_not_data() -> None:
    async with rig() as pbx:
        body = {"data": {"name": "Ada", "phonebook_id": "7"}, "name": "Ada"}
        assert (await pbx.api("POST", ALL, body))[0] == 400
        assert (await pbx.api("POST", CRM, body))[0] == 400
        await pbx.switch(json_contact="nameless")
        made = (await pbx.api("POST", CRM, body))[1]["result"]["id"]
        assert (await get(pbx, f"{ALL}{made}"))["name"] == ""


@pytest.mark.parametrize("status", [400, 500])
async def test_a_contact_needs_a_name_and_a_book(status: int) -> None:
    async with rig() as pbx:
        await pbx.switch(invalid_contact_as=status)
        for form in ({"data[name]": "Ada"}, {"data[phonebook_id]": "7"}, {"data[name]": " "}):
            assert (await pbx.api("POST", ALL, data=form))[0] == status
        assert (await pbx.api("POST", CRM, data={"data[office]": "1"}))[0] == status
        await pbx.switch(error_200_paths=["/api/v1/contacts"])
        code, said = await pbx.api("POST", ALL, data={"data[name]": "Ada"})
        assert (code, said["type"]) == (200, "error")
        assert (await pbx.api("GET", f"{BOOKS}99"))[0] == 404, "other routes keep their status"


async def test_a_delete_without_an_id_empties_the_whole_book_and_only_that() -> None:
    async with rig() as pbx:
        await fill(pbx, 3)
        await fill(pbx, 2, book=1)
        await pbx.switch(wipe_route=False)
        assert (await pbx.api("DELETE", CRM))[1] == {"type": "error", "reason": "404 Not Found", "code": 404}
        await pbx.switch(wipe_route=True)
        assert (await pbx.api("DELETE", CRM))[0] == 200
        assert (await names(pbx), len(await names(pbx, f"{BOOKS}1/Contacts/"))) == ([], 2)


async def test_the_colleagues_book_and_nobody_elses_can_be_written() -> None:
    async with rig() as pbx:
        people = (await get(pbx, f"{BOOKS}2/Contacts/"))["records"]
        assert [each["extension"] for each in people] == ["100", "201", "202", "203"]
        first = people[0]["id"]
        assert (await pbx.api("POST", f"{BOOKS}2/Contacts/", data={"data[name]": "Ada"}))[0] == 403
        assert (await pbx.api("PUT", f"{ALL}{first}", data={"data[name]": "Ada"}))[0] == 403
        assert (await pbx.api("DELETE", f"{ALL}{first}"))[0] == 403
        assert (await pbx.api("DELETE", f"{BOOKS}2/Contacts/"))[0] == 403
        assert (await get(pbx, f"{BOOKS}2/Contacts/"))["records"] == people


async def test_an_import_overwrites_edits_when_its_hours_are_over() -> None:
    async with rig() as pbx:
        path = f"{BOOKS}3/Contacts/"
        before = (await get(pbx, path))["records"]
        changed = before[0]["id"]
        await pbx.api("PUT", f"{ALL}{changed}", data={"data[note]": "mine"})
        await add(pbx, path, name="Stranger")
        await pbx.api("DELETE", f"{ALL}{before[1]['id']}")
        pbx.clock.advance(3600)
        assert "Stranger" in await names(pbx, path)
        pbx.clock.advance(24 * 3600)
        after = (await get(pbx, path))["records"]
        assert [each["name"] for each in after] == [each["name"] for each in before]
        assert (after[0]["id"], after[0]["note"]) == (changed, "")


async def test_a_personal_book_is_its_owners_alone() -> None:
    async with rig() as pbx:
        made = (await pbx.sim("POST", "phonebooks", {"name": "Luca's", "owner": "201"}))["id"]
        tokens = [
            (await pbx.sim("POST", "tokens", {"kind": "simple", "extension": each}))["token"]
            for each in ("201", "202")
        ]
        path, form = f"{BOOKS}{made}/Contacts/", {"data[name]": "Ada"}
        seen = [(await pbx.api("POST", path, data=form, token=token))[0] for token in tokens]
        assert seen == [200, 404]
        listed = [(await pbx.api("GET", ALL, token=token))[1]["result"] for token in tokens]
        assert ["Ada" in [each["name"] for each in said["records"]] for said in listed] == [True, False]
        found = next(each["id"] for each in listed[0]["records"] if each["name"] == "Ada")
        assert (await pbx.api("GET", f"{ALL}{found}", token=tokens[1]))[0] == 404


@pytest.mark.parametrize(
    ("spelling", "zone_h", "pattern"),
    [
        ("datetime", 0, r"2025-11-24 16:00:00"),
        ("datetime", 1, r"2025-11-24 17:00:00"),
        ("epoch_s", 0, r"1764000000"),
        ("epoch_ms", 0, r"1764000000000"),
        ("iso", 0, r"2025-11-24T16:00:00\+00:00"),
    ],
)
async def test_the_stamp_has_whole_seconds_in_each_spelling(spelling: str, zone_h: int, pattern: str) -> None:
    async with rig() as pbx:
        await pbx.switch(last_update_as=spelling, last_update_zone_h=zone_h)
        made = await add(pbx, name="Ada")
        pbx.clock.advance(0.4)
        other = await add(pbx, name="Bob")
        stamps = [(await get(pbx, f"{ALL}{each}"))["last_update"] for each in (made, other)]
        assert stamps[0] == stamps[1], "two writes in a second cannot be told apart"
        assert re.fullmatch(pattern, str(stamps[0]))
        pbx.clock.advance(5)
        query = {"filter[last_update][from]": str(stamps[0]), "filter[last_update][to]": str(stamps[0])}
        assert await names(pbx, **query) == ["Ada", "Bob"]
        await pbx.switch(writes_bump_last_update=False)
        await pbx.api("PUT", f"{ALL}{made}", data={"data[note]": "x"})
        assert (await get(pbx, f"{ALL}{made}"))["last_update"] == stamps[0]
        await pbx.switch(writes_bump_last_update=True)
        await pbx.api("PUT", f"{ALL}{made}", data={"data[note]": "y"})
        assert (await get(pbx, f"{ALL}{made}"))["last_update"] != stamps[0]


@pytest.mark.parametrize(
    ("spelling", "contact", "book", "total"),
    [("usual", str, int, str), ("string", str, str, str), ("number", int, int, int)],
)
async def test_ids_and_totals_are_texts_or_numbers(
    spelling: str, contact: type, book: type, total: type
) -> None:
    async with rig() as pbx:
        await fill(pbx, 1)
        await pbx.switch(ids_as=spelling, total_as=spelling)
        listed = await get(pbx, CRM)
        assert type(listed["records"][0]["id"]) is type(listed["records"][0]["phonebook_id"]) is contact
        assert type(listed["total"]) is total
        assert type((await get(pbx, BOOKS))["records"][0]["id"]) is book
        await pbx.switch(ids_as="mixed")
        kinds = [type((await get(pbx, CRM))["records"][0]["id"]) for _ in range(20)]
        assert set(kinds) == {int, str}, "the same id, now a text and now a number"


async def test_edits_can_happen_between_two_pages_of_a_walk() -> None:
    async with rig() as pbx:
        await fill(pbx, 6)
        ids = [each["id"] for each in (await get(pbx, CRM, sort="id"))["records"]]
        edits = [
            {"op": "delete", "id": int(ids[0])},
            {"op": "update", "id": int(ids[5]), "fields": {"name": "Changed"}},
            {"op": "insert", "fields": {"name": "New"}},
        ]
        await pbx.sim("POST", "phonebooks/7/edits", {"after": 2, "edits": edits})
        walk = [await names(pbx, sort="id", start=str(start), count="2") for start in (0, 2, 4)]
        assert walk == [
            ["Person 0000", "Person 0001"],
            ["Person 0002", "Person 0003"],
            ["Changed", "New"],  # Person 0004 moved up, and this walk never sees it
        ]


@pytest.mark.parametrize(
    ("fault", "second", "total"),
    [
        ("none", [2, 3], 5),
        ("repeat", [0, 1], 5),
        ("skip-row", [3], 5),
        ("empty", [], 5),
        ("total-low", [2, 3], 2),
        ("total-high", [2, 3], 105),
    ],
)
async def test_pages_can_be_wrong(fault: str, second: list[int], total: int) -> None:
    async with rig() as pbx:
        await fill(pbx, 5)
        await pbx.switch(page_fault=fault)
        page = await get(pbx, CRM, start="2", count="2")
        assert [each["name"] for each in page["records"]] == [f"Person {number:04d}" for number in second]
        assert page["total"] == str(total)


async def test_a_write_can_be_taken_and_not_kept_or_cut() -> None:
    async with rig() as pbx:
        await pbx.switch(writes_kept=False)
        lost = await add(pbx, name="Ada")
        assert (await pbx.api("GET", f"{ALL}{lost}"))[0] == 404
        await pbx.switch(writes_kept=True, text_max=5)
        made = await add(pbx, name="Maximiliane")
        assert (await get(pbx, f"{ALL}{made}"))["name"] == "Maxim"


async def test_long_and_strange_names_come_back_as_they_were_sent() -> None:
    async with rig() as pbx:
        for name in ("Ω" * 10_000, "a\u202egnp\u0000 \U0001f469‍\U0001f680", "<b>'\"%_\\", "null", "0"):
            made = await add(pbx, name=name)
            assert (await get(pbx, f"{ALL}{made}"))["name"] == name


async def test_a_write_can_meet_a_redirect() -> None:
    async with rig() as pbx:
        await pbx.switch(redirect_on_slash=True)
        headers, form = {"Authorization": f"Bearer {pbx.token}"}, {"data[name]": "Ada"}
        url = f"{pbx.pbx.url}{CRM}?x=1"
        async with pbx.http.post(url, data=form, headers=headers, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (301, CRM.rstrip("/") + "?x=1")
        assert await names(pbx, CRM.rstrip("/")) == []
        await add(pbx, CRM.rstrip("/"), name="Ada")


async def test_duplicates_are_welcome_and_two_pbxs_share_nothing() -> None:
    async with rig() as here, rig() as there:
        fields = {"name": "Ada", "email": "ada@example.test", "document_id": "ld-1"}
        assert len({await add(here, **fields) for _ in range(3)}) == 3
        assert (await names(here), await names(there)) == (["Ada"] * 3, [])


async def test_contacts_are_kept_when_the_process_is_killed(tmp_path: Path) -> None:
    path, clock = tmp_path / "pbx.json", ManualClock()
    async with rig(path, clock=clock) as pbx:
        made = await add(pbx, name="Ada")
        gone = await add(pbx, name="Gone")
        await pbx.api("DELETE", f"{ALL}{gone}")
        # As after a SIGKILL: another process opens the files while nothing was closed.
        async with rig(path, clock=clock) as again:
            assert await names(again) == ["Ada"]
            assert int(await add(again, name="Bob")) > int(gone), "an id is never given twice"
            assert (await get(again, f"{ALL}{made}"))["name"] == "Ada"


async def test_wishes_for_books_are_checked() -> None:
    async with rig() as pbx:
        wrongs = [
            ("phonebooks", {"name": ""}),
            ("phonebooks", {"name": "x", "owner": "999"}),
            ("phonebooks", {"name": "x", "contacts": [{"nonsense": "x"}]}),
            ("phonebooks/7/edits", {"edits": [{"op": "explode"}]}),
            ("phonebooks/7/contacts", {"contacts": [{"name": 5}]}),
        ]
        for path, wish in wrongs:
            async with pbx.http.post(f"{pbx.pbx.url}/_sim/{path}", json=wish) as answer:
                assert answer.status == 400, await answer.text()
        async with pbx.http.get(f"{pbx.pbx.url}/_sim/phonebooks/99/contacts") as answer:
            assert answer.status == 404
        assert len((await pbx.sim("GET", "phonebooks"))["phonebooks"]) == 4


@given(st.text(max_size=60))
def test_any_text_is_a_form_that_can_be_read(text: str) -> None:
    found = nested(text)
    assert isinstance(found, dict)
    plain = [name for name, _ in parse_qsl(text, keep_blank_values=True) if name and "[" not in name]
    assert set(plain) <= set(found)


def test_brackets_nest_and_empty_ones_append() -> None:
    assert nested("a[b][c]=1&a[b][d]=2&l[]=x&l[]=y&z=%2B+") == {
        "a": {"b": {"c": "1", "d": "2"}},
        "l": {"0": "x", "1": "y"},
        "z": "+ ",
    }
