"""A number field's text as it is sent: a public one in E.164 or national form, else as written. Pure."""

from __future__ import annotations

import re

from linedesk.numbers import Kind, Number, NumberPlan, country, national, read
from linedesk.sync.fitting import Made
from linedesk.sync.values import unambiguous

_BETWEEN_NUMBERS = re.compile(r"[,;/|\r\n\t]+|\s{2,}")
_MOST_PIECES = 100
"""Of a text with more pieces than this no further one is read."""


def public_form(text: str, plan: NumberPlan, label: str) -> Made:
    """The number of `text` in E.164 where it is public, sure and without an extension; else `text` itself.

    Of several numbers the first readable one is taken, with a note; `label` is the field's name in it.
    """
    number = read(text, plan)
    if number.kind is Kind.E164:
        if not _is_plain(number):
            return Made(text)
        several = len(number.candidates) > 1
        return Made(number.value, (_only_the_first(label, len(number.candidates)),) if several else ())
    if number.kind is not Kind.INVALID:
        return Made(text)
    pieces = [piece.strip() for piece in _BETWEEN_NUMBERS.split(text) if piece.strip()]
    for piece in pieces[:_MOST_PIECES] if len(pieces) > 1 else ():
        number = read(piece, plan)
        if number.kind is Kind.E164 and _is_plain(number):
            return Made(number.value, (_only_the_first(label, len(pieces)),))
    return Made(text)


def national_form(text: str, plan: NumberPlan, label: str, there: NumberPlan | None = None) -> Made:
    """As `public_form`, but written as people do in the region of `plan`; a foreign one in E.164.

    `there`: how the account it goes to reads numbers. One that it would take for another one stays in E.164.
    """
    made = public_form(text, plan, label)
    if not isinstance(made.value, str) or country(made.value) != plan.region.upper():
        return made
    written = national(made.value, plan.region)
    back = public_form(written, there or plan, label)
    return Made(written if back.value == made.value else made.value, made.notes)


def _is_plain(number: Number) -> bool:
    """Whether the E.164 form says all that the text says, and surely."""
    return unambiguous(number) and not number.partial and number.ext is None and not number.switchboards


def _only_the_first(label: str, count: int) -> str:
    return f"{label} holds {count} numbers; only the first one that can be read is taken."
