"""What labels mean (G18)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.sync.labels import UNLIKE, canonical, likeness, of_field


@pytest.mark.parametrize(
    ("label", "means"),
    [
        ("MOBILE", "mobile"),
        ("mobile", "mobile"),
        ("Mobile phone", "mobile"),
        ("mobile_phone", "mobile"),
        ("cell", "mobile"),
        ("Work phone", "work"),
        ("office", "work"),
        ("workFax", "fax"),
        ("home_mobile", "home mobile"),
        (" Ufficio ", "ufficio"),
        ("Zoe\u0308", "zo\u00eb"),
        ("", ""),
    ],
)
def test_G18_two_spellings_of_a_label_are_one(label: str, means: str) -> None:
    assert canonical(label) == means


@given(st.text(max_size=20))
def test_G18_a_canonical_label_is_its_own_canonical_form(label: str) -> None:
    assert canonical(canonical(label)) == canonical(label)


def test_a_custom_field_is_labelled_by_the_last_part_of_its_name() -> None:
    assert of_field("custom_fields.cell_phone") == "mobile"
    assert of_field("office") == "work"


def test_a_place_that_means_nearly_the_same_is_liked_better_than_any_other() -> None:
    assert likeness("work", "work") < likeness("work", "main") < likeness("work", "home") == UNLIKE
