"""What the actions of matched rules come to on a target record, and what is taken back. Pure.

An action is done once: what it did is kept (`Link.applied`), so a person who undoes it by hand is left
alone. What no rule wants any more is taken back if it was asked for (`Applied.revert`) and nobody changed it
since. Actions are computed on what the record will hold after the sync's own changes (`drafted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from linedesk.apps.records import FieldInfo, FieldKind, Record, Value
from linedesk.sync.acting_values import fitted, joined, left, left_by, taken_back
from linedesk.sync.memberships import field_of_groups, membership, named
from linedesk.sync.model import Applied, Known, Side
from linedesk.sync.rules import GROUP_MARK, Action, Do, Rule, effects
from linedesk.sync.values import same


@dataclass(frozen=True, slots=True)
class Acted:
    """What actions change on the target, on top of what was drafted.

    `fields`: name or membership -> (before, after), before as the target holds it now, None for a new one.
    `applied`: what becomes of `Link.applied`, None: forgotten; it may change although no field does. `rule`:
    the first rule that brought something about. `missing`: fields of the target that actions need and that
    are not read yet; those actions are not done now.
    """

    fields: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    applied: Mapping[str, Applied | None] = field(default_factory=dict)
    rule: str = ""
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def act(
    rules: Sequence[Rule],
    target: Record | None,
    known: Known,
    applied: Mapping[str, Applied],
    side: Side,
    *,
    drafted: Mapping[str, Value] | None = None,
) -> Acted:
    """What the matched `rules` do on `target`, a record of `side` (None: a new one with `drafted`).

    Of two rules with the same or the opposite effect the first decides.
    """
    kept = {key: each for key, each in applied.items() if each.side is side} if applied else {}
    if not kept and not any(rule.actions for rule in rules):
        return Acted()
    wanted = effects(rules)
    work = _Work(target, known, side, drafted or {})
    for key, each in kept.items():
        if each.revert and key.partition(":")[2] not in wanted:
            work.take_back(key, each)
    for rule, action in wanted.values():
        work.do(rule, action, kept.get(f"{side}:{action.key}"))
    return work.acted()


class _Work:
    """The target as it becomes while one action after the other is done."""

    def __init__(self, target: Record | None, known: Known, side: Side, drafted: Mapping[str, Value]) -> None:
        self._target = target
        self._known = known
        self._side = side
        self._drafted = drafted
        self._now: dict[str, Value] = {}
        self._applied: dict[str, Applied | None] = {}
        self._rules: list[str] = []
        self._notes: list[str] = []
        self._missing: dict[str, None] = {}

    def acted(self) -> Acted:
        fields = {
            name: (self._before(name), value)
            for name, value in self._now.items()
            if not self._same(name, self._at_first(name), value)
        }
        rule = self._rules[0] if self._rules else ""
        return Acted(fields, self._applied, rule, tuple(self._notes), tuple(self._missing))

    def do(self, rule: Rule, action: Action, old: Applied | None) -> None:
        """Do what `action` says, unless it was done (`old`)."""
        if action.do is Do.SET:
            did = self._set(action, old)
        else:
            did = self._regroup(action) if old is None else None
        if did is not None:
            self._applied[f"{self._side}:{action.key}"] = replace(did, rule=rule.name, revert=action.revert)
            self._rules.append(rule.name)

    def take_back(self, key: str, old: Applied) -> None:
        """Undo what an action did, if it is still so; then it is forgotten."""
        name, now = old.field, self._at_present(old.field)
        info = self._known.fields.get(name)
        if name.startswith(GROUP_MARK):
            after: Value = old.before  # it can't be wrong, whether or not the members are known
        elif info is None or info.read_only:
            self._notes.append(f'What rule "{old.rule}" did can\'t be taken back: {name} is not writable.')
            after = now
        elif not self._is_told(name):
            return
        elif key.split(":")[1] == Do.SET:
            after = old.before if self._same(name, now, left_by(old)) else now
        else:
            after = taken_back(now, old.before, left_by(old), info)
        self._applied[key] = None
        if not self._same(name, now, after):
            self._now[name] = after
            self._rules.append(old.rule)

    def _set(self, action: Action, old: Applied | None) -> Applied | None:
        info = self._writable(action.name)
        if info is None or not self._is_told(info.name):
            return None
        made = fitted(action.value, info)
        self._notes += made.notes
        now = self._at_present(info.name)
        if made.left_out or self._same(info.name, now, made.value):
            return None
        before = now
        if old is not None:
            if self._same(info.name, old.after, made.value):
                return None
            before = old.before if self._same(info.name, left_by(old), now) else now
        self._now[info.name] = made.value
        return Applied(self._side, info.name, before, made.value, "")

    def _regroup(self, action: Action) -> Applied | None:
        joins = action.do is Do.ADD
        groups = field_of_groups(self._known.fields, action.name)
        if groups is None:
            return self._regroup_there(action, joins=joins)
        info = self._writable(groups.name)
        if info is None or not self._is_told(info.name):
            return None
        now = self._at_present(info.name)
        if bool(named(now, action.value)) is joins:
            return None
        made, before, after = (joined if joins else left)(now, action.value, info)
        self._now[info.name] = made
        return Applied(self._side, info.name, before, after, "")  # type: ignore[arg-type]

    def _regroup_there(self, action: Action, *, joins: bool) -> Applied | None:
        """A membership that stands on no field of the record."""
        if action.name not in self._known.group_kinds:
            self._notes.append(f"{self._known.account} has no {action.name}; nothing is done with it.")
            return None
        name = membership(action.name, action.value, self._known.members)
        if not self._is_told(name) or self._at_present(name) is joins:
            return None
        self._now[name] = joins
        return Applied(self._side, name, not joins, joins, "")

    def _writable(self, name: str) -> FieldInfo | None:
        info = self._known.fields.get(name)
        if info is not None and not info.read_only:
            return info
        why = f"{info.label} can only be read" if info is not None else f"there is no field {name}"
        self._notes.append(f"In {self._known.account} {why}; nothing is set there.")
        return None

    def _is_told(self, name: str) -> bool:
        """Whether the present value is known; one that is not is asked for."""
        if self._target is None or name in self._now or name in self._drafted:
            return True
        told = (
            name in self._known.members if name.startswith(GROUP_MARK) else name not in self._target.missing
        )
        if not told:
            self._missing[name] = None
        return told

    def _at_present(self, name: str) -> Value:
        return self._now[name] if name in self._now else self._at_first(name)

    def _at_first(self, name: str) -> Value:
        """As drafted, else as the target holds it."""
        if name in self._drafted:
            return self._drafted[name]
        return False if self._target is None and name.startswith(GROUP_MARK) else self._before(name)

    def _before(self, name: str) -> Value:
        if self._target is None:
            return None
        if not name.startswith(GROUP_MARK):
            return self._target.fields.get(name)
        return self._target.id in self._known.members.get(name, ())

    def _same(self, name: str, one: Value, other: Value) -> bool:
        info = self._known.fields.get(name)
        return same(one, other, info.kind if info is not None else FieldKind.CHECKBOX, self._known.plan)
