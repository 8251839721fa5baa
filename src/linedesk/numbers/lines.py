"""Several lines in one text: numbers written out side by side, and `0212345678/79` for two lines.

A number written out whole counts like any other. A short end stands for the line whose last digits it
gives: that is a reading and no stored number, so it is never sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from linedesk.numbers.public import Reading

ReadOne = Callable[[str], Sequence[Reading]]
"""The readings of a text as one public number; empty when it is none."""

_BETWEEN_NUMBERS = re.compile(r"\s*(?::::|[\n|;,])\s*|\s+(?=\+)|(?<=[\d)\]])(?=\+\d)|\s{2,}(?=[+0(])")
_OR_WORDS = re.compile(
    r"(?<=[\d)\]])\s+(?:o|or|oder|ou|oppure|und|and|e|et|y|u|i|en|eller|och|og|bzw\.?|&|\+(?=\s+0))\s+(?=[+\d(\[]|-\d)",
    re.IGNORECASE,
)
_STRONG_CUT = re.compile(r"\s*[/\\~]\s*|\s+-\s+")
_HYPHEN = re.compile(r"(?<=\d)-(?=\d)")
_WRITTEN_END = re.compile(r"\d{2,4}(?:[ .-]\d{2,4})+")
_SHORT_END = re.compile(r"-?\s*(\d[\d\s.-]*)")
_ZERO_LINE = re.compile(r"(.*\d\s*)[-/]\s*0")
_ROWS = re.compile(r"[+(\d][\d\s().+-]*")
_BEGINS = "+0("
_LEAST_ROW = 7
_LEAST_ALIKE = 9
_MOST_PIECES = 12
"""A text of more pieces is no list of lines; trying every cut of it would cost time for nothing."""

_LONGEST_END = 7
_LONGEST_LIKELY_END = 4
_LEAST_LIKELY_DIGITS = {"/": 8, "-": 9}
"""With fewer digits before a slash or a spaced dash, what follows is more likely the same number's."""

DIRECT_DIAL_CODES = ("+49", "+43")
"""Germany and Austria, where a dash leads to the extension within a company's number."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    begins: int  # where in the text the cut before it begins
    cut: str  # what that cut is: "/", "-" or "" for the first piece
    spaced: bool  # a slash, or a dash with blanks around it


def separate(text: str) -> list[str]:
    """The parts of a text between marks that only separate numbers; one part when there are none."""
    return [part for part in _BETWEEN_NUMBERS.split(text) if part.strip()]


def side_by_side(text: str, trunk: str) -> list[tuple[str, ...]]:
    """The ways to part a text of digits at its blanks into whole numbers; `trunk`: the region's trunk prefix.

    Rows of digits are parted only if each is as long as a number, and written as one is: with the trunk
    prefix, where the region has a zero for it, or as long as its neighbours. Groups are parted before a zero
    or a bracket, if the first number begins with one too or is a single row: an account's number is neither.
    """
    rows = text.split()
    if _ROWS.fullmatch(text) is None or not 2 <= len(rows) <= _MOST_PIECES:
        return []
    if all(_is_row(row, _LEAST_ROW) for row in rows):
        alike = len({len(row) for row in rows}) == 1 and _is_row(rows[0], _LEAST_ALIKE)
        return [tuple(rows)] if trunk != "0" or alike or all(row[0] in _BEGINS for row in rows) else []
    found: list[tuple[str, ...]] = []
    half = len(rows) // 2
    shape = [len(row) for row in rows]
    # two halves of one shape, unless it is that of a card's number
    if (
        shape[:half] == shape[half:]
        and (half > 2 or len(set(shape)) > 1)
        and (trunk != "0" or text[0] in _BEGINS)
    ):
        return [(" ".join(rows[:half]), " ".join(rows[half:]))]
    for at in range(1, len(rows)):
        first, second = " ".join(rows[:at]), " ".join(rows[at:])
        alone = at == 1 and _is_row(first, _LEAST_ALIKE)
        if second[0] in _BEGINS and (first[0] in _BEGINS or alone):
            found.append((first, second))
    return found


def _is_row(text: str, least: int) -> bool:
    return sum(map(str.isdecimal, text)) >= least


def slashed(text: str) -> str:
    """`text` with its words for "or" and "and" between numbers as slashes."""
    return _OR_WORDS.sub(" / ", text)


def may_have_lines(text: str) -> bool:
    """Whether a slash or a spaced dash may part two lines, though the digits may be one number."""
    if "-" not in text and "/" not in text and "\\" not in text and "~" not in text:
        return False
    return _STRONG_CUT.search(text) is not None


def stands_for_board(text: str, value: str) -> str | None:
    """The E.164 number that a written `-0` of Germany or Austria at the end of `text` stands for."""
    if value.startswith(DIRECT_DIAL_CODES) and value.endswith("0") and _ZERO_LINE.fullmatch(text):
        return value[:-1]
    return None


def lines(text: str, read_one: ReadOne, whole: Sequence[Reading]) -> tuple[Reading, ...]:
    """The numbers of `text` cut at its slashes and spaced dashes, else at its hyphens; empty when the cuts
    make no sense.

    `whole` are the readings of the text as one number: they win unless the cut is the likelier one, and
    the loser stays as a reading if it exists.
    """
    return _cut_at(_STRONG_CUT, text, read_one, whole) or _cut_at(_HYPHEN, text, read_one, whole)


def is_written_end(text: str) -> bool:
    """Whether a text is grouped as the end of a number is, without an area code: `123-45-67`."""
    return _WRITTEN_END.fullmatch(text) is not None and sum(map(str.isdecimal, text)) <= _LONGEST_END


def _cut_at(
    cuts: re.Pattern[str], text: str, read_one: ReadOne, whole: Sequence[Reading]
) -> tuple[Reading, ...]:
    pieces = list(_pieces(cuts, text))
    if len(pieces) > _MOST_PIECES:
        return ()
    whole = [reading for reading in whole if reading.likely]
    for end in range(1, len(pieces)):
        first = text[: pieces[end].begins]
        head = [reading for reading in read_one(first) if reading.likely]
        if not head or (whole and not _is_likelier(first, pieces[end:], head[0].value)):
            continue
        if following := _following(pieces[end:], first, head[0].value, read_one):
            others = [replace(reading, sure=False) for reading in whole if reading.exists]
            return (*head, *following, *others)
    return ()


def _pieces(cuts: re.Pattern[str], text: str) -> Iterator[_Piece]:
    start, begins, cut, spaced = 0, 0, "", False
    for match in cuts.finditer(text):
        yield _Piece(text[start : match.start()], begins, cut, spaced)
        start, begins, cut = match.end(), match.start(), "-" if "-" in match[0] else "/"
        spaced = match[0] != "-"
    yield _Piece(text[start:], begins, cut, spaced)


def _is_likelier(first: str, rest: Sequence[_Piece], value: str) -> bool:
    """Whether a text that is one number by its digits is still more likely a number and short ends."""
    ends = [_end_digits(piece) for piece in rest]
    if not rest[0].spaced or None in ends:
        return False
    if value.startswith(DIRECT_DIAL_CODES) and (rest[0].cut == "-" or ends == ["0"]):
        return False
    digits = sum(map(str.isdecimal, first))
    longest = max(len(end or "") for end in ends)
    return digits >= _LEAST_LIKELY_DIGITS[rest[0].cut] and longest <= _LONGEST_LIKELY_END


def _following(pieces: Sequence[_Piece], base: str, value: str, read_one: ReadOne) -> list[Reading]:
    """What follows a number: numbers of their own, or ends of the last one. Empty if one piece is neither."""
    found: list[Reading] = []
    for piece in pieces:
        own = [reading for reading in read_one(piece.text) if reading.likely]
        if own and sum(map(str.isdecimal, piece.text)) >= _LONGEST_END:
            found += own
            base, value = piece.text, own[0].value
            continue
        end = _end_digits(piece)
        line = _with_end(base, value, end, read_one) if end else None
        if line is None:
            return []
        found.append(Reading(line, sure=False))
    return found


def _with_end(base: str, value: str, end: str, read_one: ReadOne) -> str | None:
    """The number whose last digits are `end`; after a written `-0` the end takes the zero's place."""
    zero = _ZERO_LINE.fullmatch(base) if value.startswith(DIRECT_DIAL_CODES) else None
    if zero is None and len(end) >= len(value) - 2:
        return None
    written = zero[1] + end if zero else value[: -len(end)] + end
    line = next(iter(read_one(written)), None)
    return line.value if line is not None and line.likely else None


def _end_digits(piece: _Piece) -> str | None:
    match = _SHORT_END.fullmatch(piece.text.strip())
    if match is None:
        return None
    digits = "".join(filter(str.isdecimal, match[1]))
    return digits if len(digits) <= _LONGEST_END else None
