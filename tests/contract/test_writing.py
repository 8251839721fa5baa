"""Contract of writes: an outcome for each, in order; nothing is sent twice; nothing else is touched."""

from __future__ import annotations

import pytest

from contract.asking import complete, got, ids, made
from contract.rigs import Rig
from contract.troubles import Op, Trouble
from linedesk.apps.base import Outcome, Refused, Removal, Removed, Stored, Unsure
from linedesk.apps.records import Draft, Patch, Value
from linedesk.errors import VendorError, VendorNotFound

_NO_IDS = ["", " ", ".", "..", "../1", "/", "a/b", "0", "999999999", "1?x=1", "%2e%2e", "x" * 300, "\n"]


async def _all_made(rig: Rig, drafts: list[Draft]) -> list[Outcome]:
    size = rig.app.capabilities.create_batch
    outcomes: list[Outcome] = []
    for start in range(0, len(drafts), size):
        outcomes += await rig.app.create(drafts[start : start + size])
    return outcomes


async def test_S16_a_bad_record_among_good_ones_is_refused_alone_and_in_its_place(rig: Rig) -> None:
    good, bad = rig.draft("Ada"), {**rig.draft("Nobody"), "name": ""}

    outcomes = await _all_made(rig, [Draft(good), Draft(bad), Draft(rig.draft("Grace"))])

    assert [type(each) for each in outcomes] == [Stored, Refused, Stored]
    names = [each.record.text("name") for each in outcomes if isinstance(each, Stored)]
    assert names == ["Ada", "Grace"]
    assert sorted(rig.names().values()) == ["Ada", "Grace"]


_FORTY = tuple(f"+3902123456{number:02d}" for number in range(40))
_ODD: dict[str, dict[str, Value]] = {
    "no name": {"name": None},
    "a blank name": {"name": " \t"},
    "no number": {"phone": None, "mobile": ""},
    "a name of 10,000 characters": {"name": "Ada " * 2500},
    "40 numbers in one field": {"phone": _FORTY},
    "40 numbers in one text": {"phone": ", ".join(_FORTY)},
    "a number that is none": {"phone": "call the front desk"},
    "only an e-mail as its name": {"name": "ada@example.test"},
}


@pytest.mark.parametrize("case", sorted(_ODD))
async def test_S16_an_odd_record_ends_in_one_outcome_and_the_next_one_is_made(rig: Rig, case: str) -> None:
    odd, plain = {**rig.draft("Odd"), **_ODD[case]}, rig.draft("Grace")

    first, second = await _all_made(rig, [Draft(odd), Draft(plain)])

    assert isinstance(second, Stored)
    names = {second.record.id: "Grace"}
    if isinstance(first, Stored):
        assert (await got(rig.app, first.record.id)).fields == first.record.fields
        names[first.record.id] = first.record.text("name")
    else:
        assert isinstance(first, Refused)
        assert str(first.error).startswith(rig.who)
        assert str(first.error).isprintable()
        assert len(str(first.error)) < 400
        assert first.error.remedy
    assert rig.names() == names


async def test_S06_a_create_whose_answer_is_lost_is_unsure_and_was_sent_once(rig: Rig) -> None:
    rig.befall(Trouble.LOST_AFTER, Op.CREATE)

    (outcome,) = await rig.app.create([Draft(rig.draft("Ada"), "linedesk-1")])
    rig.calm()

    assert isinstance(outcome, Unsure)
    assert list(rig.names().values()) == ["Ada"]


async def test_S06_what_was_made_without_an_answer_is_found_by_the_external_id(rig: Rig) -> None:
    if rig.app.capabilities.external_id_field is None:
        pytest.skip("this app keeps no external id")
    rig.befall(Trouble.LOST_AFTER, Op.CREATE)
    await rig.app.create([Draft(rig.draft("Ada"), "linedesk-1")])
    rig.calm()
    await made(rig.app, rig.draft("Grace"), "linedesk-2")
    rig.clock.advance(rig.app.capabilities.visibility_lag_s)

    found = await rig.app.find_by_external_id("linedesk-1")

    assert [each.text("name") for each in found] == ["Ada"]
    assert await rig.app.find_by_external_id("linedesk-3") == ()
    assert await rig.app.find_by_external_id("") == ()


async def test_S06_a_create_that_never_arrived_is_not_told_as_stored(rig: Rig) -> None:
    rig.befall(Trouble.LOST_BEFORE, Op.CREATE)

    (outcome,) = await rig.app.create([Draft(rig.draft("Ada"))])

    assert isinstance(outcome, Unsure | Refused)
    assert not rig.names()


async def test_S03_an_update_whose_answer_is_lost_is_unsure_or_sent_again_to_the_same_end(rig: Rig) -> None:
    stored = await made(rig.app, rig.draft("Ada"))
    rig.befall(Trouble.LOST_AFTER, Op.UPDATE, times=1)

    (outcome,) = await rig.app.update([Patch(stored.id, {"name": "Ada Two"}, stored.version)])

    assert isinstance(outcome, Unsure | Stored)
    assert rig.names() == {stored.id: "Ada Two"}


async def test_a_read_back_that_fails_makes_no_second_record(rig: Rig) -> None:
    if not rig.over_a_wire:
        pytest.skip("memory reads back at once")
    rig.befall(Trouble.SERVER_ERROR, Op.GET)

    (outcome,) = await rig.app.create([Draft(rig.draft("Ada"))])
    rig.calm()

    assert isinstance(outcome, Stored | Unsure)
    assert list(rig.names().values()) == ["Ada"]
    if isinstance(outcome, Stored):
        assert outcome.record.id in rig.names()
        assert outcome.record.text("name") == "Ada"


async def test_an_external_id_is_written_only_while_the_field_is_empty(rig: Rig) -> None:
    field = rig.app.capabilities.external_id_field
    if field is None:
        pytest.skip("this app keeps no external id")
    foreign = await made(rig.app, rig.draft("Ada"), "somebody else's")
    empty = await made(rig.app, rig.draft("Grace"))

    for record in (foreign, empty):
        (outcome,) = await rig.app.update([Patch(record.id, {"name": "Renamed"}, record.version, "ours")])
        assert isinstance(outcome, Stored)

    assert (await got(rig.app, foreign.id)).text(field) == "somebody else's"
    assert (await got(rig.app, empty.id)).text(field) == "ours"


async def test_S10_an_external_id_alone_can_be_written_too(rig: Rig) -> None:
    field = rig.app.capabilities.external_id_field
    if field is None:
        pytest.skip("this app keeps no external id")
    record = await made(rig.app, rig.draft("Ada"))

    (outcome,) = await rig.app.update([Patch(record.id, {}, record.version, "ours")])

    assert isinstance(outcome, Stored)
    assert outcome.record.text(field) == "ours"
    assert outcome.record.text("name") == "Ada"


async def test_ids_that_are_gone_or_none_at_all_are_left_out(rig: Rig) -> None:
    first, second = rig.fill(2)
    rig.remove(second)

    records = await rig.app.get_many([*_NO_IDS, first, second, first])

    assert [each.id for each in records if each.state.value != "deleted"] == [first]
    assert rig.writes() == 0


async def test_S07_an_update_of_a_record_that_is_gone_is_refused_and_makes_none(rig: Rig) -> None:
    (gone,) = rig.fill(1)
    rig.remove(gone)

    for record_id in [gone, *_NO_IDS]:
        (outcome,) = await rig.app.update([Patch(record_id, {"name": "Back again"})])
        assert isinstance(outcome, Refused), record_id
        assert isinstance(outcome.error, VendorNotFound), record_id

    assert not rig.names()


async def test_S12_only_what_was_asked_is_deleted(rig: Rig) -> None:
    if rig.app.capabilities.removal is Removal.NONE:
        pytest.skip("this app deletes nothing")
    first, second, third = rig.fill(3)

    for record_id in [second, second, *_NO_IDS]:
        (outcome,) = await rig.app.delete([record_id])
        assert isinstance(outcome, Removed | Refused), record_id

    assert set(rig.names()) == {first, third}
    assert {first, third} <= set(ids(await complete(rig.app)))


@pytest.mark.parametrize("trouble", [Trouble.LOST_BEFORE, Trouble.LOST_AFTER])
async def test_S03_a_delete_without_an_answer_ends_deleted_or_can_be_asked_again(
    rig: Rig, trouble: Trouble
) -> None:
    if rig.app.capabilities.removal is Removal.NONE:
        pytest.skip("this app deletes nothing")
    first, second = rig.fill(2)
    rig.befall(trouble, Op.DELETE, times=1)

    (outcome,) = await rig.app.delete([first])
    rig.calm()
    assert isinstance(outcome, Removed | Unsure)
    await rig.app.delete([first])

    assert set(rig.names()) == {second}


@pytest.mark.parametrize("trouble", [Trouble.UNAUTHORISED, Trouble.FORBIDDEN, Trouble.BUSY_SECONDS])
async def test_S16_what_stops_the_whole_account_is_raised_and_nothing_was_written(
    rig: Rig, trouble: Trouble
) -> None:
    rig.befall(trouble, Op.CREATE)

    with pytest.raises(VendorError) as raised:
        await rig.app.create([Draft(rig.draft("Ada"))])

    assert str(raised.value).startswith(rig.who)
    assert not rig.names()


async def test_a_record_is_a_contact_with_its_name_and_numbers(rig: Rig) -> None:
    names: dict[str, Value] = {**rig.draft("Ada Example"), "mobile": "+393331234567"}
    record = await made(rig.app, names)

    contact = rig.app.contact(record)

    assert contact is not None
    assert (contact.book, contact.record_id, contact.name) == (rig.app.account, record.id, "Ada Example")
    assert "+393331234567" in [each.raw for each in contact.numbers]


async def test_a_stored_number_is_found_in_its_own_spelling(rig: Rig) -> None:
    record = await made(rig.app, {**rig.draft("Ada Example"), "mobile": "+393331234567"})
    await made(rig.app, {**rig.draft("Grace Example"), "mobile": "+393339999999"})
    rig.clock.advance(rig.app.capabilities.visibility_lag_s)

    found = await rig.app.find_by_phone(["+39 333 123 4567", "+393331234567"])

    assert [each.id for each in found] == [record.id]
