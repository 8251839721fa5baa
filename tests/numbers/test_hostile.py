"""A caller's name or a CRM field of any shape must not hold the event loop."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from linedesk.numbers import NumberPlan, read

PIECES = [
    "(", "1/", "1-", "1 - ", "1,", "1 ext ", "tel. ", "(a) ", "1 or ", "<sip:", "1@", "1;a=b", "+1 ",
    "212-555-0142/", "1 ", "1x", "0xx", "1 tel. ", "1 ext 2/", "+1", "[1]", "1.", "tel:", "a ", "1 (a)", "=",
    "no number ", "１", "\u202d1", "1~", "1\n", "0",
]  # fmt: skip
MOST_CPU_S = 40
MORE_CALLS = 6
"""Four times the text may cost this many times the calls: no more than in proportion, and what is fixed."""

_READ_ALL = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
from linedesk.numbers import NumberPlan, read
for text in json.load(sys.stdin):
    for region in ("US", "IT", "DE"):
        read(text, NumberPlan(region))
"""


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, `work` calls."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_a_longer_hostile_text_costs_calls_in_proportion(piece: str) -> None:
    plan = NumberPlan("US")
    short, long = ((piece * 512)[:length] for length in (128, 512))
    for text in (short, long):
        read(text, plan)  # fills the caches
    assert calls(lambda: read(long, plan)) <= MORE_CALLS * calls(lambda: read(short, plan))


@pytest.mark.parametrize("text", ["(" * 160 + "1" * 320, "1 " * 256, "((1-" * 128])
def test_no_pattern_goes_over_a_long_text_again_and_again(text: str) -> None:
    """A text out of an event is read while popups wait; the limit is far above what it takes."""
    began = time.process_time()
    read(text, NumberPlan("IT"))
    assert time.process_time() - began < 0.4


def test_hostile_texts_come_to_an_end() -> None:
    """Patterns that go back over a text again and again would take hours: here they are cut off."""
    texts = [(piece * 512)[:512] + end for piece in PIECES for end in ("", "1", "x", ")", ".", "0212345678")]
    result = subprocess.run(
        [sys.executable, "-c", _READ_ALL, str(MOST_CPU_S)],
        input=json.dumps(texts),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
