"""Text from outside becomes one line that shows what it holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.plain import plain_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Ada\tLindqvist\r\n", "Ada Lindqvist"),
        ("Ada\u2028Lindqvist", "Ada Lindqvist"),
        ("\u202egnp.eman\u202c", "gnp.eman"),
        ("\ufeffAda\x1b[31m", "Ada [31m"),
        (
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\ud800", ""),
    ],
)
def test_breaks_become_spaces_and_what_is_unseen_goes(text: str, line: str) -> None:
    assert plain_line(text) == line


@given(st.text())
def test_K01_any_text_is_one_line_without_controls_and_stays_as_it_is(text: str) -> None:
    line = plain_line(text)
    assert line.splitlines() in ([], [line])
    assert not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in line)
    assert plain_line(line) == line
