"""How the company wants its callers matched: what an administrator sets. Pure data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from linedesk.numbers import Certainty

TAG_MAX = 200
"""Characters: a pattern is tried on no longer tag, so that it ends soon."""


class TagFinds(StrEnum):
    """What the text that a tag carries is: a phone number, or the id of a record in an app."""

    NUMBER = "number"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class TagRule:
    """How a call's tag names the caller (a customer number keyed in at the IVR, say).

    `pattern` is a regular expression for a whole tag; its first group, else the tag itself, is looked up.
    `book` limits the search to one account ("": all that the agent may see). `certainty`: how a hit is shown.
    """

    pattern: str
    finds: TagFinds = TagFinds.NUMBER
    book: str = ""
    certainty: Certainty = Certainty.POSSIBLE


@dataclass(frozen=True, slots=True)
class TagText:
    """What one tag asks for, by one rule."""

    tag: str
    text: str
    rule: TagRule


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """`open_first`: accounts, the one whose page of a person in several apps opens first at the head.

    Accounts that it does not name follow by name.
    """

    open_first: tuple[str, ...] = ()

    def rank(self, account: str) -> tuple[int, str]:
        """Sorts accounts: those named first, in their order."""
        named = self.open_first
        return (named.index(account) if account in named else len(named), account)


def asked_by(tags: Sequence[str], rules: Sequence[TagRule]) -> tuple[TagText, ...]:
    """What `tags` ask for: of each tag the first rule that fits it; no tag longer than `TAG_MAX` asks."""
    found: list[TagText] = []
    for tag in dict.fromkeys(tags):
        if len(tag) > TAG_MAX:
            continue
        for rule in rules:
            match = re.fullmatch(rule.pattern, tag.strip())
            if match is None:
                continue
            text = (match[1] if match.re.groups and match[1] is not None else match[0]).strip()
            if text:
                found.append(TagText(tag, text, rule))
                break
    return tuple(found)
