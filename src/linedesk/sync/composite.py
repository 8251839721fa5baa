"""Several fields of an app that a mapping row takes as one: `first_name+last_name`, `office+mobile`. Pure.

Fields of numbers (or of e-mails) together are a list, each with the label of its place; a first and a family
name are one name; any others are one text, which can only be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Record, Value
from linedesk.numbers.model import NumberPlan
from linedesk.sync import full_names
from linedesk.sync.fitting import fit
from linedesk.sync.labels import canonical, of_field
from linedesk.sync.slots import Item, Place, assign
from linedesk.sync.values import as_text, elements

_LISTS = (FieldKind.PHONE, FieldKind.EMAIL)


@dataclass(frozen=True, slots=True)
class Composite(FieldInfo):
    """A field that stands for several; `each`: what they are."""

    each: tuple[FieldInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """What is written into the real fields, only those that change, and sentences on what was left out."""

    fields: Mapping[str, Value]
    notes: tuple[str, ...] = ()


def names_of(name: str, fields: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """The real fields that a row's name stands for; a field may have a "+" in its own name."""
    return (name,) if name in fields else tuple(part.strip() for part in name.split("+"))


def field_of(fields: Mapping[str, FieldInfo], name: str) -> FieldInfo:
    """The field of this name, composites resolved; raises `KeyError` with the part that there is not."""
    names = names_of(name, fields)
    each = tuple(fields[part] for part in names)
    if len(each) == 1:
        return each[0]
    if len(set(names)) < len(names):
        raise KeyError(name)
    is_list = any(all(info.kind is kind for info in each) for kind in _LISTS)
    is_name = len(each) == 2 and all(_is_name(info) for info in each)
    kind = each[0].kind if is_list else FieldKind.NAME if is_name else FieldKind.TEXT
    return Composite(
        name=name,
        label=_label(each),
        kind=kind,
        many=is_list,
        read_only=not (is_list or is_name) or any(info.read_only for info in each),
        required=any(info.required for info in each),
        detail_only=any(info.detail_only for info in each),
        parts=names,
        each=each,
    )


def value_of(record: Record, info: FieldInfo) -> Value | None:
    """What a record holds in a field, composites included."""
    if not info.parts:
        return record.fields.get(info.name)
    if info.many:
        return _listed(record.fields, info.parts)
    return full_names.joined([as_text(record.fields.get(part)) for part in info.parts])


def is_told(record: Record, info: FieldInfo) -> bool:
    """Whether this reading tells the field; of a composite every part."""
    if not info.parts:
        return info.name not in record.missing
    return record.missing.isdisjoint(info.parts)


def parts_of(info: FieldInfo, value: Value, held: Mapping[str, Value], plan: NumberPlan) -> dict[str, Value]:
    """What to write into the real fields of `info` so that it holds `value`: only those that change.

    `held`: what the record's fields hold now, empty for a new record. `plan` reads the record's numbers.
    """
    return dict(placed(info, value, held, plan).fields)


def placed(info: FieldInfo, value: Value, held: Mapping[str, Value], plan: NumberPlan) -> Placed:
    """As `parts_of`, with the notes on what found no place or was cut."""
    if not isinstance(info, Composite):
        return Placed({info.name: value} if value != held.get(info.name) else {})
    if info.many:
        return _spread(info, value, held, plan)
    return _split(info, as_text(value), held)


def _listed(fields: Mapping[str, Value], parts: Sequence[str]) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for part in parts:
        value = fields.get(part)
        if not value:
            continue
        if isinstance(value, tuple):
            found += [entry for item in value if (entry := _labelled(item, part)).value.strip()]
        elif (text := value if isinstance(value, str) else as_text(value)).strip():
            found.append(Entry(text, of_field(part)))
    return tuple(found)


def _labelled(item: Entry | str, part: str) -> Entry:
    """An element of a list among the parts: with its own label, else that of the part."""
    if isinstance(item, Entry):
        return item if item.label else Entry(item.value, of_field(part))
    return Entry(item, of_field(part))


def _spread(info: Composite, value: Value, held: Mapping[str, Value], plan: NumberPlan) -> Placed:
    """A list over its places; each keeps what it holds as long as that is wanted."""
    places = [Place(each.name, of_field(each.name), each.many, each.max_length) for each in info.each]
    holds = {each.name: _items(held.get(each.name), info.kind, plan) for each in info.each}
    done = assign(places, _items(value, info.kind, plan), holds)
    fields: dict[str, Value] = {}
    for each in info.each:
        before, after = holds[each.name], done.held[each.name]
        if [item.key for item in before] != [item.key for item in after]:
            fields[each.name] = _value(each, after, held.get(each.name))
    if not done.left_out:
        return Placed(fields)
    names = ", ".join(item.text for item in done.left_out)
    return Placed(fields, (f"Left out, since no place is free in {info.label}: {names}.",))


def _items(value: Value, kind: FieldKind, plan: NumberPlan) -> list[Item]:
    return [
        Item(key, item.value, canonical(item.label)) if isinstance(item, Entry) else Item(key, item)
        for key, item in elements(value, kind, plan)
    ]


def _value(info: FieldInfo, items: Sequence[Item], before: Value) -> Value:
    """Items as the field holds them: one text, or a list in which an old element keeps its form."""
    if not info.many:
        return items[0].text if items else empty_like(before)
    old = {item.value if isinstance(item, Entry) else item: item for item in _elements_of(before)}
    labelled = any(isinstance(item, Entry) for item in old.values())
    fresh = [old.get(item.text, Entry(item.text, item.label) if labelled else item.text) for item in items]
    if labelled:
        return tuple(item if isinstance(item, Entry) else Entry(item) for item in fresh)
    return tuple(item.value if isinstance(item, Entry) else item for item in fresh)


def _elements_of(value: Value) -> tuple[Entry | str, ...]:
    return tuple(value) if isinstance(value, tuple) else ()


def _split(info: Composite, text: str, held: Mapping[str, Value]) -> Placed:
    """A name over its two fields. Each is made to fit; one that the app insists on takes a single word."""
    one, other = info.each
    now = (as_text(held.get(one.name)), as_text(held.get(other.name)))
    alone = int(other.required and not one.required)
    halves = full_names.split(text, now, family_first=full_names.is_family(one.name), alone=alone)
    fields: dict[str, Value] = {}
    notes: list[str] = []
    for part, before, after in zip(info.each, now, halves, strict=True):
        made = fit(after, part)
        notes += made.notes
        if not made.left_out and as_text(made.value) != before:
            fields[part.name] = made.value if after else empty_like(held.get(part.name))
    return Placed(fields, tuple(notes))


def empty_like(value: Value) -> Value:
    """The empty value of the same type."""
    if isinstance(value, tuple):
        return ()
    return "" if isinstance(value, str) else None


def _is_name(info: FieldInfo) -> bool:
    return not info.many and (
        info.kind is FieldKind.NAME or (info.kind is FieldKind.TEXT and full_names.is_name_part(info.name))
    )


def _label(each: Sequence[FieldInfo]) -> str:
    return " + ".join(info.label for info in each)
