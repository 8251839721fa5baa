"""An E.164 text as the library's number object, for its formats and types."""

from __future__ import annotations

from phonenumbers import PhoneNumber

from linedesk.numbers.plans import LONGEST_E164, calling_code


def library_number(value: str) -> PhoneNumber | None:
    """`value` with all leading zeros of its national number kept; None for a text that is not E.164."""
    digits = value[1:]
    if not (value.startswith("+") and digits.isascii() and digits.isdecimal()) or len(digits) > LONGEST_E164:
        return None
    code = calling_code(value)
    national = digits[len(code) :] if code else ""
    if code is None or not national:
        return None
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=min(zeros, len(national) - 1) if zeros > 1 else None,
    )
