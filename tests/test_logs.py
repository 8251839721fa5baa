"""No secret and no whole number gets into a log, whatever a line is made of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.logs import redact


def logged(**values: Any) -> dict[str, Any]:
    return dict(redact(None, "info", {"event": "e", **values}))


@pytest.mark.parametrize(
    "name", ["token", "pbx_token", "password", "webhook_secret", "Authorization", "api_key", "cookie", "code"]
)
def test_values_whose_name_says_secret_are_hidden(name: str) -> None:
    assert logged(**{name: "abc"})[name] == "(hidden)"


@pytest.mark.parametrize(
    "text", ["+390212345678", "call 02 1234 5678 now", "(212) 555-0142", "00442079460018"]
)
def test_numbers_inside_texts_are_masked(text: str) -> None:
    digits = "".join(filter(str.isdigit, logged(reason=text)["reason"]))
    assert len(digits) < 7


def test_a_bearer_token_inside_a_text_is_hidden() -> None:
    assert "abc.def" not in logged(reason="sent Authorization: Bearer abc.def")["reason"]


def test_an_error_code_is_no_secret() -> None:
    assert logged(error_code="not_signed_in")["error_code"] == "not_signed_in"


@given(st.text())
def test_a_line_stays_one_line(text: str) -> None:
    assert logged(reason=text)["reason"].isprintable()
