"""One question to the dial guard, with everything that a test does not name as it usually is."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from linedesk.calls.dial_policy import DialPolicy
from linedesk.calls.guard import DialCounts, Origin, Verdict, judge
from linedesk.numbers import NumberPlan, read

# The first number of a region loads its plan, which takes as long as the machine is busy.
patient = settings(deadline=None)

IT = NumberPlan("IT")
GB = NumberPlan("GB")
US = NumberPlan("US")


def ask(text: str, plan: NumberPlan = IT, origin: str = Origin.DIALPAD, **settings: Any) -> Verdict:
    rest = {
        "policy": DialPolicy(),
        "counts": DialCounts(),
        "confirmed": False,
        "local_hour": 12,
        **settings,
    }
    return judge(rest.pop("policy"), read(text, plan), plan, origin, **rest)
