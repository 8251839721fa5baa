"""Two-way books for the planner's tests, empty or with one linked person who has a tag on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from linedesk.sync.model import Side
from linedesk.sync.rules import Condition, Rule, Test
from sync.plan_house import TWO_WAY, Houses

ADA: dict[str, Any] = {"name": "Ada Example", "email": "ada@example.test"}
VIP = Condition(Test.MEMBER, "tag", ("vip",))
ONLY_VIPS = (Rule("VIPs", Side.B, VIP), Rule("VIPs back", Side.A, VIP))


def houses(**settings: Any) -> Houses:
    return Houses(connection=replace(TWO_WAY, **settings))


def linked(**settings: Any) -> tuple[Houses, str, str]:
    both = houses(**settings)
    ada = both.add(**ADA, phone="045 1234567", tags=("vip",))
    both.run()
    book_id = both.counterpart(ada).id
    both.edit(book_id, tags=("vip",))
    return both, ada, book_id
