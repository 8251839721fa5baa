"""The one reader of phone numbers, for every path: events, CRM fields, dialpad, page, CSV and search.

Total (any text gives a `Number`) and idempotent (reading the value again gives the same). The order of the
questions is: withheld, emergency, feature code, public short code, extension, public number, unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from linedesk.numbers.codes import feature_code, is_emergency, is_public_short_code
from linedesk.numbers.digits import Digits, digits_of, ruled, vanity
from linedesk.numbers.lines import lines, may_have_lines, separate, slashed, stands_for_board
from linedesk.numbers.model import Kind, Number, NumberPlan
from linedesk.numbers.public import Reading, readings
from linedesk.numbers.tail import Cut, cut, only_extension, without_labels
from linedesk.numbers.text import clean
from linedesk.numbers.uri import Address, unwrap
from linedesk.numbers.withheld import KEYPAD, is_withheld, is_withheld_digits

LONGEST_TEXT = 512
"""Characters of a text that may hold numbers; a longer one is no phone field."""

_MOST_INVISIBLE = 8
"""A text may be this many times as long before the invisible characters go."""

_MOST_PARTS = 32
_LEAST_SECOND_NUMBER = 7
"""So many digits behind a mere comma may be a second number, though they are read as digits to send."""

_SECOND_NUMBER = re.compile(r"\A\s*[+0(]|\A\s|\d[\s().-]+\d")
_SPELT_OUT = re.compile(r"\d(?:[ .-]\d)+")


def read(text: str | None, plan: NumberPlan) -> Number:
    """Read `text` as the PBX of `plan` means it; None is no caller id. Never raises for any text.

    `plan.internal_pattern` must be a valid regular expression (`re.error` otherwise).
    """
    raw = text or ""
    if len(raw) > LONGEST_TEXT * _MOST_INVISIBLE:
        return Number(Kind.INVALID, None, raw)
    plain = clean(raw)
    if len(plain) > LONGEST_TEXT:
        return Number(Kind.INVALID, None, raw)
    reader = _Reader(raw, plan, plan.region.upper())
    if is_withheld(plain):
        return reader.nobody(plain)
    address = unwrap(plain)
    if address.nobody or (address.is_uri and is_withheld(address.text)):
        return reader.nobody(address.text)
    return reader.one(address) or reader.several(address.text) or Number(Kind.INVALID, None, raw)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The questions about one text, each for a part of it. `region` is in capitals."""

    raw: str
    plan: NumberPlan
    region: str

    def nobody(self, text: str) -> Number:
        """A withheld caller. All zeros are one too, but where they are the emergency number (Australia's 000)
        they must stay fit to dial."""
        if text.isdecimal() and is_emergency(text, self.region):
            return Number(Kind.EMERGENCY, text, self.raw)
        return Number(Kind.ANONYMOUS, None, self.raw)

    def one(self, address: Address) -> Number | None:
        """The number of an address, with what may be around and behind it; None if it is not just one."""
        if code := feature_code(address.text):
            return Number(Kind.SHORT, code, self.raw)
        if (number := self.bare(address.text, address)) is not None:
            return number
        text = without_labels(address.text)
        if (inner := only_extension(text)) and self.is_internal(inner):
            return Number(Kind.EXTENSION, inner, self.raw)
        parts = cut(text)
        if parts is None:
            return self.bare(text, address) or self.with_letters(text, address)
        if parts.mark in {",", ";"} and not address.is_uri and self.is_other_number(parts):
            return None
        base = without_labels(parts.base)
        number = self.bare(base, address) or self.with_letters(base, address)
        return None if number is None else self.with_tail(number, parts, address)

    def with_tail(self, number: Number, parts: Cut, address: Address) -> Number | None:
        """A number with what follows it. `*` and `#` behind a short number make a code, not an extension."""
        found = replace(number, ext=parts.ext or address.ext)
        if number.kind is Kind.EMERGENCY:
            return found
        if number.kind is not Kind.E164:
            return None if parts.mark in {"*", "#"} else replace(found, partial=bool(parts.ext))
        if parts.mark not in {"*", "#", ",", ";"}:
            return found
        digits = "".join(filter(str.isdecimal, parts.ext))
        longer = (each for each in self.readings_of(parts.base + digits) if each.exists)
        other = any(each.value not in number.candidates for each in longer)
        return replace(found, partial=other or len(digits) >= _LEAST_SECOND_NUMBER)

    def bare(self, text: str, address: Address) -> Number | None:
        """A text of digits and separators only, by the order of the questions."""
        written = digits_of(text)
        number = None if written is None else ruled(written, self.plan.rules)
        if number is not None and is_withheld_digits(number.text):
            return self.nobody(number.text)
        if number is not None and not number.plus:
            if number.lone or _SPELT_OUT.fullmatch(text):
                if is_emergency(number.text, self.region):
                    return Number(Kind.EMERGENCY, number.text, self.raw, address.ext)
                if is_public_short_code(number.text, self.region):
                    return Number(Kind.SHORT, number.text, self.raw, address.ext)
            if number.lone and self.is_internal(number.text):
                return Number(Kind.EXTENSION, number.text, self.raw, address.ext)
        return self.public(text, number, address)

    def public(self, text: str, number: Digits | None, address: Address) -> Number | None:
        """A public number, or several lines of one; `number` are the digits of the text as one number."""
        whole: Sequence[Reading] = ()
        if number is not None:
            whole = self.in_context(number, address.context) or readings(number, self.region)
        if may_have_lines(text) or ("-" in text and not any(each.likely for each in whole)):
            whole = lines(text, self.readings_of, whole) or whole
        return self.from_readings(whole, text, address.ext) if whole else None

    def in_context(self, number: Digits, context: str) -> Sequence[Reading]:
        """The readings of a local number behind the prefix that its `tel:` address names."""
        prefix = digits_of(context) if context and not number.plus else None
        if prefix is None:
            return ()
        found = readings(Digits(prefix.text + number.text, plus=True), self.region)
        return [reading for reading in found if reading.exists]

    def readings_of(self, text: str) -> Sequence[Reading]:
        """The readings of a text as a public number, whatever its label."""
        number = digits_of(without_labels(text))
        return () if number is None else readings(ruled(number, self.plan.rules), self.region)

    def with_letters(self, text: str, address: Address) -> Number | None:
        """A vanity number: letters count as digits only if they make the number, not if they stand by one."""
        found = None if address.is_uri else vanity(text)
        if found is None:
            return None
        dialled, bare = (readings(ruled(each, self.plan.rules), self.region) for each in found)
        if any(reading.likely for reading in bare):
            return None
        existing = [reading for reading in dialled if reading.exists]
        return self.from_readings(existing, text, address.ext) if existing else None

    def is_other_number(self, parts: Cut) -> bool:
        """Whether what follows a comma or semicolon is a second number and not digits to send after answer.

        A row of bare digits behind a comma is sent, as a conference's PIN is, unless it begins as numbers do.
        """
        if parts.mark == "," and not _SECOND_NUMBER.search(parts.rest):
            return False
        return any(reading.exists for reading in self.readings_of(parts.rest.strip()))

    def several(self, text: str) -> Number | None:
        """The numbers of a text that holds more than one, or None."""
        cut_up = slashed(text)
        if cut_up != text and (number := self.one(Address(cut_up))):
            return number
        parts = separate(cut_up)
        marked = len(parts) > 1
        if not marked:
            parts = [part for part in cut_up.split("/") if part.strip()]
        if not 1 < len(parts) <= _MOST_PARTS:
            return None
        found = [None if is_withheld(part) else self.one(unwrap(part)) for part in map(str.strip, parts)]
        numbers = [number for number in found if number is not None]
        if not marked and (len(numbers) < len(parts) or any(each.kind is not Kind.E164 for each in numbers)):
            return None
        left_out = any(
            each is None or each.kind is not Kind.E164
            for part, each in zip(parts, found, strict=True)
            if any(map(str.isdecimal, part))
        )
        return _merged(numbers, partial=left_out)

    def from_readings(self, found: Sequence[Reading], text: str, ext: str | None) -> Number:
        """One `Number` of the readings (at least one) of `text`."""
        value = found[0].value
        if value[1:] in KEYPAD:
            return Number(Kind.ANONYMOUS, None, self.raw)
        board = stands_for_board(text, value)
        boards = (board,) if board else ()
        if len(found) == 1 and found[0].sure:
            return Number(Kind.E164, value, self.raw, ext, (value,), switchboards=boards)
        sure = {reading.value for reading in found if reading.sure}
        candidates = tuple(dict.fromkeys(reading.value for reading in found))
        possible = tuple(each for each in candidates if each not in sure)
        return Number(Kind.E164, value, self.raw, ext, candidates, not possible, possible, boards)

    def is_internal(self, digits: str) -> bool:
        return _compiled(self.plan.internal_pattern).fullmatch(digits) is not None


def _merged(numbers: Sequence[Number], *, partial: bool) -> Number | None:
    """Numbers side by side as one: the first public number is the one to dial.

    None without one: a part of a longer text is no internal number.
    """
    public = [number for number in numbers if number.kind is Kind.E164]
    if not public:
        return None
    candidates = tuple(dict.fromkeys(each for number in public for each in number.candidates))
    sure = {each for number in public for each in number.candidates if each not in number.possible}
    possible = tuple(each for each in candidates if each not in sure)
    boards = tuple(dict.fromkeys(each for number in public for each in number.switchboards))
    return replace(
        public[0],
        candidates=candidates,
        certain=not possible,
        possible=possible,
        switchboards=boards,
        partial=partial or public[0].partial,
    )


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
