"""A number read in a region, in one word."""

from __future__ import annotations

from linedesk.numbers import Kind, NumberPlan, read


def value(text: str | None, region: str) -> str | None:
    number = read(text, NumberPlan(region))
    assert number.kind is Kind.E164, number
    return number.value


def kind(text: str | None, region: str) -> Kind:
    return read(text, NumberPlan(region)).kind


def with_ext(text: str, region: str) -> tuple[str | None, str | None]:
    number = read(text, NumberPlan(region))
    return number.value, number.ext
