"""The bare digits of a number as dialled in its own country, for indexes: no blanks, no full formatting.

Equal to the digits of `display.national` at home (tests compare the two), at a fraction of its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import NumberFormat

from linedesk.numbers.plans import LONGEST_E164, calling_code

_FIRST_GROUP = re.compile(r"(\\\d)")
_GROUP_OR_DIGIT = re.compile(r"\\(\d)|(\d)")


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers with these first digits that fit `pattern` are dialled: `form` takes its groups."""

    leading: re.Pattern[str] | None
    pattern: re.Pattern[str]
    form: str


def national_digits(value: str) -> str:
    """The digits of an E.164 `value` as dialled in its own country: `+493023125014` gives `03023125014`.

    For a network of no country, the number without its calling code; "" for a text that is not E.164.
    """
    digits = value[1:]
    if not (value.startswith("+") and digits.isascii() and digits.isdecimal()) or len(digits) > LONGEST_E164:
        return ""
    code = calling_code(value)
    national = digits[len(code) :] if code else ""
    if code is None or not national:
        return ""
    for form in _forms(code):
        if form.leading is None or form.leading.match(national):
            match = form.pattern.fullmatch(national)
            if match is not None:
                return form.form.format(*match.groups(""))
    return national


@lru_cache(maxsize=512)
def _forms(code: str) -> Sequence[_Form]:
    """The forms of a calling code; all its countries are written by those of the main one."""
    main = COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), main)
    return () if metadata is None else tuple(map(_compile, metadata.number_format))


def _compile(written: NumberFormat) -> _Form:
    """One of the library's formats, its signs left out. The last of the leading patterns is the exact one."""
    form = written.format or ""
    if rule := written.national_prefix_formatting_rule:  # `\1` in the rule is the first group of the form
        form = _FIRST_GROUP.sub(rule, form, count=1)
    leading = written.leading_digits_pattern
    return _Form(
        leading=re.compile(leading[-1], re.VERBOSE) if leading else None,
        pattern=re.compile(written.pattern or r"(?!)", re.VERBOSE),
        form="".join(_parts(form)),
    )


def _parts(form: str) -> Iterator[str]:
    for group, digit in _GROUP_OR_DIGIT.findall(form):
        yield f"{{{int(group) - 1}}}" if group else digit
