"""Which public numbers a string of digits may reach, read the way a careless PBX or carrier would read it.

For the dial guard only: it errs on the side of finding too many. A number that nobody can read as valid
still goes somewhere when it is dialled, since exchanges ignore digits too many at the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from linedesk.numbers import Kind, NumberPlan, national, price_class, read
from linedesk.numbers.plans import LONGEST_E164, Territory, calling_code, owner, territories, territory

DIALLED_MAX = 40
"""The most digits that are ever dialled."""

_SEPARATORS = frozenset(" \t\u00a0\u2007\u202f-\u2010\u2011\u2012\u2013./()[]")
# International access codes in use; a PBX may take any of them whatever its region is.
_ACCESS = ("0011", "011", "010", "009", "810", "00")
_SHORTEST_PUBLIC = 7
_LONGEST_READ = 20  # an access code and the 15 digits of E.164: no exchange looks at more
_SHORTEST_PUBLIC_CODE = 4  # what is dialled on its own, as Italy's 892 and three digits
_SHORTEST_WHOLE = 6  # with fewer digits left, what stands before is no code any more
_SURELY_WHOLE = 9  # national digits with which a listed range counts though no plan has the number
_ACCESS_BEHIND_PREFIX = ("0011", "011", "00")
# What a phone sends before a number to choose a carrier; only where numbers of fewer than 7 digits are dear,
# since longer ones are found behind any digits.
_CARRIER = {"IT": re.compile(r"10\d{2,3}")}
_AFTER_STAR = (2, 3, 4)  # digits of a service's code behind `*`


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
    # A `*` or `#` that means nothing may be dropped on the way, so the digits are one run too.
    runs = re.findall(r"\+?[0-9]+", dialled)
    for run in dict.fromkeys([*runs, re.sub("[*#]", "", dialled)]):
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


def behind_prefix(dialled: str, plan: NumberPlan) -> tuple[str, ...]:
    """Every public number, as `+` and digits, that some end of `dialled` is complete for.

    For texts that are no number: networks take codes before one (withhold the caller id, choose a carrier:
    `141`, `*67`, `01033`), and nobody lists them all. Digits too many at the end are ignored here too.
    """
    home = territory(plan.region.upper())
    runs = [(match[0], match.start()) for match in re.finditer("[0-9]+", dialled)]
    found: dict[str, None] = {}
    for run, at in [*runs, (re.sub("[^0-9]", "", dialled), 0)]:
        signs = dialled[at - 1 : at]
        strong = _after_codes(run, plan, star=signs in {"*", "#"})
        # Behind a plus begins a calling code, which `reachable` reads.
        for start in range(1 if signs == "+" else 0, len(run)):
            end = run[start : start + _LONGEST_READ]
            if len(end) < (_SHORTEST_PUBLIC_CODE if start in strong else _SHORTEST_WHOLE):
                continue
            found.update(dict.fromkeys(_complete_abroad(end, home)))
            if home is not None:
                least = _SHORTEST_PUBLIC_CODE if start in strong else min(len(end), _SHORTEST_PUBLIC)
                found.update(dict.fromkeys(_complete_at_home(end, home, least)))
    return tuple(found)


def _after_codes(run: str, plan: NumberPlan, *, star: bool) -> frozenset[int]:
    """Where in `run` a number of its own begins for certain."""
    strong = {0, *_AFTER_STAR} if star else {0}
    carrier = _CARRIER.get(plan.region.upper())
    for start in sorted(strong):
        for length in range(1, len(run) - start + 1) if carrier is not None else ():
            if carrier is not None and carrier.fullmatch(run, start, start + length):
                strong.add(start + length)
    return frozenset(strong)


def _complete_abroad(digits: str, home: Territory | None) -> Iterator[str]:
    ends = [len(code) for code in _ACCESS_BEHIND_PREFIX if digits.startswith(code)]
    if home is not None and home.international_prefix is not None:
        match = home.international_prefix.match(digits)
        ends += [match.end()] if match is not None else []
    for end in dict.fromkeys(ends):
        value = "+" + digits[end:].lstrip("0")
        code = calling_code(value)
        lengths = [length for each in territories(code or "") for length in each.lengths]
        if code is not None and lengths and len(value) - 1 - len(code) >= min(lengths):
            yield value


def _complete_at_home(digits: str, home: Territory, least: int) -> Iterator[str]:
    """The numbers of the own country that `digits` begin with as they are dialled there."""
    bare = home.national(digits)
    as_dialled = bare != digits or not home.national_prefix
    for length in range(min(len(bare), LONGEST_E164 - len(home.calling_code)), least - 1, -1):
        value = f"+{home.calling_code}{bare[:length]}"
        whole = owner(home.calling_code, bare[:length]) is not None
        if as_dialled and (whole or (length >= _SURELY_WHOLE and price_class(value).denied_by_default)):
            yield value
        elif whole and re.sub("[^0-9]", "", national(value, home.region)) == bare[:length]:
            yield value  # dialled without the trunk prefix, as Australia's 1900 is
