"""What a record offers to be recognised by on the other side: ids, numbers, name, e-mails, company. Pure.

Fields are found by their kind, mapped or not. Only sure readings of public numbers count: an extension
belongs to one PBX.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from linedesk.apps.records import FieldKind, Record
from linedesk.numbers import Certainty, lookup_keys, read
from linedesk.sync.model import Known, PairBy, is_link_id
from linedesk.sync.texts import folded_name, plain
from linedesk.sync.transforms import TRANSFORMS
from linedesk.sync.values import as_text, texts_of

_MOST_NUMBERS = 40
"""Of a record with more numbers than this the rest is not looked at."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`external_id` is one of Linedesk's own or "". Names are folded: tuples of words."""

    external_id: str
    numbers: frozenset[str]
    name: tuple[str, ...]
    emails: frozenset[str]
    company: tuple[str, ...]

    def keys(self, by: PairBy) -> frozenset[Hashable]:
        """What two records that are paired in this way have at least one of in common."""
        match by:
            case PairBy.EXTERNAL_ID:
                return frozenset({self.external_id} if self.external_id else ())
            case PairBy.NUMBER_AND_NAME:
                return frozenset((number, self.name) for number in self.numbers if self.name)
            case PairBy.EMAIL:
                return self.emails
            case PairBy.NAME_AND_COMPANY:
                return frozenset({(self.name, self.company)} if self.name and self.company else ())


def evidence(record: Record, known: Known, *, external_ids: bool = True, numbers: bool = True) -> Evidence:
    """What `record` of the side `known` offers. Without `numbers` none is read: each takes 0.03 ms."""
    return Evidence(
        external_id=own_id(record, known) if external_ids else "",
        numbers=frozenset(_numbers(record, known) if numbers else ()),
        name=name_of(record, known),
        emails=frozenset(plain(text).casefold() for text in _texts(record, known, FieldKind.EMAIL)),
        company=folded_name(next(_texts(record, known, FieldKind.COMPANY), "")),
    )


def name_of(record: Record, known: Known) -> tuple[str, ...]:
    """The record's folded name, or that of what stands in for it."""
    names = [info for info in known.fields.values() if info.kind is FieldKind.NAME]
    if len(names) == 1:
        words = as_text(TRANSFORMS["name"].tell(record, names[0], known.fields).value)
    else:
        words = " ".join(_texts(record, known, FieldKind.NAME))
    return folded_name(words)


def own_id(record: Record, known: Known) -> str:
    """The Linedesk id that the record holds, "" if none: what others wrote there is theirs."""
    held = record.text(known.external_id_field) if known.external_id_field else ""
    return held if is_link_id(held) else ""


def _texts(record: Record, known: Known, kind: FieldKind) -> Iterator[str]:
    for info in known.fields.values():
        if info.kind is kind:
            yield from texts_of(record.fields.get(info.name))


def _numbers(record: Record, known: Known) -> Iterator[str]:
    for index, text in enumerate(_texts(record, known, FieldKind.PHONE)):
        if index == _MOST_NUMBERS:
            return
        for key in lookup_keys(read(text, known.plan)):
            if key.certainty is Certainty.SURE and key.text.startswith("+"):
                yield key.text
