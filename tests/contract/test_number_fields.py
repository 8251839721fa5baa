"""Contract of `number_fields`: which fields hold numbers is the administrator's choice, for every app."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from contract.asking import got, made
from contract.rigs import Rig
from linedesk.apps.base import Level
from linedesk.apps.kind import AppSettings
from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.apps.registry import REGISTRY

Opened = Callable[..., AbstractAsyncContextManager[Rig]]
WHATSAPP = "+39 333 1234567"
OFFICE = "02 12345678"


async def writable(rig: Rig, *kinds: FieldKind) -> list[FieldInfo]:
    return [info for info in await rig.app.fields() if info.kind in kinds and not info.read_only]


def number(at: int, info: FieldInfo) -> Value:
    text = f"+3902123456{at:02d}"
    return (Entry(text, "home"),) if info.many else text


async def test_A22_every_phone_field_counts_unless_some_are_named(rig: Rig) -> None:
    phones = await writable(rig, FieldKind.PHONE)
    assert phones
    fields = {info.name: number(at, info) for at, info in enumerate(phones)}
    record = await made(rig.app, {**rig.draft("Ada Example"), **fields})

    contact = rig.app.contact(await got(rig.app, record.id))

    assert contact is not None
    assert [each.raw for each in contact.numbers] == [f"+3902123456{at:02d}" for at in range(len(phones))]
    assert all(each.label for each in contact.numbers)


async def test_A22_numbers_in_a_text_field_are_found_when_it_is_named_and_carry_its_label(
    opened: Opened,
) -> None:
    async with opened() as plain:
        (text, *_) = await writable(plain, FieldKind.TEXT, FieldKind.LONG_TEXT)
        (phone, *_) = await writable(plain, FieldKind.PHONE)
    async with opened(number_fields=(text.name, phone.name)) as rig:
        fields: dict[str, Value] = {text.name: f"{WHATSAPP}; {OFFICE}", phone.name: "+390276543210"}
        record = await made(rig.app, {**rig.draft("Ada Example"), **fields})

        contact = rig.app.contact(await got(rig.app, record.id))

        assert contact is not None
        assert [each.raw for each in contact.numbers] == [WHATSAPP, OFFICE, "+390276543210"]
        assert {each.label for each in contact.numbers[:2]} == {text.label}


async def test_B04_text_without_numbers_gives_none_and_a_field_that_is_not_named_is_not_read(
    opened: Opened,
) -> None:
    async with opened() as plain:
        (text, *_) = await writable(plain, FieldKind.TEXT, FieldKind.LONG_TEXT)
        record = await made(plain.app, {**plain.draft("Ada Example"), text.name: WHATSAPP})
        contact = plain.app.contact(await got(plain.app, record.id))
        assert contact is not None
        assert WHATSAPP not in [each.raw for each in contact.numbers]
    async with opened(number_fields=(text.name,)) as rig:
        record = await made(rig.app, {**rig.draft("Ada Example"), text.name: "Rings in the morning"})
        contact = rig.app.contact(await got(rig.app, record.id))
        assert contact is not None
        assert contact.numbers == ()


async def test_a_check_names_a_field_that_is_not_there_and_those_that_are(opened: Opened) -> None:
    async with opened(number_fields=("phone", "fone")) as rig:
        findings = (await rig.app.check()).findings
        (wrong,) = [each for each in findings if "fone" in each.sentence]
        assert wrong.level is Level.MISSING
        assert wrong.sentence.startswith(rig.who)
        assert "did you mean phone?" in wrong.sentence
        assert "mobile" in wrong.remedy


def test_every_app_with_keys_has_this_one() -> None:
    with_keys = [kind for kind in REGISTRY.values() if kind.settings is not None]
    assert with_keys
    for kind in with_keys:
        assert kind.settings is not None
        assert issubclass(kind.settings, AppSettings)
        assert kind.defaults()["number_fields"] == []
