"""The same explanation for a plain list of stored numbers, as `linedesk match --jsonl` is given. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linedesk.contacts.evidence import best, evidence
from linedesk.contacts.explain import Words, basis, sentence
from linedesk.contacts.match import Matches, Stored
from linedesk.numbers import Number, NumberPlan


def explain_stored(
    stored: Sequence[Stored], caller: Number, plan: NumberPlan, found: Matches, words: Words
) -> dict[str, Any]:
    """`explain` of docs/protocol.md for `found`, the answer of `match`. Of several numbers the best counts.

    Candidates have no app and no account here.
    """
    by_contact: dict[str, list[Stored]] = {}
    for entry in stored:
        by_contact.setdefault(entry.contact, []).append(entry)
    order = [*found.sure, *found.possible]
    lost = [contact for contact in by_contact if contact not in order]
    return {
        **basis(caller.raw, caller, plan, words),
        "candidates": [
            _candidate(contact, by_contact[contact], caller, found, words) for contact in (*order, *lost)
        ],
    }


def _candidate(
    contact: str, numbers: Sequence[Stored], caller: Number, found: Matches, words: Words
) -> dict[str, Any]:
    at, why = best(evidence(entry.number, entry.type, caller) for entry in numbers)
    order = [*found.sure, *found.possible]
    reasons = [sentence(why, words)]
    if contact in found.sure and len(found.sure) > 1:
        reasons.append(words("match.several", count=len(found.sure)))
    elif contact in found.possible and found.sure:
        reasons.append(words("match.behind_sure"))
    return {
        "id": contact,
        "type": numbers[at].type.value,
        "number": numbers[at].number.raw,
        "key": why.key if why.certainty is not None else None,
        "verdict": why.certainty.value if why.certainty is not None else "rejected",
        "why": why.why.value,
        "place": order.index(contact) + 1 if contact in order else None,
        "reasons": reasons,
    }
