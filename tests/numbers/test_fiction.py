"""Which numbers are set aside for drama and examples."""

from __future__ import annotations

import pytest

from linedesk.numbers.fiction import is_fiction


@pytest.mark.parametrize(
    "value",
    ["+447700900853", "+442079460018", "+12125550142", "+493023125014", "+33199001234", "+61491570156"],
)
def test_numbers_set_aside_are_fiction(value: str) -> None:
    assert is_fiction(value)


@pytest.mark.parametrize(
    "value",
    [
        "+447700901853",
        "+442079450018",
        "+12125550242",
        "+4477009008531",
        "+88212345678",
        "+447700900",
        "+449098790123",
    ],
)
def test_their_neighbours_and_premium_drama_numbers_are_not(value: str) -> None:
    assert not is_fiction(value)
