"""Deleted records that may have been merged into others, where the app names no winner (S23). Pure.

Another record of the same side that holds the e-mail or a number of the one that vanished may be what it
became. A person says; until then nothing is deleted and nothing made.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Mapping

from linedesk.apps.records import FieldKind, Record
from linedesk.sync.answers import pair_of
from linedesk.sync.deletes import leave, plan_counterpart
from linedesk.sync.evidence import Evidence, Witness
from linedesk.sync.in_step import bring_in_step
from linedesk.sync.model import Answer, Link, Question, Side, SkipKind, Waiting
from linedesk.sync.pairing import MOST_CANDIDATES
from linedesk.sync.parts import STEPS, in_parts
from linedesk.sync.policies import Deletes
from linedesk.sync.standing import Standing, standing
from linedesk.sync.values import texts_of
from linedesk.sync.work import Work, end, tied

_TAIL = 6
"""So many digits at the end of a public number are the same in each of its spellings."""

Holders = Mapping[str, frozenset[str]]
Name = tuple[str, ...]


def plan_vanished(work: Work, links: Iterable[Link], gone: Side) -> Generator[None, None, None]:
    """Plan links whose record of `gone` was just deleted, while that of the other side is there."""
    links = tuple(links)
    holders: Holders = {}
    if not work.known(gone).names_merge_winner:
        holders = yield from _holders(work, gone, [end(link, gone) for link in links])
    yield from in_parts(
        links, lambda link: _plan(work, link, gone, holders.get(end(link, gone), frozenset()))
    )


def _plan(work: Work, link: Link, gone: Side, holders: frozenset[str]) -> None:
    vanished, counterpart = end(link, gone), end(link, gone.other)
    said = work.said.vanished.get((gone, vanished))
    chosen = said.chosen_id if said is not None and said.answer is Answer.SAME else None
    for each in holders:
        if work.said.is_same(pair_of(gone, each, counterpart)):
            chosen = each
    if chosen is not None:
        _go_on(work, link, gone, chosen)
        return
    if said is not None and said.answer is Answer.SKIP:
        work.skip(gone, vanished, "A person said to leave it alone.", SkipKind.PERSON)
        return
    denied = frozenset(said.candidates) if said is not None else frozenset()
    work.said.different |= {pair_of(gone, each, counterpart) for each in denied}
    left = [each for each in holders if pair_of(gone, each, counterpart) not in work.said.different]
    if not left:
        plan_counterpart(work, link, gone)
        return
    for each in left:
        work.asked[gone].setdefault(each, counterpart)
    candidates = tuple(sorted(left)[:MOST_CANDIDATES])
    reason = (
        f"It is gone from {work.known(gone).account}, which does not tell of merges, and another record "
        "there has its e-mail or number: say whether it became that one."
    )
    work.waiting.append(Waiting(gone, vanished, candidates, reason, Question.MERGED))


def _go_on(work: Work, link: Link, gone: Side, chosen: str) -> None:
    """A person said what the record became. Two links can't name one record (S6)."""
    if chosen in work.linked[gone] or standing(work.known(gone), chosen) is not Standing.HERE:
        leave(work, link, gone)
        return
    work.linked[gone].add(chosen)
    work.held[gone.other].pop(end(link, gone.other), None)
    moved = tied(link, *pair_of(gone, chosen, end(link, gone.other)))
    bring_in_step(work, moved, link, "A person said that the record it was linked with became this one.")


def _holders(work: Work, gone: Side, vanished: Iterable[str]) -> Generator[None, None, Holders]:
    """By vanished record, those of its side that hold its e-mail or a number of it."""
    known = work.known(gone)
    witness = Witness(known, external_ids=False)
    was: dict[str, Evidence] = {}
    for record_id in vanished:
        last = known.records.get(record_id) or known.last.get(record_id)
        if last is not None:
            was[record_id] = witness.evidence(last)
    holders: dict[Hashable, dict[str, Name]] = {key: {} for found in was.values() for key in _keys(found)}
    if not holders:
        return {}
    hint = _Hint(work, gone, holders)

    def look(record: Record) -> None:
        if not hint.may_hold(record) or standing(known, record.id) is not Standing.HERE:
            return
        found = witness.evidence(record)
        for key in _keys(found):
            if key in holders:
                holders[key][record.id] = found.name

    yield from in_parts(known.records.values(), look, STEPS)
    is_left = work.connection.deletes is Deletes.NEVER or not work.is_source(gone)
    return {one: _may_be(found, holders, is_left=is_left) for one, found in was.items()}


def _may_be(
    found: Evidence, holders: Mapping[Hashable, Mapping[str, Name]], *, is_left: bool
) -> frozenset[str]:
    """Who may be what a record became. `is_left`: its counterpart is left as it is, whatever a person says.

    Then a number that several others hold, as a switchboard's, is worth a question only with the same name.
    """
    ids: set[str] = set()
    for key in _keys(found):
        of_key = holders[key]
        is_shared = key in found.numbers and len(of_key) > 1
        ids.update(each for each, name in of_key.items() if not (is_left and is_shared) or name == found.name)
    return frozenset(ids)


def _keys(found: Evidence) -> Iterable[Hashable]:
    return (*found.emails, *found.numbers)


class _Hint:
    """Says quickly whether a record may hold one of the keys; to read a number takes 0.03 ms."""

    def __init__(self, work: Work, side: Side, keys: Iterable[Hashable]) -> None:
        texts = [str(key) for key in keys]
        fields = work.known(side).fields.values()
        self._emails = frozenset(texts)
        self._tails = frozenset(_digits(text)[-_TAIL:] for text in texts if text.startswith("+"))
        self._email_fields = [info.name for info in fields if info.kind is FieldKind.EMAIL]
        self._phone_fields = [info.name for info in fields if info.kind is FieldKind.PHONE]

    def may_hold(self, record: Record) -> bool:
        return any(self._emails_of(record)) or any(self._numbers_of(record))

    def _emails_of(self, record: Record) -> Iterable[bool]:
        for name in self._email_fields:
            for text in texts_of(record.fields.get(name)):
                yield text.strip().casefold() in self._emails or not text.isascii()

    def _numbers_of(self, record: Record) -> Iterable[bool]:
        for name in self._phone_fields if self._tails else ():
            for text in texts_of(record.fields.get(name)):
                digits = _digits(text)
                yield any(digits[at : at + _TAIL] in self._tails for at in range(len(digits) - _TAIL + 1))


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
