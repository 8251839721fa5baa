"""A full name out of two parts, and back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.sync.full_names import is_family, is_name_part, joined, split

NOTHING = ("", "")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ada Example", ("Ada", "Example")),
        ("Ada Maria Example", ("Ada Maria", "Example")),
        ("Jan van der Berg", ("Jan", "van der Berg")),
        ("Maria de los Angeles", ("Maria", "de los Angeles")),
        ("Di Marco", ("Di", "Marco")),
        ("Di", ("Di", "")),
        ("Martin King Jr.", ("Martin", "King Jr.")),
        ("李小龍", ("李小龍", "")),
        ("  Ada   Example ", ("Ada", "Example")),
        ("", NOTHING),
    ],
)
def test_a_name_is_split_before_the_last_word_and_its_particles(text: str, parts: tuple[str, str]) -> None:
    assert split(text, NOTHING, family_first=False) == parts


@pytest.mark.parametrize(
    ("text", "held", "parts"),
    [
        ("Maria Garcia Lopez", ("Maria", "Garcia Lopez"), ("Maria", "Garcia Lopez")),
        ("Ana Garcia Lopez", ("Maria", "Garcia Lopez"), ("Ana", "Garcia Lopez")),
        ("Maria Perez Lopez", ("Maria", "Garcia"), ("Maria", "Perez Lopez")),
        ("Ana Perez Lopez", ("Maria", "Garcia"), ("Ana Perez", "Lopez")),
        ("Mary Ann Example", ("Mary Ann", "Example"), ("Mary Ann", "Example")),
        ("Mary Ann", ("Mary Ann", ""), ("Mary Ann", "")),
        ("Garcia Lopez", ("", "Garcia Lopez"), ("", "Garcia Lopez")),
    ],
)
def test_what_a_record_says_of_the_two_parts_counts_first(
    text: str, held: tuple[str, str], parts: tuple[str, str]
) -> None:
    assert split(text, held, family_first=False) == parts


def test_a_name_that_begins_with_the_family_is_split_behind_it() -> None:
    assert split("Kovacs Anna Maria", NOTHING, family_first=True) == ("Kovacs", "Anna Maria")
    assert split("van Berg Jan", NOTHING, family_first=True) == ("van Berg", "Jan")


def test_a_single_word_goes_where_the_app_insists_on_one() -> None:
    assert split("Cher", NOTHING, family_first=False, alone=1) == ("", "Cher")


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=6) | st.sampled_from(
    ["van", "de", "jr."]
)
names = st.lists(words, max_size=6).map(" ".join)


@given(names, names, names, st.booleans(), st.integers(0, 1))
def test_S24_the_two_parts_of_a_name_make_the_name_again(
    text: str, first: str, last: str, family_first: bool, alone: int
) -> None:
    parts = split(text, (first, last), family_first=family_first, alone=alone)
    assert joined(parts) == unicodedata.normalize("NFC", text) or joined(parts) == text
    assert split(joined(parts), parts, family_first=family_first, alone=alone) == parts


def test_parts_of_a_name_are_known_by_the_name_of_their_field() -> None:
    assert all(map(is_name_part, ("first_name", "lastname", "names.familyName", "Given Name")))
    assert not is_name_part("name")
    assert is_family("last_name")
    assert not is_family("first_name")
