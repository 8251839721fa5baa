"""What takes past writes back, and what is left alone with its reason (S18). Pure.

A field gets its old value if it still holds what was written; whatever a person did since is never touched.
The words are those of any plan: changes with `undoes`, and what is skipped. Carrying it out is
`sync.undoing`.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from linedesk.apps.records import FieldInfo, FieldKind, Record, Value
from linedesk.sync.content_hash import ContentHash
from linedesk.sync.model import Applied, Change, Known, Link, Op, Side, SkipKind, Skipped
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.rules import GROUP_MARK
from linedesk.sync.standing import Standing, standing
from linedesk.sync.undo_fields import NotHeld, is_spelling, restored
from linedesk.sync.values import is_blank, same

_SLICE = 100
OWN_KINDS = frozenset({FieldKind.CHECKBOX, FieldKind.CHOICE, FieldKind.NUMBER, FieldKind.OWNER, FieldKind.ID})
"""Fields that an app fills by itself in a new record: a value there is nobody's edit."""


@dataclass(frozen=True, slots=True)
class Past:
    """A write that was done. `fields`: name -> (before, after as it was sent). `entry`: its journal row.

    `replaced`: by key, what an earlier write had noted of actions that this one reverted. `read_back`: what
    fields held right after the write, where that is known; an app may spell a text in its own way, or cut it.
    """

    entry: int
    side: Side
    op: Op
    link_id: str
    record_id: str
    source_id: str
    fields: Mapping[str, tuple[Value, Value]]
    applied: Mapping[str, Applied | None] = field(default_factory=dict)
    replaced: Mapping[str, Applied] = field(default_factory=dict)
    read_back: Mapping[str, Value] = field(default_factory=dict)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class SideNow:
    """One side as it is now. `writes`: the connection may write there. `removes`: the app can delete.

    `shared`: records that other connections keep in step too, with the name of one of those.
    """

    known: Known
    writes: bool = True
    removes: bool = True
    shared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undo:
    """`changes` take writes back, in the order in which they are to be made. `left` says what stays.

    `hash` names the changes.
    """

    changes: tuple[Change, ...]
    left: tuple[Skipped, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every write is judged by. `paired`: by side and record id, the link that it is in."""

    undone: Collection[int]
    sides: Mapping[Side, SideNow]
    links: Mapping[str, Link]
    paired: Mapping[tuple[Side, str], str]


class _Stays(Exception):
    """No error: this write is left as it is."""

    def __init__(self, kind: SkipKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def undo_in_slices(
    pasts: Sequence[Past],
    undone: Collection[int],
    sides: Mapping[Side, SideNow],
    links: Mapping[str, Link],
) -> Generator[None, None, Undo]:
    """Take back `pasts`, what was written last first; pauses now and then. `undone`: entries that were taken
    back already."""
    changes: list[Change] = []
    left: list[Skipped] = []
    paired: dict[tuple[Side, str], str] = {}

    def note(link: Link) -> None:
        for side in Side:
            paired[side, id_on(link, side)] = link.id

    yield from in_parts(links.values(), note, LIGHT)
    scene, content = _Scene(undone, sides, links, paired), ContentHash()
    for count, ((side, record_id), writes) in enumerate((yield from _by_record(pasts))):
        back, stays = _record_back(writes, scene)
        changes += back
        for change in back:
            content.add(change)
        left += [Skipped(side, record_id, each.reason, each.kind) for each in stays]
        if count % _SLICE == _SLICE - 1:
            yield
    return Undo(tuple(changes), tuple(left), content.text())


def _by_record(
    pasts: Sequence[Past],
) -> Generator[None, None, list[tuple[tuple[Side, str], list[Past]]]]:
    """The writes of each record, the newest first, like the records themselves."""
    found: dict[tuple[Side, str], list[Past]] = {}
    newest_first = sorted(pasts, key=attrgetter("entry"), reverse=True)
    yield from in_parts(
        newest_first, lambda past: found.setdefault((past.side, past.record_id), []).append(past), LIGHT
    )
    return list(found.items())


def _record_back(writes: Sequence[Past], scene: _Scene) -> tuple[list[Change], list[_Stays]]:
    """What takes back the writes of one record: its fields, and each of its memberships.

    A record that was made and goes again takes its memberships with it.
    """
    changes: list[Change] = []
    left: list[_Stays] = []
    for past in sorted(writes, key=lambda each: (each.op is not Op.CREATE, -each.entry)):
        try:
            if past.entry in scene.undone:
                raise _Stays(SkipKind.HELD, "This write was taken back already.")
            if any(not change.fields.keys().isdisjoint(past.fields) for change in changes):
                raise _Stays(SkipKind.BLOCKED, "It was written twice; undo again for the first write.")
            changes.append(_taken_back(past, scene))
        except _Stays as stays:
            left.append(stays)
            continue
        if past.op is Op.CREATE:
            break
    return changes[::-1], left


def undone_entries(takes_back: Mapping[int, int]) -> frozenset[int]:
    """Entries that count as undone, of `takes_back`: an entry that was done -> the older one it undoes.

    What was undone, and that undone again, counts as done.
    """
    undone: set[int] = set()
    # An entry is always newer than what it undoes: from the newest on, each one's own fate is known.
    for entry in sorted(takes_back, reverse=True):
        if entry not in undone:
            undone.add(takes_back[entry])
    return frozenset(undone)


def id_on(link: Link, side: Side) -> str:
    """The link's record on `side`."""
    return link.a_id if side is Side.A else link.b_id


def _taken_back(past: Past, scene: _Scene) -> Change:
    now = scene.sides[past.side]
    if not now.writes:
        raise _Stays(SkipKind.BLOCKED, f"The connection no longer writes to {now.known.account}.")
    if past.op is Op.CREATE:
        return _unmade(past, now, scene.links.get(past.link_id))
    if past.op is Op.DELETE:
        return _made_again(past, now.known, scene)
    return _put_back(past, now.known, scene.links.get(past.link_id))


def _put_back(past: Past, known: Known, link: Link | None) -> Change:
    """Each field of an update that still holds what was written gets its old value."""
    record = _record(past, known)
    fields: dict[str, tuple[Value, Value]] = {}
    touched: list[str] = []
    for name, (before, _) in past.fields.items():
        pair: tuple[Value, Value] | None
        if name.startswith(GROUP_MARK):
            pair = _membership(known, record, name, bool(before))
        else:
            pair = _field_back(past, known, record, name)
        if pair is None:
            info = known.fields.get(name)
            touched.append(info.label if info is not None else name)
        elif pair[0] is not pair[1]:
            fields[name] = pair
    if not fields:
        if touched:
            raise _Stays(SkipKind.PERSON, f"It was changed since: {', '.join(touched)}.")
        raise _Stays(SkipKind.HELD, "It holds what it held before already.")
    notes = (f"Changed since and left alone: {', '.join(touched)}.",) if touched else ()
    back = _applied_back(past, fields, link)
    why = "An update is taken back."
    return _change(past, Op.UPDATE, fields, why, record=record, notes=notes, back=back)


def _field_back(past: Past, known: Known, record: Record, name: str) -> tuple[Value, Value] | None:
    """What the field holds and what it gets, the same twice if it is as before; None: changed since."""
    info = known.fields.get(name)
    if info is None or info.read_only or name in record.missing:
        return None
    held, (before, _) = record.fields.get(name), past.fields[name]
    if same(held, before, info.kind, known.plan):
        return held, held
    try:
        return held, restored(held, before, _written(past, name, held, known), info, known.plan)
    except NotHeld:
        return None


def _written(past: Past, name: str, held: Value, known: Known) -> Value:
    """What the write left in a field: as the app spelled it, if that is what it holds still, else as sent."""
    sent, read_back = past.fields[name][1], past.read_back.get(name)
    if is_spelling(read_back, sent) and same(held, read_back, known.fields[name].kind, known.plan):
        return read_back
    return sent


def _membership(known: Known, record: Record, name: str, before: bool) -> tuple[Value, Value]:
    """A membership goes back to what it was. Where nobody knows who is in the group, it is written: that
    does nothing to a record that is as it was."""
    members = known.members.get(name)
    if members is not None and (record.id in members) == before:
        return before, before
    return not before, before


def _applied_back(
    past: Past, fields: Mapping[str, tuple[Value, Value]], link: Link | None
) -> dict[str, Applied | None]:
    """What becomes of the link's notes of actions: where the effect goes, its note does.

    Where a person changed what the action did, the note stays, so that it is not done again.
    """
    back: dict[str, Applied | None] = {}
    for key, did in past.applied.items():
        was = past.replaced.get(key)
        effect = did or was
        if link is None or link.applied.get(key) != did or effect is None or effect.field not in fields:
            continue
        back[key] = None if did is not None else was
    return back


def _unmade(past: Past, now: SideNow, link: Link | None) -> Change:
    """A record that was made is deleted if nobody has touched it since."""
    known, record = now.known, _record(past, now.known)
    if not now.removes:
        raise _Stays(SkipKind.BLOCKED, f"{known.account} can't delete records; delete it there by hand.")
    if record.id in now.shared:
        raise _Stays(SkipKind.BLOCKED, f"The connection {now.shared[record.id]} keeps it in step too by now.")
    touched = [*_changed_since(past, known, record), *_added_since(past, known, record)]
    if touched:
        raise _Stays(SkipKind.PERSON, f"It was changed since it was made: {', '.join(touched)}.")
    fields: dict[str, tuple[Value, Value]] = {
        name: (value, None) for name, value in record.fields.items() if name in known.fields
    }
    mine = f"{past.side.value}:"
    notes = link.applied if link is not None else {}
    back = {key: None for key in notes if key.startswith(mine)}
    return _change(past, Op.DELETE, fields, "A new record is taken back.", record=record, back=back)


def _changed_since(past: Past, known: Known, record: Record) -> list[str]:
    return [
        known.fields[name].label
        for name in past.fields
        if name in known.fields
        and name not in record.missing
        and not _holds_still(past, name, record.fields.get(name), known)
    ]


def _holds_still(past: Past, name: str, held: Value, known: Known) -> bool:
    return same(held, _written(past, name, held, known), known.fields[name].kind, known.plan)


def _added_since(past: Past, known: Known, record: Record) -> list[str]:
    """Fields that a person filled: nothing was sent for them, and the app does not fill them itself.

    Those that the app only shows to others count too: its own users may fill them.
    """
    return [
        info.label
        for name, info in known.fields.items()
        if name not in past.fields
        and name != known.external_id_field
        and not info.app_fills
        and info.kind not in OWN_KINDS
        and not is_blank(record.fields.get(name))
    ]


def _made_again(past: Past, known: Known, scene: _Scene) -> Change:
    """A record that was deleted is made again, with a new id, and its link tied to that."""
    link = scene.links.get(past.link_id)
    if _is_there(known, past.record_id):
        raise _Stays(SkipKind.PERSON, "It is there again already.")
    if link is not None and _is_there(known, id_on(link, past.side)):
        raise _Stays(SkipKind.PERSON, "Another record has taken its place.")
    source_id = id_on(link, past.side.other) if link is not None else past.source_id
    if scene.paired.get((past.side.other, source_id), past.link_id) != past.link_id:
        raise _Stays(SkipKind.PERSON, "Its counterpart belongs to another record by now.")
    fields: dict[str, tuple[Value, Value]] = {
        name: (None, before)
        for name, (before, _) in past.fields.items()
        if _is_for_a_new_one(known, known.fields.get(name)) and not is_blank(before)
    }
    lacking = [
        info.label
        for info in known.fields.values()
        if info.required and not info.read_only and info.name not in fields
    ]
    if lacking or not fields:
        what = ", ".join(lacking) or "anything that is known of it"
        raise _Stays(SkipKind.BLOCKED, f"It can't be made again without {what}.")
    return _change(past, Op.CREATE, fields, "A delete is taken back.", source_id=source_id)


def _is_there(known: Known, record_id: str) -> bool:
    """Not so what an app still shows though it deleted it."""
    return record_id in known.records and standing(known, record_id) is not Standing.DELETED


def _is_for_a_new_one(known: Known, info: FieldInfo | None) -> bool:
    return info is not None and not info.read_only and info.name != known.external_id_field


def _record(past: Past, known: Known) -> Record:
    record = known.records.get(past.record_id)
    if record is not None:
        return record
    if past.record_id in known.merged:
        raise _Stays(SkipKind.GONE, f"It was merged into {known.merged[past.record_id]} since.")
    raise _Stays(SkipKind.GONE, f"It is no more in {known.account}.")


def _change(
    past: Past,
    op: Op,
    fields: Mapping[str, tuple[Value, Value]],
    reason: str,
    *,
    record: Record | None = None,
    source_id: str | None = None,
    notes: tuple[str, ...] = (),
    back: Mapping[str, Applied | None] | None = None,
) -> Change:
    return Change(
        side=past.side,
        op=op,
        link_id=past.link_id,
        record_id=record.id if record is not None else None,
        source_id=past.source_id if source_id is None else source_id,
        fields=fields,
        reason=reason,
        notes=notes,
        version=record.version if record is not None else None,
        rule=past.rule,
        applied=back or {},
        undoes=past.entry,
    )
