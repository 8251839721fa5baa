"""JSON from outside: every text in it can be stored and sent on, and none of it brings the reader down."""

from __future__ import annotations

import pytest

from linedesk.json_in import read_json

MARK = "\ufffd"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"Ada \ud800 Example"', f"Ada {MARK} Example"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ude00\ud83d"', MARK * 2),
        (b'"\xed\xa0\x80"', MARK * 3),
        (rb'{"\udfff": [{"name": "\uD800"}]}', {MARK: [{"name": MARK}]}),
        (rb'"\\ud800"', r"\ud800"),
        ('["é", 1, null, true]'.encode(), ["é", 1, None, True]),
        ('"é"'.encode("utf-16"), "é"),
    ],
    ids=ascii,
)
def test_S24_every_text_is_whole(raw: bytes, value: object) -> None:
    read = read_json(raw)
    if isinstance(value, str) and value == MARK * 3:
        # How many marks stand for bytes that are no character does not matter.
        assert isinstance(read, str)
        assert set(read) == {MARK}
    else:
        assert read == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"NaN",
        b"[Infinity]",
        b'{"a": 1',
        b"\xff",
        b"[" * 100_000,
        b"9" * 5_000,
        b"[" * 900 + b"1",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_or_a_bomb_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_json(raw)
