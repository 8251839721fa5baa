"""Phonebooks and contacts over real sockets: forms, partial updates, ids that can't be empty."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.errors import (
    ListingBroken,
    VendorForbidden,
    VendorGarbled,
    VendorInvalid,
    VendorNotFound,
    VendorRefused,
    VendorTimeout,
)
from linedesk.pbx.wildix.ids import ContactId, PhonebookId
from linedesk.pbx.wildix.phonebooks import Phonebook
from pbx.wildix_server import client_of, fake_wildix

BOOK = PhonebookId.of("7")
CONTACTS = "/api/v1/Phonebooks/7/Contacts/"


def nothing(done: int, total: int | None) -> None:
    """No one watches."""


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "7/",
        "7/Contacts",
        "..",
        "a..b",
        ".",
        "7 ",
        "7\n",
        "é",
        "٧",
        "7?x",
        "7#",
        "%2e",
        "-" * 65,
    ],
)
def test_an_id_that_would_make_another_path_can_not_be_made(text: str) -> None:
    for kind in (ContactId, PhonebookId):
        with pytest.raises(ValueError, match="not an id"):
            kind.of(text)
        with pytest.raises(ValueError, match="not an id"):
            kind(text)


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, b"7"])
def test_what_is_no_text_and_no_whole_number_is_no_id(value: object) -> None:
    with pytest.raises(ValueError, match="not an id"):
        ContactId.of(value)


@given(st.text(max_size=12))
@settings(max_examples=300)
def test_every_id_that_can_be_made_is_one_segment_of_a_path(text: str) -> None:
    try:
        made = ContactId.of(text)
    except ValueError:
        return
    assert made.text == text
    assert text
    assert not set(text) & set("/\\?#% \t\r\n")


def test_ids_come_as_numbers_and_as_texts() -> None:
    assert ContactId.of(40211) == ContactId.of("40211")
    assert str(PhonebookId.of(7)) == "7"


async def test_phonebooks_are_listed_with_what_tells_whether_they_can_be_used() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.books = [
            {"id": 1, "name": "default", "type": 2, "owner_id": 0, "sync_set": 0, "sync_interval": 0},
            {"id": "7", "name": "CRM \u202esync", "type": "3", "owner_id": "12", "sync_interval": "3600"},
        ]
        books = await client.phonebooks.list()
        one = await client.phonebooks.get(PhonebookId.of(1))
    assert books == (Phonebook("1", "default", "2", "0", 0), Phonebook("7", "CRM sync", "3", "12", 3600))
    assert [each.shared for each in books] == [True, False]
    assert one == books[0]


async def test_a_new_phonebook_reads_back() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        made = await client.phonebooks.create("CRM + Ünïcode")
        with pytest.raises(VendorNotFound):
            await client.phonebooks.get(PhonebookId.of("99"))
    assert (made.id, made.name) == ("40", "CRM + Ünïcode")


async def test_every_contact_comes_with_all_its_texts_as_they_are() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(205, phone="", pin=0, note="  two  spaces\u202e ", picture=None, x=[1])
        found = await client.contacts.scan(BOOK, nothing)
    assert [each.id for each in found] == [str(n) for n in range(1, 206)]
    assert found[0].fields == {
        "id": "1",
        "phonebook_id": "7",
        "last_update": "1764000000",
        "name": "Contact 1",
        "phone": "",
        "pin": "0",
        "note": "  two  spaces\u202e ",
        "picture": "",
    }
    assert found[0].modified_ms == 1_764_000_000_000


@pytest.mark.parametrize("total", [str, lambda count: f" {count} "])
async def test_totals_may_be_texts(total: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(120)
        pbx.book.total = total
        assert len(await client.contacts.scan(BOOK, nothing)) == 120


async def test_S12_paging_that_is_ignored_is_no_listing() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(250)
        pbx.book.frozen_start = True
        with pytest.raises(ListingBroken, match="same page"):
            await client.contacts.scan(BOOK, nothing)
    assert pbx.book.pages == 2


async def test_S12_a_vanished_book_is_not_an_empty_one() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        with pytest.raises(VendorNotFound, match="Phonebook not found"):
            await client.contacts.scan(PhonebookId.of("8"), nothing)


async def test_S12_contacts_of_another_book_are_not_taken_for_this_one() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(3)
        pbx.book.rows[1]["phonebook_id"] = "9"
        with pytest.raises(ListingBroken, match="another phonebook"):
            await client.contacts.scan(BOOK, nothing)


async def test_contacts_deleted_between_pages_hide_no_other() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(220)

        def between(page: int) -> None:
            for n in range(page * 3, page * 3 + 3):
                pbx.book.drop(n)

        pbx.book.between = between
        found = {each.id for each in await client.contacts.scan(BOOK, nothing)}
    assert {str(row["id"]) for row in pbx.book.rows} <= found


async def test_changes_since_a_watermark_less_the_overlap() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        for n in range(150):
            pbx.book.add(name=f"C{n}", last_update=f"2025-11-24 16:{n // 60:02}:{n % 60:02}")
        found = await client.contacts.changed_since(BOOK, 1_764_000_145_000, 2_000)
    assert sorted(int(each.id) for each in found) == [144, 145, 146, 147, 148, 149, 150]
    assert pbx.book.pages == 1


@pytest.mark.parametrize("ignores_filter", [False, True])
async def test_finding_by_a_field_is_exact_even_where_the_filter_is_ignored(ignores_filter: bool) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.ignores_filter = ignores_filter
        pbx.book.fill(130)
        wanted = pbx.book.add(name="Ada", document_id="ld:1")
        pbx.book.add(name="Other", document_id="ld:11")
        found = await client.contacts.find(BOOK, "document_id", "ld:1")
        with pytest.raises(ValueError, match="name of a field"):
            await client.contacts.find(BOOK, "x]&a[", "1")
    assert [each.id for each in found] == [wanted]


async def test_creating_sends_a_form_in_which_a_plus_stays_a_plus() -> None:
    fields = {"name": "Ada Example & Co", "phone": "+390451234567", "note": "a\nb=c 😀 \u05d0"}
    async with fake_wildix() as pbx, client_of(pbx) as client:
        made = await client.contacts.create(BOOK, fields)
        back = await client.contacts.get(ContactId.of(made))
    assert pbx.requests[0] == (CONTACTS, {}, {f"data[{name}]": value for name, value in fields.items()})
    assert pbx.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert {name: back.fields[name] for name in fields} == fields


async def test_updating_sends_only_what_changes_and_clears_with_an_empty_text() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        made = pbx.book.add(name="Ada", fax="+3902", phone="201")
        await client.contacts.update(ContactId.of(made), {"fax": ""})
        assert pbx.book.row(made)["fax"] == ""
        assert pbx.book.row(made)["phone"] == "201"
    assert pbx.requests == [("/api/v1/Contacts/1", {}, {"data[fax]": ""})]


async def test_deleting_deletes_that_one() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.book.fill(3)
        await client.contacts.delete(ContactId.of("2"))
        with pytest.raises(VendorNotFound, match="Contact not found"):
            await client.contacts.delete(ContactId.of("2"))
    assert [row["id"] for row in pbx.book.rows] == [1, 3]
    assert not pbx.book.wiped


@pytest.mark.parametrize("fields", [{}, {"phone": "1"}, {"name": "  "}])
async def test_a_contact_without_a_name_is_refused_before_it_is_sent(fields: dict[str, str]) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        with pytest.raises(VendorInvalid) as caught:
            await client.contacts.create(BOOK, fields)
    assert caught.value.field == "name"
    assert pbx.requests == []


async def test_a_field_name_that_would_be_another_form_is_not_sent() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        with pytest.raises(ValueError, match="name of a field"):
            await client.contacts.update(ContactId.of("1"), {"a]=1&data[b": "2"})
    assert pbx.requests == []


async def test_S06_a_create_whose_answer_is_lost_is_not_sent_again() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[CONTACTS] = pbx.break_in_mid_body
        with pytest.raises(VendorTimeout):
            await client.contacts.create(BOOK, {"name": "Ada"})
    assert pbx.paths() == [CONTACTS]


async def test_an_update_whose_answer_is_lost_may_go_again() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        made = pbx.book.add(name="Ada")
        path = f"/api/v1/Contacts/{made}"

        async def lost_once(request: Any) -> Any:
            del pbx.faults[path]
            return await pbx.accept_and_lose_the_answer(request)

        pbx.faults[path] = lost_once
        await client.contacts.update(ContactId.of(made), {"name": "Ada B"})
    assert pbx.paths() == [path, path]
    assert pbx.book.row(made)["name"] == "Ada B"


@pytest.mark.parametrize("result", ["Success", True, {}, {"id": ""}, {"id": None}, None])
async def test_a_create_without_an_id_in_its_answer_is_unsure(result: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[CONTACTS] = pbx.says({"type": "result", "result": result})
        with pytest.raises(VendorGarbled, match="didn't say its id") as caught:
            await client.contacts.create(BOOK, {"name": "Ada"})
    assert "before you try again" in caught.value.remedy


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"type": "error", "reason": "Can't modify public phonebook"}, 403, VendorForbidden),
        ({"type": "error", "reason": "name is required"}, 200, VendorRefused),
    ],
)
async def test_a_refused_write_says_why(body: Any, status: int, kind: type[Exception]) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[CONTACTS] = pbx.says(body, status)
        with pytest.raises(kind, match=body["reason"]):
            await client.contacts.create(BOOK, {"name": "Ada"})


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"id": "1", "name": "Ada"}, None),
        ({"total": 1, "records": [{"id": 1, "name": "Ada"}]}, None),
        ([{"id": 1, "name": "Ada"}], None),
        (None, VendorNotFound),
        ([], VendorNotFound),
        ({"total": 0, "records": []}, VendorNotFound),
        ({"id": 2, "name": "Someone else"}, VendorGarbled),
        ({"total": 900, "records": [{"id": 2}]}, VendorGarbled),
        ("yes", VendorGarbled),
    ],
)
async def test_one_contact_is_only_ever_the_one_that_was_asked_for(
    result: Any, kind: type[Exception] | None
) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults["/api/v1/Contacts/1"] = pbx.says({"type": "result", "result": result})
        if kind is None:
            assert (await client.contacts.get(ContactId.of("1"))).fields["name"] == "Ada"
        else:
            with pytest.raises(kind):
                await client.contacts.get(ContactId.of("1"))


@pytest.mark.parametrize(
    "body",
    [
        {"type": "result"},
        {"result": []},
        {"result": {"records": {}}},
        {"result": {"total": 1, "records": [5]}},
    ],
)
async def test_something_else_than_a_listing_is_garbled(body: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[CONTACTS] = pbx.says(body)
        with pytest.raises(VendorGarbled):
            await client.contacts.scan(BOOK, nothing)
