"""What is written to a phonebook, byte for byte on the PBX's side, and what the PBX makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.asking import got, made
from contract.rig_phonebook import PhonebookRig, phonebook_rig
from contract.troubles import Op, Trouble
from linedesk.apps.base import Refused, Removed, Stored, Unsure
from linedesk.apps.records import Activity, Draft, Group, Patch, Value
from linedesk.apps.wildix_phonebook_fields import FIELDS, as_sent, form_of, record_of
from linedesk.errors import VendorInvalid, VendorRefused

_NUMBERS = ("phone", "office", "mobile", "home", "home_mobile", "fax")


@pytest.fixture
async def rig() -> AsyncIterator[PhonebookRig]:
    async with phonebook_rig() as opened:
        yield opened


async def test_six_numbers_and_the_external_id_stand_on_the_pbx_as_they_were_sent(rig: PhonebookRig) -> None:
    numbers: dict[str, Value] = {name: f"+39021234567{n}" for n, name in enumerate(_NUMBERS)}

    record = await made(rig.app, {"name": "Ada", **numbers}, "linedesk-1")

    row = rig.row(record.id)
    assert {name: row[name] for name in _NUMBERS} == numbers
    assert row["document_id"] == "linedesk-1"
    assert row["phonebook_id"] == rig.book_id


async def test_a_write_costs_as_many_requests_as_the_estimates_reckon_with(rig: PhonebookRig) -> None:
    record = await made(rig.app, {"name": "Ada"})
    before = len(rig.wire.asked)

    await rig.app.update([Patch(record.id, {"mobile": "+39333"})])
    await made(rig.app, {"name": "Grace"})

    assert len(rig.wire.asked) - before == 2 * rig.app.capabilities.requests_per_write


async def test_S13_an_update_sends_only_its_own_fields(rig: PhonebookRig) -> None:
    (known,) = rig.fill(1)
    rig.books.update(int(known), {"pin": "4711", "extension": "201", "shortcut": "7", "note": "kept"}, 1)
    before = dict(rig.row(known))

    await rig.app.update([Patch(known, {"mobile": "+393331234567"})])

    after = dict(rig.row(known))
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"mobile", "last_update"}


async def test_external_ids_can_be_switched_off(rig: PhonebookRig) -> None:
    app = rig.reopen(external_ids=False)
    assert app.capabilities.external_id_field is None

    record = await made(app, {"name": "Ada"}, "linedesk-1")
    await app.update([Patch(record.id, {"name": "Ada Two"}, external_id="linedesk-1")])

    assert rig.row(record.id)["document_id"] == ""


async def test_S14_what_the_pbx_cuts_is_told_as_it_reads_back(rig: PhonebookRig) -> None:
    rig.switch(text_max=8)

    record = await made(rig.app, {"name": "Ada Example", "organization": "Example"})

    assert record.text("name") == "Ada Exam"
    (outcome,) = await rig.app.update([Patch(record.id, {"name": "Grace Example"})])
    assert isinstance(outcome, Stored)
    assert outcome.record.text("name") == "Grace Ex"


async def test_S14_a_pbx_that_ignores_empty_fields_is_told_as_it_is(rig: PhonebookRig) -> None:
    rig.switch(empty_clears=False)
    record = await made(rig.app, {"name": "Ada", "fax": "+39021"})

    (outcome,) = await rig.app.update([Patch(record.id, {"fax": ""})])

    assert isinstance(outcome, Stored)
    assert outcome.record.text("fax") == "+39021"


async def test_a_clear_that_would_be_ignored_is_not_even_sent(rig: PhonebookRig) -> None:
    app = rig.reopen(empty_clears=False)
    record = await made(app, {"name": "Ada", "fax": "+39021"})
    before = rig.writes()

    (outcome,) = await app.update([Patch(record.id, {"fax": None})])

    assert isinstance(outcome, Stored)
    assert rig.writes() == before


async def test_S06_a_contact_that_was_accepted_but_not_stored_is_unsure(rig: PhonebookRig) -> None:
    rig.switch(writes_kept=False)

    (outcome,) = await rig.app.create([Draft({"name": "Ada"}, "linedesk-1")])

    assert isinstance(outcome, Unsure)
    assert not rig.names()


async def test_S06_a_contact_that_can_not_be_read_back_is_stored_with_what_is_known(
    rig: PhonebookRig,
) -> None:
    rig.befall(Trouble.SERVER_ERROR, Op.GET)

    (outcome,) = await rig.app.create([Draft({"name": "Ada"}, "linedesk-1")])

    assert isinstance(outcome, Stored)
    assert outcome.record.id in rig.names()
    assert outcome.record.text("name") == "Ada"
    assert {"mobile", "note"} <= outcome.record.missing
    assert "name" not in outcome.record.missing


async def test_S12_a_contact_that_moved_to_another_phonebook_is_not_deleted(rig: PhonebookRig) -> None:
    stranger = str(rig.books.add(1, {"name": "Stranger"}, 1))

    (outcome,) = await rig.app.delete([stranger])

    assert outcome == Removed(stranger)
    assert rig.row(stranger)["name"] == "Stranger"


async def test_S11_a_contact_that_moved_to_another_phonebook_gets_no_id_of_ours(rig: PhonebookRig) -> None:
    rig.fill(1)
    await rig.app.read(None, lambda done, total: None)
    stranger = str(rig.books.add(1, {"name": "Stranger"}, 1))

    (outcome,) = await rig.app.update([Patch(stranger, {"name": "Ours"}, external_id="linedesk-1")])

    assert isinstance(outcome, Refused)
    assert (rig.row(stranger)["name"], rig.row(stranger)["document_id"]) == ("Stranger", "")


async def test_S12_no_request_ever_asks_to_delete_a_whole_phonebook(rig: PhonebookRig) -> None:
    known = rig.fill(3)

    for each in ["", " ", "/", "..", ".", "?", "#", known[1]]:
        await rig.app.delete([each])

    deleted = [path for method, path in rig.wire.asked if method == "DELETE"]
    assert len(deleted) == 1
    assert deleted[0].rstrip("/").endswith(f"/{known[1]}")
    assert set(rig.names()) == {known[0], known[2]}


@pytest.mark.parametrize("value", [True, ("a", "b"), ()])
async def test_a_value_that_is_no_plain_text_is_refused(rig: PhonebookRig, value: Value) -> None:
    (outcome,) = await rig.app.create([Draft({"name": "Ada", "note": value})])

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, VendorInvalid)
    assert outcome.error.field == "note"
    assert rig.writes() == 0


async def test_a_name_of_ten_thousand_characters_ends_in_an_outcome(rig: PhonebookRig) -> None:
    record = await made(rig.app, {"name": "A" * 10_000})

    assert (await got(rig.app, record.id)).text("name") == record.text("name")
    assert next(each for each in FIELDS if each.name == "name").max_length == 255


async def test_what_a_phonebook_can_not_do_is_said(rig: PhonebookRig) -> None:
    assert await rig.app.groups("tag") == ()
    outcomes = await rig.app.regroup(Group("1", "VIP", "tag"), ["1", "2"], ["3"])
    assert [type(each) for each in outcomes] == [Refused] * 3
    with pytest.raises(VendorRefused, match="keeps no notes of calls"):
        await rig.app.log(Activity("1", "inbound", "answered", "+39", "201", 0, 1))


async def test_a_contact_without_a_name_is_called_by_its_organization_or_is_none(rig: PhonebookRig) -> None:
    company = rig.app.contact(record_of("1", {"organization": "Example Srl"}, None))
    number = rig.app.contact(record_of("2", {"fax": "+39021"}, None))

    assert company is not None
    assert company.name == "Example Srl"
    assert number is not None
    assert [each.label for each in number.numbers] == ["fax"]
    assert rig.app.contact(record_of("3", {"note": "only a note"}, None)) is None


@given(st.dictionaries(st.sampled_from([each.name for each in FIELDS if not each.read_only]), st.text()))
def test_S24_a_form_holds_every_text_as_it_is_but_no_empty_name(fields: dict[str, str]) -> None:
    if fields.get("name", "x").strip():
        assert form_of(fields, "The phonebook") == fields
        return
    with pytest.raises(VendorInvalid) as raised:
        form_of(fields, "The phonebook")
    assert raised.value.field == "name"


@given(st.dictionaries(st.sampled_from(["name", "mobile", "note"]), st.text(), min_size=1))
def test_a_record_that_was_not_read_back_tells_nothing_that_was_not_sent(fields: dict[str, str]) -> None:
    record = as_sent("7", fields)

    assert {name: record.fields[name] for name in fields} == fields
    assert not record.missing & set(fields)
    assert record.missing | set(record.fields) == {each.name for each in FIELDS}
