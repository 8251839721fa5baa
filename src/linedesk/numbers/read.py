"""The one reader of phone numbers, for every path: events, CRM fields, dialpad, page, CSV and search.

Total (any text gives a `Number`) and idempotent (reading the value again gives the same). The order of the
questions is: withheld, emergency, feature code, public short code, extension, public number, unreadable.

A PBX's prefix rules apply to bare digits first of all, but never to an emergency number or a public short
code; its outside line is taken off last, from what is no number otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from linedesk.numbers.codes import LONGEST_SHORT, feature_code, is_emergency, is_public_short_code
from linedesk.numbers.digits import Digits, digits_of, vanity
from linedesk.numbers.lines import (
    is_written_end,
    lines,
    may_have_lines,
    separate,
    side_by_side,
    slashed,
    stands_for_board,
)
from linedesk.numbers.model import Kind, Number, NumberPlan
from linedesk.numbers.moments import is_moment
from linedesk.numbers.pbx import ruled, without_line
from linedesk.numbers.plans import calling_code, territory
from linedesk.numbers.public import Reading, readings
from linedesk.numbers.tail import Cut, cut, only_extension, parted, without_labels, without_remark
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

_LEAST_LISTED = 9
"""A row of so many digits behind a comma is a second number, if it exists and is as long as the first."""

_SECOND_NUMBER = re.compile(r"\A\s*[+0(]|\A\s|\d[\s().-]+\d")
_NOT_DIGIT = re.compile(r"\D+")
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
    if not plain.isdecimal() and is_moment(plain):
        return Number(Kind.INVALID, None, raw)
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
        # With its label a number is no row of digits, and its hyphens would look like those between lines.
        text = without_labels(address.text)
        if (number := self.bare(text, address)) is not None:
            return number
        if (inner := only_extension(text)) and self.is_internal(inner):
            return Number(Kind.EXTENSION, inner, self.raw)
        parts = cut(text)
        if parts is None:
            return self.with_letters(text, address)
        return None if self.is_other_number(parts, address) else self.cut_in_two(parts, address)

    def cut_in_two(self, parts: Cut, address: Address) -> Number | None:
        """A number and what follows it."""
        base = without_labels(parts.base)
        if both := self.with_end(base, parts, address):
            return both
        number = self.bare(base, address) or self.with_letters(base, address)
        return number and self.with_tail(number, parts, address)

    def with_end(self, base: str, parts: Cut, address: Address) -> Number | None:
        """A number and, behind a comma, the end of a second one in the same area (`123-45-67, 123-45-68`)."""
        rest = parts.rest.strip()
        if address.is_uri or parts.mark not in {",", ";"} or not is_written_end(rest):
            return None
        number = self.bare(f"{base}/{rest}", address)
        return number if number is not None and len(number.candidates) > 1 else None

    def with_tail(self, number: Number, parts: Cut, address: Address) -> Number | None:
        """A number with what follows it. `*` and `#` behind a short number make a code, not an extension."""
        found = replace(number, ext=parts.ext or address.ext)
        if number.kind is Kind.EMERGENCY:
            return found
        if number.kind is not Kind.E164:
            return None if parts.mark in {"*", "#"} else replace(found, partial=bool(parts.ext))
        if parts.mark not in {"*", "#", ",", ";"}:
            return replace(found, partial=True) if not parts.mark and parts.rest else found
        digits = "".join(filter(str.isdecimal, parts.ext))
        longer = (each for each in self.readings_of(parts.base + digits) if each.exists)
        other = any(each.value not in number.candidates for each in longer)
        return replace(found, partial=other or len(digits) >= _LEAST_SECOND_NUMBER)

    def bare(self, text: str, address: Address) -> Number | None:
        """A text of digits and separators only, by the order of the questions."""
        written = digits_of(text)
        if written is None:
            return self.public(text, None, address)
        if found := self.public_service(text, written, address):
            return found
        number = ruled(written, self.plan.rules)
        found = self.as_dialled(text, number, address)
        if found is not None and number is not written and ruled(number, self.plan.rules) is not number:
            # a rule that would apply to its own result (and change it at each reading) applies to neither
            number, found = written, self.as_dialled(text, written, address)
        return found or self.public(text, number, address)

    def as_dialled(self, text: str, number: Digits, address: Address) -> Number | None:
        """A number that is no public one: withheld, emergency, short or internal."""
        if is_withheld_digits(number.text):
            return self.nobody(number.text)
        if found := self.public_service(text, number, address):
            return found
        if number.plus or not number.lone or not self.is_internal(number.text):
            return None
        if self.is_in_area(number, address):
            return None
        return Number(Kind.EXTENSION, number.text, self.raw, address.ext)

    def public_service(self, text: str, number: Digits, address: Address) -> Number | None:
        """An emergency number or a public short code; the PBX's rules never change one."""
        if number.plus or len(number.text) > LONGEST_SHORT:
            return None
        if not number.lone and not _SPELT_OUT.fullmatch(text):
            return None
        if is_emergency(number.text, self.region):
            return Number(Kind.EMERGENCY, number.text, self.raw, address.ext)
        if is_public_short_code(number.text, self.region):
            return Number(Kind.SHORT, number.text, self.raw, address.ext)
        return None

    def public(self, text: str, number: Digits | None, address: Address) -> Number | None:
        """A public number, or several lines of one; `number` are the digits of the text as one number."""
        whole: Sequence[Reading] = ()
        if number is not None:
            whole = self.in_context(number, address.context) or self.outside(number, text)
        if may_have_lines(text) or ("-" in text and not any(each.likely for each in whole)):
            whole = lines(text, self.readings_of, whole) or whole
        return self.from_readings(whole, text, address.ext) if whole else None

    def outside(self, number: Digits, text: str) -> Sequence[Reading]:
        """The readings of a number after the rules, with and without the outside line's digits.

        What a rule has put in front is the rule's, so `text` must begin with them.
        """
        found = readings(number, self.region)
        line = self.plan.outside_line
        if not line or not _NOT_DIGIT.sub("", text).startswith(number.text[: len(line)]):
            return found
        return without_line(number, text, line, found, lambda behind: readings(behind, self.region))

    def is_in_area(self, number: Digits, address: Address) -> bool:
        """Whether a short number's `tel:` address names more than a country, and the two make a number."""
        context = address.context
        code = calling_code(context) if context else None
        return code is not None and len(context) > len(code) + 1 and bool(self.in_context(number, context))

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
        return () if number is None else self.outside(ruled(number, self.plan.rules), text)

    def with_letters(self, text: str, address: Address) -> Number | None:
        """A vanity number: letters count as digits only if they make the number, not if they stand by one."""
        found = None if address.is_uri else vanity(text)
        if found is None:
            return None
        dialled, bare = (self.outside(ruled(each, self.plan.rules), each.text) for each in found)
        if any(reading.likely for reading in bare):
            return None
        existing = [reading for reading in dialled if reading.exists]
        return self.from_readings(existing, text, address.ext) if existing else None

    def is_other_number(self, parts: Cut, address: Address) -> bool:
        """Whether what follows a comma or semicolon is a second number and not digits to send after answer.

        A row of bare digits behind a comma is sent, as a conference's PIN is, unless it begins as numbers do.
        """
        if parts.mark not in {",", ";"} or address.is_uri:
            return False
        rest = parts.rest.strip()
        if parts.mark == "," and not _SECOND_NUMBER.search(parts.rest):
            length = sum(map(str.isdecimal, parts.base))
            alike = all(each.isdecimal() and len(each) == length for each in rest.split(","))
            if not alike or length < _LEAST_LISTED:
                return False
        following = rest.partition(",")[0]
        return any(reading.exists for reading in self.readings_of(following.strip()))

    def several(self, text: str) -> Number | None:
        """The numbers of a text that holds more than one, or None."""
        bare = without_remark(text)
        if bare != text:
            number = self.one(Address(bare)) or self.several(bare)
            return number and replace(number, partial=True)
        cut_up = parted(slashed(text))
        if cut_up != text and (number := self.one(Address(cut_up))):
            return number
        parts = separate(cut_up)
        marked = len(parts) > 1
        if not marked:
            parts = [part for part in cut_up.split("/") if part.strip()]
        if len(parts) == 1:
            return self.in_a_row(cut_up)
        if len(parts) > _MOST_PARTS:
            return None
        found = [None if is_withheld(part) else self.one(unwrap(part)) for part in map(str.strip, parts)]
        numbers = [number for number in found if number is not None]
        if not marked and not (numbers and all(map(self.is_like_number, parts, found))):
            return None
        left_out = any(
            each is None or each.kind is not Kind.E164
            for part, each in zip(parts, found, strict=True)
            if any(map(str.isdecimal, part))
        )
        return _merged(numbers, partial=left_out)

    def is_like_number(self, text: str, number: Number | None) -> bool:
        """Whether a part between slashes is a public number, or written as one that no plan has."""
        if number is not None:
            return number.kind is Kind.E164
        written = digits_of(without_labels(text.strip()))
        return written is not None and len(written.text) >= _LEAST_LISTED

    def in_a_row(self, text: str) -> Number | None:
        """Numbers with nothing but blanks between them, if they exist and there is one way to part them."""
        home = territory(self.region)
        ways = [
            numbers
            for way in side_by_side(text, home.national_prefix if home else "")
            if (
                numbers := [each for part in way if (each := self.one(Address(part))) and self.is_whole(each)]
            )
            and len(numbers) == len(way)
        ]
        return _merged(ways[0], partial=False) if len(ways) == 1 else None

    def is_whole(self, number: Number) -> bool:
        """Whether a number exists and has one reading."""
        if number.kind is not Kind.E164 or len(number.candidates) != 1 or number.value is None:
            return False
        return any(each.exists for each in readings(Digits(number.value[1:], plus=True), self.region))

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
