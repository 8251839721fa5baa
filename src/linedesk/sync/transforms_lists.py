"""Transforms between one value and many, and of numbers: `same`, `first`, `number`, `national`, `join`. Pure.

What a transform does to one value it does to each of many. Of many that go into one field the first counts;
one that goes into a list takes the first place there. The rest of a list is never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.sync.fitting import Made
from linedesk.sync.labels import canonical
from linedesk.sync.model import MappingRow
from linedesk.sync.number_texts import national_form, public_form
from linedesk.sync.texts import plain
from linedesk.sync.transform_words import Given
from linedesk.sync.values import as_text, elements, is_blank, texts_of

Convert = Callable[[str], Made]

BETWEEN = ", "


def same(given: Given) -> Made:
    if isinstance(given.value, tuple) or given.target.many:
        return _shaped(given, Made)
    return Made(given.value)


def first(given: Given) -> Made:
    return _shaped(given, Made)


def number(given: Given) -> Made:
    return _shaped(given, lambda text: public_form(text, given.plan, given.source.label))


def national(given: Given) -> Made:
    label, there = given.source.label, given.target_plan
    return _shaped(given, lambda text: national_form(text, given.plan, label, there))


def join(given: Given) -> Made:
    """Towards the field of one value all in one text; towards the list the text's parts."""
    between = str(given.options.get("between", BETWEEN))
    if not given.target.many:
        return Made(between.join(texts_of(given.value)))
    if given.source.many:
        return _shaped(given, Made)
    return Made(_split(as_text(given.value), between, given.held))


def join_fits(source: FieldInfo, target: FieldInfo) -> bool:
    """A list of texts and a text."""
    texts = {FieldKind.TEXT, FieldKind.LONG_TEXT}
    return target.kind in texts or source.kind in texts or source.kind is target.kind


def check_join(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    between = row.options.get("between", BETWEEN)
    if not isinstance(between, str) or not between:
        yield f"The option `between` of the row {row.key} must be a text."


def can_split(row: MappingRow) -> bool:
    """Whether the parts of a joined text can be told apart; white space alone is inside of values too."""
    return bool(str(row.options.get("between", BETWEEN)).strip())


def _shaped(given: Given, convert: Convert) -> Made:
    """Each of many for many, the first for one, and one into the first place of many."""
    if not given.target.many:
        taken = _one_of(given)
        made = convert(as_text(taken.value))
        return Made(made.value, taken.notes + made.notes, made.left_out)
    if given.source.many or isinstance(given.value, tuple):
        return _each(given.value, convert)
    if is_blank(given.value):
        return Made(_rest(given.held))
    made = convert(as_text(given.value))
    return made if made.left_out else Made(_in_first_place(made.value, given), made.notes)


def _one_of(given: Given) -> Made:
    texts = texts_of(given.value)
    if len(texts) < 2:
        return Made(as_text(given.value))
    others = ", ".join(texts[1:])
    note = f"{given.source.label} holds {len(texts)} values; only the first one is taken. Left out: {others}."
    return Made(texts[0], (note,))


def _each(value: Value, convert: Convert) -> Made:
    """Labels are passed on in their canonical form; the other app finds its own word for it."""
    entries: list[Entry] = []
    texts: list[str] = []
    notes: tuple[str, ...] = ()
    for item in value if isinstance(value, tuple) else (as_text(value),):
        text = item.value if isinstance(item, Entry) else item
        made = convert(text)
        notes += made.notes
        if made.left_out or is_blank(made.value):
            continue
        texts.append(as_text(made.value))
        entries.append(Entry(texts[-1], canonical(item.label) if isinstance(item, Entry) else ""))
    return Made(tuple(entries) if any(entry.label for entry in entries) else tuple(texts), notes)


def _rest(held: Value) -> Value:
    """A list without its first element that says something."""
    items = _items(held)
    return _like(items[1:], held)


def _in_first_place(value: Value, given: Given) -> Value:
    """`held` with the value as its first element, which keeps its label.

    A value that the list holds further behind comes to the front, and nothing is replaced.
    """
    items = _items(given.held)
    if not items:
        return (as_text(value),)
    kind, plan = given.target.kind, given.target_plan or given.plan
    ((key, _),) = elements(as_text(value), kind, plan)
    keyed = elements(given.held, kind, plan)
    if keyed[0][0] == key:
        return given.held
    found = next((item for each, item in keyed if each == key), None)
    if found is not None:
        return _like([found, *(item for each, item in keyed if each != key)], given.held)
    old = items[0]
    new = Entry(as_text(value), old.label) if isinstance(old, Entry) else as_text(value)
    return _like([new, *items[1:]], given.held)


def _split(text: str, between: str, held: Value) -> Value:
    """The parts of a joined text. Elements of `held` are found again, also those that hold `between`."""
    known = {plain(item.value if isinstance(item, Entry) else item): item for item in _items(held)}
    if plain(text) == plain(between.join(texts_of(held))):
        return held
    mark = between.strip() or between
    parts = text.split(mark)
    found: list[Entry | str] = []
    while parts:
        length = next((n for n in range(len(parts), 1, -1) if plain(mark.join(parts[:n])) in known), 1)
        whole = mark.join(parts[:length]).strip()
        if whole:
            found.append(known.get(plain(whole), whole))
        parts = parts[length:]
    return _like(found, held)


def _items(value: Value) -> list[Entry | str]:
    """The elements that say something; a plain value is a list of one."""
    if not isinstance(value, tuple):
        return [] if is_blank(value) else [as_text(value)]
    return [item for item in value if (item.value if isinstance(item, Entry) else item).strip()]


def _like(items: Sequence[Entry | str], held: Value) -> Value:
    """A list of the kind that `held` is: of entries with labels, or of texts."""
    if any(isinstance(item, Entry) for item in (*items, *_items(held))):
        return tuple(item if isinstance(item, Entry) else Entry(item) for item in items)
    return tuple(item for item in items if not isinstance(item, Entry))
