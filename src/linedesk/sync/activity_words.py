"""What is told of contacts to the people who watch: kinds of events, how a record stands, its title. Pure.

An event says that something became so. While it stays so nothing more is said (S2); how each record that
is not simply in step stands is kept for that.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import chain

from linedesk.apps.records import FieldInfo, FieldKind, Record
from linedesk.sync.model import Op, Plan, Problem, Question, Side, SkipKind
from linedesk.sync.parts import LIGHT
from linedesk.sync.values import as_text

_TITLE_MAX = 200
_CALLED_BY = (FieldKind.COMPANY, FieldKind.EMAIL, FieldKind.PHONE)


class Kind(StrEnum):
    """What happened. `SOLVED`: it waits, fails or is braked no more. Of `UNDONE` a write was taken back."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNDONE = "undone"
    EXCLUDED = "excluded"
    INCLUDED = "included again"
    WAITING = "waiting"
    CONFLICT = "conflict"
    FAILING = "failing"
    SOLVED = "solved"
    BRAKED = "braked"
    PAUSED = "paused"
    RESUMED = "resumed"


OF_WRITES = {Op.CREATE: Kind.CREATED, Op.UPDATE: Kind.UPDATED, Op.DELETE: Kind.DELETED}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the record of `side`, or, without a side, to the whole connection.

    `title`: the record as people know it. `entry`: the journal's row, for writes.
    """

    kind: Kind
    run: int
    side: Side | None = None
    record_id: str = ""
    title: str = ""
    reason: str = ""
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands that is not simply in step, or, without a side, the whole connection."""

    side: Side | None
    record_id: str
    kind: Kind
    reason: str

    @property
    def key(self) -> tuple[Side | None, str]:
        return self.side, self.record_id


Key = tuple[Side | None, str]


def standings_of(plan: Plan, refused: Mapping[Key, Problem]) -> Iterator[Standing]:
    """How the records of a plan stand that may be written; the last one said of a record counts.

    `refused`: what an app would not take when it was written.
    """
    for side, record_id, kind, reason in _words(plan, refused.values()):
        yield Standing(side, record_id, kind, reason)


def _words(plan: Plan, refused: Iterable[Problem]) -> Iterator[tuple[Side, str, Kind, str]]:
    for skip in plan.skipped:
        kind = Kind.UNDONE if skip.kind is SkipKind.HELD else Kind.EXCLUDED
        yield skip.side, skip.record_id, kind, skip.reason
    for each in plan.waiting:
        kind = Kind.CONFLICT if each.question is Question.CONFLICT else Kind.WAITING
        yield each.side, each.record_id, kind, each.reason
    for problem in chain(plan.problems, refused):
        yield problem.side, problem.record_id, Kind.FAILING, problem.sentence


def standings_digest(
    plan: Plan, refused: Iterable[Problem], untried: Iterable[Key]
) -> Generator[None, None, str]:
    """A name for all that decides how records stand after a run; pauses by itself.

    Told the same twice, `sync.activity` comes to what it came to before. So what was decided of nothing
    counts too: records that are unread, and those whose changes the run did not come to (`untried`).
    """
    content, buffer = sha256(), list[str]()
    # Lengths first: no text from outside can pass for the end of its own.
    lines = chain(
        (f"{len(i)} {len(why)} {side} {kind} {i}{why}" for side, i, kind, why in _words(plan, refused)),
        (f"unread {len(each.record_id)} {each.side} {each.record_id}" for each in plan.unread),
        (f"untried {len(record_id)} {side} {record_id}" for side, record_id in untried),
    )
    for line in lines:
        buffer.append(line)
        if len(buffer) == LIGHT:
            content.update("".join(buffer).encode("utf-8", "surrogatepass"))
            buffer.clear()
            yield
    content.update("".join(buffer).encode("utf-8", "surrogatepass"))
    return content.hexdigest()


def turn(old: Standing | None, new: Standing | None, *, is_there: bool) -> Kind | None:
    """What became so between two runs; None: nothing that is worth a row.

    `is_there`: the record still exists. That a write was undone is told by the undo itself.
    """
    if new is not None:
        is_news = (old is None or old.kind is not new.kind) and new.kind is not Kind.UNDONE
        return new.kind if is_news else None
    if old is None or not is_there or old.kind is Kind.UNDONE:
        return None
    return Kind.INCLUDED if old.kind is Kind.EXCLUDED else Kind.SOLVED


def why(kind: Kind, old: Standing | None, new: Standing | None) -> str:
    """The sentence of an event that is no write."""
    if new is not None:
        return new.reason
    return f"No longer: {old.reason}" if old is not None and kind is not Kind.INCLUDED else ""


def title_of(record: Record, fields: Mapping[str, FieldInfo]) -> str:
    """The record as people know it: its name, else its company, e-mail or number, else its id."""
    names = [
        text
        for info in fields.values()
        if info.kind is FieldKind.NAME and (text := record.text(info.name).strip())
    ]
    whole = [text for text in dict.fromkeys(names) if not any(_is_part(text, other) for other in names)]
    if whole:
        return " ".join(whole)[:_TITLE_MAX]
    for kind in _CALLED_BY:
        for info in fields.values():
            if info.kind is kind and (text := as_text(record.fields.get(info.name)).strip()):
                return text[:_TITLE_MAX]
    return record.id


def _is_part(text: str, other: str) -> bool:
    """A first name says nothing beside the full name."""
    return text != other and f" {text} " in f" {other} "
