"""A tree of conditions on one record, in three-valued logic: holds, fails, or can't be told yet. Pure.

An `all` with one condition that fails has failed, whatever is not read yet; an `any` with one that holds
holds. Every "not" is pushed down to the conditions (De Morgan), so that a sentence tells facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linedesk.apps.records import Record
from linedesk.sync.conditions_leaves import Finding, Look, leaf
from linedesk.sync.model import Known
from linedesk.sync.rules import All, AnyOf, Condition, Not, When

MOST = 3
"""So many facts or rules a trace tells; of the rest it tells the number."""


def tree(when: When, source: Known, *, negated: bool = False) -> Look:
    """`when`, or that it does not hold, on records of `source`."""
    match when:
        case Condition():
            return leaf(when, source, negated=negated)
        case Not(of):
            return tree(of, source, negated=not negated)
        case All(of) | AnyOf(of):
            looks = tuple(tree(each, source, negated=negated) for each in of)
            if len(looks) == 1:
                return looks[0]
            return _until(looks, deciding=isinstance(when, AnyOf) is not negated)


def conditions(when: When | None) -> Iterator[Condition]:
    """Every condition of a tree, in order."""
    match when:
        case None:
            return
        case Condition():
            yield when
        case Not(of):
            yield from conditions(of)
        case All(of) | AnyOf(of):
            for each in of:
                yield from conditions(each)


def together(facts: Sequence[str]) -> str:
    """Some facts as one; the number of those that are too many."""
    told = [*dict.fromkeys(facts)]
    more = [f"{len(told) - MOST} more"] if len(told) > MOST else []
    return ", and ".join([*told[:MOST], *more])


def _until(looks: Sequence[Look], *, deciding: bool) -> Look:
    """`deciding` True: one that holds is enough (any); False: one that fails is (all)."""

    def look(record: Record, exists: bool) -> Finding:
        others: list[Finding] = []
        for each in looks:
            found = each(record, exists)
            if found.holds is deciding:
                return found
            others.append(found)
        unsure = [found for found in others if found.holds is None]
        if not unsure:
            says = together([found.says for found in others])
            return Finding(
                not deciding, says or ("there is no condition" if deciding else "it is asked nothing")
            )
        missing = dict.fromkeys(name for found in unsure for name in found.missing)
        return Finding(None, together([found.says for found in unsure]), tuple(missing))

    return look
