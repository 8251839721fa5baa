"""How a number was looked up and why each contact won or lost, as `explain` of docs/protocol.md. Pure.

It tells what was found; it finds nobody itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from linedesk.contacts.evidence import Evidence, Why, best, evidence
from linedesk.contacts.hits import Hit, Shown
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.persons import Reading
from linedesk.numbers import (
    Certainty,
    Kind,
    Number,
    NumberPlan,
    lookup_keys,
    read,
    switchboard_keys,
)

_BOARD = "board:"
Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A lookup to explain. `shown`: the entries offered, best first; `near`: contacts that lost.

    `hidden`: hits in books that the agent in question may not see; empty in what an agent is told. `pick` is
    the contact's id that this agent chose before, `colleague` the name of who has this internal number.
    """

    text: str
    number: Number
    plan: NumberPlan
    shown: Sequence[Shown]
    near: Sequence[Contact] = ()
    hidden: Sequence[Hit] = ()
    pick: str | None = None
    colleague: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What the sentences need: the catalogue, the apps' names, how stored numbers are read."""

    words: Words
    title: Callable[[str], str]
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Verdict:
    verdict: str
    why: Evidence
    reasons: tuple[str, ...]
    place: int | None = None


def explanation(lookup: Lookup, telling: Telling) -> dict[str, Any]:
    """The document: how the number was looked up, then candidates in the order of the list."""
    return {
        **basis(lookup.text, lookup.number, lookup.plan, telling.words),
        "candidates": [
            *_offered(lookup, telling),
            *(_hidden(hit, lookup, telling) for hit in lookup.hidden),
            *_lost(lookup, telling),
        ],
    }


def basis(text: str, number: Number, plan: NumberPlan, words: Words) -> dict[str, Any]:
    """How `text` was read as `number`, and what it is looked up by: readings, keys, switchboards."""
    return {
        "kind": number.kind.value,
        "notes": list(_notes(text, number, plan, words)),
        "readings": [{"value": each, "certain": each not in number.possible} for each in _values(number)],
        "keys": [{"key": key.text, "certainty": key.certainty.value} for key in lookup_keys(number)],
        "switchboards": [key for key in switchboard_keys(number) if not key.startswith(_BOARD)],
    }


def applied(text: str, plan: NumberPlan, words: Words) -> tuple[str, ...]:
    """Which of the PBX's rules changed how `text` is read, told by reading it without them."""
    bare = replace(plan, rules=(), outside_line="")
    plain = _sense(text, bare)
    told: list[str] = []
    for rule in plan.rules:
        if _sense(text, replace(bare, rules=(rule,))) != plain:
            message = "match.rule" if rule.replace else "match.rule_off"
            told.append(words(message, prefix=rule.prefix, replace=rule.replace))
            break  # only the first rule that fits is applied
    if plan.outside_line and _sense(text, replace(plan, outside_line="")) != _sense(text, plan):
        told.append(words("match.outside_line", prefix=plan.outside_line))
    return tuple(told)


def _sense(text: str, plan: NumberPlan) -> tuple[Kind, str | None, tuple[str, ...]]:
    number = read(text, plan)
    return number.kind, number.value, number.candidates


def _notes(text: str, number: Number, plan: NumberPlan, words: Words) -> Iterator[str]:
    yield from applied(text, plan, words)
    for value in _values(number):
        yield words("match.reading_possible" if value in number.possible else "match.reading", value=value)
    if not lookup_keys(number):
        yield words(f"match.nobody_{number.kind.value}")


def _values(number: Number) -> Sequence[str]:
    return number.candidates or ([number.value] if number.value is not None else [])


def _offered(lookup: Lookup, telling: Telling) -> Iterator[dict[str, Any]]:
    sure = sum(each.certainty is Certainty.SURE for each in lookup.shown)
    chosen = any(_has(each, lookup.pick) for each in lookup.shown)
    for place, shown in enumerate(lookup.shown, 1):
        for hit in shown.hits:
            why, number = _why(hit, lookup, telling)
            reasons = [sentence(why, telling.words), *_about(hit, shown, lookup, telling)]
            if shown.certainty is Certainty.SURE and sure > 1 and not chosen:
                reasons.append(telling.words("match.several", count=sure))
            elif shown.certainty is not Certainty.SURE and sure:
                reasons.append(telling.words("match.behind_sure"))
            verdict = _Verdict(shown.certainty.value, why, tuple(reasons), place)
            yield _candidate(hit.contact, number, verdict, telling)


def _hidden(hit: Hit, lookup: Lookup, telling: Telling) -> dict[str, Any]:
    why, number = _why(hit, lookup, telling)
    reasons = [sentence(why, telling.words), telling.words("match.hidden", account=hit.contact.book)]
    return _candidate(hit.contact, number, _Verdict("hidden", why, tuple(reasons)), telling)


def _lost(lookup: Lookup, telling: Telling) -> Iterator[dict[str, Any]]:
    offered = {hit.contact.id for shown in lookup.shown for hit in shown.hits}
    for contact in lookup.near:
        if contact.id in offered:
            continue
        at, why = best(
            evidence(telling.reading(contact.book, each.raw), contact.type, lookup.number)
            for each in contact.numbers
        )
        number = contact.numbers[at] if contact.numbers else None
        verdict = _Verdict("rejected", replace(why, key=""), (sentence(why, telling.words),))
        yield _candidate(contact, number, verdict, telling)


def _why(hit: Hit, lookup: Lookup, telling: Telling) -> tuple[Evidence, ContactNumber | None]:
    """The evidence of a hit, by the number that the directory says it was."""
    number = next((each for each in hit.contact.numbers if each.raw == hit.raw), None)
    number = number or ContactNumber(hit.raw, hit.label)
    if hit.board:
        return Evidence(Why.SWITCHBOARD, hit.key.removeprefix(_BOARD)), number
    found = evidence(telling.reading(hit.contact.book, number.raw), hit.contact.type, lookup.number)
    if found.key == hit.key:
        return found, number
    # Stored under another plan than the agent's: the key counts, whatever it would be read as now.
    sure = {key.text for key in lookup_keys(lookup.number) if key.certainty is Certainty.SURE}
    if hit.certainty is Certainty.SURE:
        return Evidence(Why.OWNS, hit.key), number
    return Evidence(Why.READING_OF_STORED if hit.key in sure else Why.READING_OF_CALLER, hit.key), number


def _about(hit: Hit, shown: Shown, lookup: Lookup, telling: Telling) -> Iterator[str]:
    words, title = telling.words, telling.title
    contact, records = hit.contact, shown.entry.records
    if lookup.colleague is not None and hit.internal and hit.certainty is not Certainty.SURE:
        yield words("match.elsewhere", extension=lookup.number.value, name=lookup.colleague)
    others = [title(each.app) for each in records if each.id != contact.id]
    if others:
        yield words("match.same_person", apps=", ".join(others), app=title(shown.entry.head.app))
    if contact.archived:
        yield words("match.archived", app=title(contact.app))
    if contact.blocked:
        yield words("match.blocked", app=title(contact.app))
    if _has(shown, lookup.pick):
        yield words("match.remembered")
    elif any(_has(each, lookup.pick) for each in lookup.shown):
        yield words("match.other_remembered")


def _has(shown: Shown, contact_id: str | None) -> bool:
    return any(each.id == contact_id for each in shown.entry.records)


def sentence(why: Evidence, words: Words) -> str:
    """The evidence for a person."""
    return words(f"match.{why.why.value}", shared=why.key)


def _candidate(
    contact: Contact, number: ContactNumber | None, verdict: _Verdict, telling: Telling
) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name or contact.company,
        "type": contact.type.value,
        "app": contact.app,
        "app_title": telling.title(contact.app),
        "account": contact.book,
        "number": number.raw if number is not None else None,
        "label": number.label if number is not None else "",
        "key": verdict.why.key or None,
        "verdict": verdict.verdict,
        "why": verdict.why.why.value,
        "place": verdict.place,
        "reasons": list(verdict.reasons),
    }
