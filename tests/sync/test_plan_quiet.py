"""A second run writes nothing, whatever the contacts hold and whatever the phonebook makes of a write."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Value
from sync.plan_house import Houses, Normalise

Change = Callable[[str, str], str]

CHANGES: dict[str, Change] = {
    "cut at 5": lambda name, text: text[:5],
    "cut at 40": lambda name, text: text[:40],
    "white space folded": lambda name, text: " ".join(text.split()),
    "trimmed": lambda name, text: text.strip(),
    "NFC": lambda name, text: unicodedata.normalize("NFC", text),
    "NFD": lambda name, text: unicodedata.normalize("NFD", text),
    "shouted": lambda name, text: text.upper(),
    "e-mail in lower case": lambda name, text: text.lower() if name == "email" else text,
    "no control signs": lambda name, text: "".join(each for each in text if each.isprintable()),
    "only the basic plane": lambda name, text: "".join("?" if ord(each) > 0xFFFF else each for each in text),
    "bytes cut at 20": lambda name, text: text.encode("utf-8", "replace")[:20].decode("utf-8", "replace"),
    "no line ends": lambda name, text: text.replace("\r", "").replace("\n", ", "),
    "numbers without a plus": lambda name, text: text.replace("+39", "0039") if name == "office" else text,
    "numbers as digits": lambda name, text: "".join(filter(str.isdigit, text)) if name == "mobile" else text,
    "no address": lambda name, text: "" if name == "address" else text,
    "markup escaped": lambda name, text: text.replace("&", "&amp;").replace("<", "&lt;"),
    "zero for empty": lambda name, text: text or "0",
}
"""What vendors do to a text on its way into their database."""


def _stored(names: list[str]) -> Normalise:
    def normalise(field: str, value: Value) -> Value:
        for each in names:
            value = CHANGES[each](field, value) if isinstance(value, str) else value
        return value

    return normalise


odd = st.sampled_from(
    [
        "",
        " ",
        "-",
        "Ada  Example ",
        "ada@Example.TEST",
        "x" * 10_000,
        "Zoe\u0308" * 200,
        "👩\u200d🔬" * 100,
        "\u202eAda\x00\x10",
        "a\r\nb\n",
        "null",
        "=cmd()",
        "<b>&amp;",
        "045 1234567",
        "+39 045 1234567",
        "045 1234567 int. 5",
        "333 1234567 / 045 1234567",
        ", ".join(f"+39 045 1234{number:03}" for number in range(40)),
        "201",
        "112",
        "1" * 300,
    ]
)
values = st.one_of(odd, odd, st.text(max_size=30), st.none())
contacts = st.fixed_dictionaries(
    dict.fromkeys(("name", "email", "phone", "mobile", "company", "address"), values)
)
entries = st.fixed_dictionaries(
    dict.fromkeys(("name", "email", "office", "mobile", "organization", "address"), values)
)
vendors = st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True)


@settings(max_examples=120, deadline=None)
@given(
    vendor=vendors,
    people=st.lists(contacts, min_size=1, max_size=4),
    book=st.lists(entries, max_size=3),
    edits=st.lists(contacts, max_size=2),
)
def test_S02_S14_a_second_run_writes_nothing_whatever_the_phonebook_makes_of_a_write(
    vendor: list[str], people: list[dict[str, Any]], book: list[dict[str, Any]], edits: list[dict[str, Any]]
) -> None:
    houses = Houses(normalise=_stored(vendor))
    for entry in book:
        houses.add_to_book(**entry)
    ids = [houses.add(**person) for person in people]
    _sync_and_be_quiet(houses)
    for record_id, edit in zip(ids, edits, strict=False):
        houses.edit(record_id, **edit)
        _sync_and_be_quiet(houses)


def _sync_and_be_quiet(houses: Houses) -> None:
    first = houses.run()
    second = houses.plan()
    assert (second.changes, second.linkings) == ((), ())
    assert second.waiting == first.waiting
    assert second.problems == first.problems
    # Each contact that is not told of stands in the phonebook, once.
    told = {each.record_id for each in second.waiting} | {each.record_id for each in second.problems}
    linked = [link.a_id for link in houses.links.values()]
    assert len(linked) == len(set(linked))
    assert set(linked) | told == set(houses.crm)
    assert not set(linked) & told
