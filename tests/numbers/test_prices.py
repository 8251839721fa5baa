"""Toll fraud: what the library's types let through must be caught here."""

from __future__ import annotations

import pytest

from linedesk.numbers import PriceClass, country, price_class


@pytest.mark.parametrize(
    "value",
    [
        "+39899123456",
        "+39892123",
        "+39199123456",
        "+39848123456",
        "+39178123456",
        "+499001234567",
        "+491801234567",
        "+4913712345",
        "+497001234567",
        "+447012345678",
        "+449012345678",
        "+448712345678",
        "+448451234567",
        "+19005550123",
        "+12129760123",
        "+33892123456",
        "+33820123456",
        "+34803123456",
        "+43930123456",
        "+41901123456",
        "+3290212345",
        "+31909123456",
        "+61190012345",
        "+979123456789",
        "+870773111632",
        "+881612345678",
        "+882161234567",
        "+883510012345",
        "+888123456789",
        "+87810123456789",
        "+80812345678",
    ],
)
def test_dear_numbers_are_denied_by_default(value: str) -> None:
    assert price_class(value).denied_by_default, price_class(value)


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("+870773111632", PriceClass.SATELLITE),
        ("+881612345678", PriceClass.SATELLITE),
        ("+883510012345", PriceClass.NETWORK),
        ("+979123456789", PriceClass.PREMIUM),
        ("+447012345678", PriceClass.PERSONAL),
        ("+390212345678", PriceClass.FIXED),
        ("+393123456789", PriceClass.MOBILE),
        ("+12125550142", PriceClass.FIXED_OR_MOBILE),
        ("+39800123456", PriceClass.FREE),
        ("+80012345678", PriceClass.FREE),
        ("+443001231234", PriceClass.FIXED),
        ("+447700900853", PriceClass.UNKNOWN),  # no such number: ask
        ("+39201", PriceClass.UNKNOWN),
        ("+443001", PriceClass.UNKNOWN),
        ("201", PriceClass.UNKNOWN),
        ("63*1", PriceClass.UNKNOWN),
        ("+39x", PriceClass.UNKNOWN),
        ("", PriceClass.UNKNOWN),
    ],
)
def test_price_classes(value: str, want: PriceClass) -> None:
    assert price_class(value) is want
    assert want.ask_first == (want is PriceClass.UNKNOWN)


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("+390212345678", "IT"),
        ("+442079460018", "GB"),
        ("+441534123456", "JE"),
        ("+18765550123", "JM"),  # one-ring fraud uses +1 countries that look domestic
        ("+1876", "JM"),
        ("+1649000", "TC"),
        ("+77272580000", "KZ"),
        ("+447700900853", "GB"),
        ("+870773111632", None),
        ("+979123456789", None),
        ("+999123", None),
        ("201", None),
        ("", None),
    ],
)
def test_countries(value: str, want: str | None) -> None:
    assert country(value) == want
