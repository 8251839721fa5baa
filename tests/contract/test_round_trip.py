"""Contract of fields: what an app says it can write comes back as written, and nothing else moves."""

from __future__ import annotations

import pytest

from contract.asking import by_id, complete, got, made, same
from contract.rigs import Rig
from linedesk.apps.base import Refused, Stored
from linedesk.apps.records import Draft, FieldInfo, FieldKind, Patch, Value
from linedesk.errors import VendorInvalid
from linedesk.sync.undo import OWN_KINDS

_WORDS = (FieldKind.NAME, FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.COMPANY, FieldKind.ADDRESS)

_TEXTS = {
    "joined emoji": "Ada 👩‍👩‍👧‍👦 🏳️‍🌈",
    "right to left": "עדה בירון",
    "mixed directions": "Ada עדה Example",
    "arabic with joiners": "می‌خواهم",
    "composed": "Zoë Ångström",
    "decomposed": "Zoe\u0308 A\u030angstro\u0308m",
    "stacked marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "beyond the first plane": "𝔄𝔡𝔞 𠮷田",
    "the word null": "null",
    "leading zeros": "000123",
    "formula": '=HYPERLINK("https://example.test","x")',
    "plus, ampersand, percent": "a+b & c=d %2B ;#?",
    "markup": "<b>Ada</b> &amp; \"Co\" 'x'",
    "brackets": "data[name]=x",
    "backslashes": r"C:\new\table",
}

_ODD = {
    "tab and line break": "Ada\tExample\r\nMilano",
    "control characters": "Ada\x01\x1b[31mExample",
    "zero byte": "Ada\x00Example",
    "direction override": "Ada\u202eelpmaxE",
    "byte order mark": "\ufeffAda",
    "not a character": "Ada\ufffe",
}


def _writable(fields: tuple[FieldInfo, ...]) -> list[FieldInfo]:
    return [each for each in fields if not each.read_only]


async def test_a_record_with_every_writable_field_reads_back_as_it_was_written(rig: Rig) -> None:
    wanted: dict[str, Value] = {each.name: rig.sample(each) for each in _writable(await rig.app.fields())}

    stored = await made(rig.app, wanted)
    read = await got(rig.app, stored.id)

    for name, value in wanted.items():
        assert same(read.fields.get(name), value), name
        assert same(stored.fields.get(name), value), name
    assert not read.missing


async def test_S18_only_a_field_that_says_so_is_filled_by_the_app_itself(rig: Rig) -> None:
    """Whatever else is in a new record is taken for a person's: an undo leaves such a record alone."""
    wanted = rig.draft("Ada")

    read = await got(rig.app, (await made(rig.app, wanted)).id)

    for info in await rig.app.fields():
        if info.name not in wanted and not info.app_fills and info.kind not in OWN_KINDS:
            assert not read.fields.get(info.name), info.name


async def test_S13_each_field_changes_alone_and_can_be_emptied_again(rig: Rig) -> None:
    fields = _writable(await rig.app.fields())
    stored = await made(rig.app, rig.draft("Ada Example"))
    before = await got(rig.app, stored.id)

    for info in fields:
        for value in (rig.sample(info), None):
            if value is None and (info.required or info.name in rig.draft("x")):
                continue
            (outcome,) = await rig.app.update([Patch(stored.id, {info.name: value}, stored.version)])
            assert isinstance(outcome, Stored), (info.name, outcome)
            stored = outcome.record
            after = await got(rig.app, stored.id)
            assert same(after.fields.get(info.name), value), info.name
            for name in {each.name for each in fields} - {info.name}:
                assert same(after.fields.get(name), before.fields.get(name)), (info.name, name)
            before = after


@pytest.mark.parametrize("case", sorted(_TEXTS))
async def test_S24_any_text_survives_the_round_trip(rig: Rig, case: str) -> None:
    text = _TEXTS[case]
    words = [each for each in _writable(await rig.app.fields()) if each.kind in _WORDS]
    wanted: dict[str, Value] = {each.name: text for each in words}

    stored = await made(rig.app, {**rig.draft("Ada"), **wanted})

    read = await got(rig.app, stored.id)
    for name in wanted:
        assert same(read.fields.get(name), text), (name, read.fields.get(name))


@pytest.mark.parametrize("case", sorted(_ODD))
async def test_S24_a_text_that_few_systems_keep_is_kept_cleaned_or_refused_but_breaks_nothing(
    rig: Rig, case: str
) -> None:
    (outcome,) = await rig.app.create([Draft({**rig.draft("Ada"), "name": _ODD[case]})])

    if isinstance(outcome, Stored):
        read = await got(rig.app, outcome.record.id)
        assert read.text("name") == outcome.record.text("name")
        assert "Ada" in read.text("name")
    else:
        assert isinstance(outcome, Refused)
        assert str(outcome.error).isprintable()


async def test_S24_half_a_character_is_refused_as_one_bad_record(rig: Rig) -> None:
    if not rig.over_a_wire:
        pytest.skip("memory keeps any text")

    (outcome,) = await rig.app.create([Draft({**rig.draft("Ada"), "name": "Ada \ud83d"})])

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, VendorInvalid)
    assert rig.writes() == 0


async def test_a_field_that_is_unknown_or_read_only_is_refused_without_a_request(rig: Rig) -> None:
    stored = await made(rig.app, rig.draft("Ada"))
    read_only = [each.name for each in await rig.app.fields() if each.read_only]

    for name in ["no_such_field", *read_only]:
        (outcome,) = await rig.app.update([Patch(stored.id, {name: "x"}, stored.version)])
        assert isinstance(outcome, Refused), name
        assert str(outcome.error).startswith(rig.who)


async def test_a_listing_tells_the_same_as_a_single_record_but_for_what_it_omits(rig: Rig) -> None:
    stored = await made(rig.app, rig.draft("Ada"))
    rig.clock.advance(rig.app.capabilities.visibility_lag_s)

    listed = by_id(await complete(rig.app))[stored.id]
    read = await got(rig.app, stored.id)

    assert listed.missing <= rig.app.capabilities.list_omits
    for name in read.fields.keys() - listed.missing:
        assert same(listed.fields.get(name), read.fields.get(name)), name
