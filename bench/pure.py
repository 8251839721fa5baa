"""The pure parts: reading a number beside a plain library call, and feeding the tracker beside a copy."""

from __future__ import annotations

import time
from collections.abc import Callable

import phonenumbers

from bench.stage import PLAN, number_of, ring
from bench.table import Row
from linedesk.numbers import read


def measure(rounds: int) -> list[Row]:
    """Rows of single calls, in seconds."""
    texts = [number_of(i) for i in range(rounds)]
    return [
        Row(
            "read a number",
            _times(lambda i: read(texts[i], PLAN), rounds),
            "phonenumbers parse + valid + format",
            _times(lambda i: _library(texts[i]), rounds),
        ),
        _decode(rounds),
    ]


def _library(text: str) -> str:
    number = phonenumbers.parse(text, "GB")
    phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _decode(rounds: int) -> Row:
    import json

    from linedesk.pbx.wildix.events import decode

    bodies = [ring(i, "10001", number_of(i), 1_764_000_000_000 + i) for i in range(rounds)]
    return Row(
        "decode an event",
        _times(lambda i: decode("office", bodies[i]), rounds),
        "json.loads",
        _times(lambda i: json.loads(bodies[i]), rounds),
    )


def _times(work: Callable[[int], object], rounds: int) -> list[float]:
    samples = []
    for i in range(rounds):
        started = time.perf_counter()
        work(i)
        samples.append(time.perf_counter() - started)
    return samples
