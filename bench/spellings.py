"""Reading a number in every spelling of the case files, beside a plain library call on the same texts.

Their digits are changed from round to round, so that no cache knows a text before.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import phonenumbers

from bench.table import Row, quantile
from linedesk.numbers import NumberPlan, read

CASES = Path(__file__).parents[1] / "tests" / "data"
MOST_OF_FLOOR = 3
_CHANGED_DIGITS = 3
_LEAST_DIGITS = 8  # of a text that may be changed: short numbers and codes stay what they are


def measure(rounds: int) -> list[Row]:
    """One row; `rounds` times every line, each read once."""
    chance = random.Random(4)
    lines = [
        (case["input"], case["region"])
        for name in ("numbers.jsonl", "numbers_more.jsonl")
        for case in map(json.loads, (CASES / name).read_text(encoding="utf-8").splitlines())
    ]
    plans = {region: NumberPlan(region) for _, region in lines}
    mine, floor = [], []
    for text, region in lines:  # compiles the plans of all regions on both sides
        read(text, plans[region])
        _library(text, region)
    for _ in range(rounds):
        for line, region in lines:
            text = _changed(line, chance)
            started = time.perf_counter()
            read(text, plans[region])
            between = time.perf_counter()
            _library(text, region)
            mine.append(between - started)
            floor.append(time.perf_counter() - between)
    met = quantile(mine, 0.5) <= MOST_OF_FLOOR * quantile(floor, 0.5)
    target = f"median <= {MOST_OF_FLOOR} x floor"
    return [Row("read a number, spellings of the case files", mine, "phonenumbers.parse", floor, target, met)]


def _library(text: str, region: str) -> None:
    """The call alone; what it can't read costs it the time until it says so."""
    try:
        phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return


def _changed(text: str, chance: random.Random) -> str:
    """`text` with its last digits changed, if it is a plain number of some length."""
    if not text.isascii() or sum(map(str.isdecimal, text)) < _LEAST_DIGITS:
        return text
    signs = list(text)
    places = [at for at, sign in enumerate(signs) if sign.isdecimal()]
    for at in places[-_CHANGED_DIGITS:]:
        signs[at] = str(chance.randrange(10))
    return "".join(signs)
