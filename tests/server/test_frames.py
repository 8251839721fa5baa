"""What a client may say on the socket."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.server.frames import Focus, FreshToken, Hello, SocketEnds, parse, parse_hello, parse_later


def test_the_three_frames() -> None:
    assert parse('{"type":"hello","v":1,"token":"t","visible":false}') == Hello("t", visible=False)
    assert parse('{"type":"hello","v":1,"token":"t"}') == Hello("t", visible=True)
    assert parse('{"type":"token","token":"t","more":1}') == FreshToken("t")
    assert parse('{"type":"focus"}') == Focus()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_request"),
        ("[]", "bad_request"),
        ("null", "bad_request"),
        ("[" * 20_000, "bad_request"),
        ('{"type":"shout"}', "bad_request"),
        ('{"type":["hello"]}', "bad_request"),
        ('{"type":"hello","v":2,"token":"t"}', "bad_request"),
        ('{"type":"hello","v":true,"token":"t"}', "bad_request"),
        ('{"type":"hello","v":1,"token":"t","visible":"yes"}', "bad_request"),
        ('{"type":"hello","v":1}', "not_signed_in"),
        ('{"type":"hello","v":1,"token":7}', "not_signed_in"),
        ('{"type":"token","token":""}', "not_signed_in"),
        (json.dumps({"type": "token", "token": "x" * 513}), "not_signed_in"),
    ],
)
def test_anything_else_ends_the_socket(text: str, code: str) -> None:
    with pytest.raises(SocketEnds) as caught:
        parse(text)
    assert caught.value.code == code
    assert "x" * 513 not in caught.value.message


def test_hello_comes_first_and_once() -> None:
    with pytest.raises(SocketEnds) as early:
        parse_hello('{"type":"focus"}')
    with pytest.raises(SocketEnds) as late:
        parse_later('{"type":"hello","v":1,"token":"t"}')
    assert (early.value.close_code, late.value.close_code) == (4001, 4002)


def outcome(text: str) -> object:
    """The frame, or the close code of the refusal. Any other exception is a fault."""
    try:
        return parse(text)
    except SocketEnds as end:
        return end.close_code


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    assert outcome(text) in {4001, 4002}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
    )
)
def test_no_document_breaks_the_parser(document: object) -> None:
    assert outcome(json.dumps(document)) in {4001, 4002}


@given(st.text(min_size=1, max_size=512))
def test_any_token_comes_through_unchanged(token: str) -> None:
    assert outcome(json.dumps({"type": "token", "token": token})) == FreshToken(token)
