"""Which public numbers a string of digits may reach, read the way a careless PBX or carrier would read it.

For the dial guard only: it errs on the side of finding too many. A number that nobody can read as valid
still goes somewhere when it is dialled, since exchanges ignore digits too many at the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from linedesk.numbers import Kind, NumberPlan, read
from linedesk.numbers.plans import territory

DIALLED_MAX = 40
"""The most digits that are ever dialled."""

_SEPARATORS = frozenset(" \t\u00a0\u2007\u202f-\u2010\u2011\u2012\u2013./()[]")
# International access codes in use; a PBX may take any of them whatever its region is.
_ACCESS = ("0011", "011", "010", "009", "810", "00")
_SHORTEST_PUBLIC = 7
_LONGEST_READ = 20  # an access code and the 15 digits of E.164: no exchange looks at more


def dialable(text: str) -> str | None:
    """`text` as the digits, `+`, `*` and `#` that would be dialled; None if it holds anything else."""
    kept = []
    for each in unicodedata.normalize("NFKC", text.strip().removeprefix("tel:")):
        digit = unicodedata.decimal(each, None)
        if digit is not None:
            kept.append(str(digit))
        elif each in "+*#":
            kept.append(each)
        elif each not in _SEPARATORS:
            return None
    dialled = "".join(kept)
    return dialled if re.fullmatch(rf"\+?[0-9*#]{{1,{DIALLED_MAX}}}", dialled) else None


def reachable(dialled: str, plan: NumberPlan) -> tuple[str, ...]:
    """Every public number, as `+` and digits, that `dialled` could reach. Most are not valid numbers."""
    found: dict[str, None] = {}
    for run in re.findall(r"\+?[0-9]+", dialled):
        for variant in _without_outside_line(run, plan):
            found.update(dict.fromkeys(_international(variant, plan)))
            found.update(dict.fromkeys(_shortened(variant, plan)))
    return tuple(found)


def _without_outside_line(run: str, plan: NumberPlan) -> Iterator[str]:
    """The run as typed, and without the outside line's digits typed once or twice by habit."""
    yield run
    line = plan.outside_line
    for _ in range(2):
        if not line or not run.startswith(line) or len(run) == len(line):
            return
        run = run[len(line) :]
        yield run


def _international(run: str, plan: NumberPlan) -> Iterator[str]:
    # No country code begins with 0, so zeros after `+` are a doubled access code.
    if run.startswith("+"):
        yield "+" + run[1:].lstrip("0")
        return
    for code in _ACCESS:
        if run.startswith(code):
            yield "+" + run.removeprefix(code).lstrip("0")
    home = territory(plan.region.upper())
    if home is not None and len(run) >= _SHORTEST_PUBLIC:
        for national in dict.fromkeys((home.national(run), run)):
            yield f"+{home.calling_code}{national}"


def _shortened(run: str, plan: NumberPlan) -> Iterator[str]:
    for length in range(min(len(run), _LONGEST_READ), _SHORTEST_PUBLIC - 1, -1):
        number = read(run[:length], plan)
        if number.kind is Kind.E164 and number.value is not None:
            yield from dict.fromkeys((number.value, *number.candidates))
