"""A planner for small books that is slow and plain: what `sync.plan` must come to, told once more.

It knows no slices, no lanes and no fast ways, and reads nothing of what the planner keeps in its links but
which records they tie and what actions did. What both sides last agreed on it keeps by itself. It has texts
and one tag for an action; people have one e-mail each, by which they are paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.sync.model import Applied, Link, MappingRow, Side
from linedesk.sync.policies import Blanks, Conflict, Deletes
from linedesk.sync.rules import Action, Condition, Do, Rule, Test
from sync.plan_house import Houses

Write = tuple[str, str, str, str]
"""Side, "create", "update" or "delete", the record that is written (of a new one its source), its fields."""


@dataclass
class Naive:
    """`base`: by link id and row key what both sides last agreed on. `kept`: links of which a record is gone
    and the other one was left."""

    base: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def plan(self, houses: Houses) -> list[Write]:
        """The writes of a run; what is agreed on after it is kept."""
        run = _Run(houses, self)
        for link in houses.links.values():
            run.linked(link)
        run.unlinked()
        return sorted(run.writes)

    def name(self, links: Iterable[Link]) -> None:
        """After the run: what was agreed on by pairs that had no link before goes by their links."""
        for link in links:
            for key in (f"{link.a_id}+{link.b_id}", f"{link.a_id}+", f"+{link.b_id}"):
                if key in self.base:
                    self.base[link.id] = self.base.pop(key)


class _Run:
    def __init__(self, houses: Houses, naive: Naive) -> None:
        self.houses, self.naive = houses, naive
        self.connection = houses.connection
        self.books: Mapping[Side, dict[str, Record]] = {Side.A: dict(houses.crm), Side.B: dict(houses.book)}
        self.writes: list[Write] = []
        self.left: dict[Side, set[str]] = {side: set() for side in Side}

    def add(self, side: Side, what: str, record_id: str, fields: Mapping[str, object]) -> None:
        if fields or what == "delete":
            self.writes.append((side.value, what, record_id, repr(sorted(fields.items()))))

    def rules(self, side: Side, source: Record, *, exists: bool) -> list[Rule]:
        """The rules towards `side` that take a record of the other one."""
        if not self.connection.direction.writes(side):
            return []
        all_rules = self.connection.rules or (Rule("", Side.A), Rule("", Side.B))
        return [rule for rule in all_rules if rule.to is side and _takes(rule, source, exists=exists)]

    def linked(self, link: Link) -> None:
        a, b = self.books[Side.A].get(link.a_id), self.books[Side.B].get(link.b_id)
        if a is not None and b is not None:
            self.naive.kept.discard(link.id)
            self.pair(link.id, a, b, link)
        elif a is not None or b is not None:
            gone, record = (Side.B, a) if a is not None else (Side.A, b)
            assert record is not None
            self.one_gone(link, gone, record)

    def pair(self, key: str, a: Record, b: Record, link: Link | None) -> None:
        rules = {
            Side.A: self.rules(Side.A, b, exists=True),
            Side.B: self.rules(Side.B, a, exists=True),
        }
        ways = {side for side in Side if rules[side]}
        fields: dict[Side, dict[str, object]] = {side: {} for side in Side}
        base = self.naive.base.setdefault(key, {})
        for row in self.houses.rows if ways else ():
            told = {Side.A: a.text(row.a), Side.B: b.text(row.b)}
            written = [s for s in Side if self.connection.direction.writes(s) and row.direction.writes(s)]
            if not written:
                base.pop(row.key, None)  # it joins nothing any more, so nothing is agreed on
                continue
            to = self.row(
                row, written, told, base.get(row.key), {Side.A: a.modified_ms, Side.B: b.modified_ms}
            )
            if to == "wait" or (isinstance(to, Side) and to not in ways):
                continue
            if isinstance(to, Side):
                fields[to][row.a if to is Side.A else row.b] = told[to.other]
                told[to] = told[to.other]
            base[row.key] = (told[Side.A], told[Side.B])
        for side, record in ((Side.A, a), (Side.B, b)):
            fields[side] |= self.tags(side, record, rules[side], link)
            self.add(side, "update", record.id, fields[side])

    def row(
        self,
        row: MappingRow,
        written: list[Side],
        told: Mapping[Side, str],
        base: tuple[str, str] | None,
        times: Mapping[Side, int | None],
    ) -> Side | str | None:
        """The side that gets the other one's value; "wait"; or None: nothing is to be done."""
        blanks = row.blanks or self.connection.blanks
        had = dict(zip(Side, base, strict=True)) if base is not None else {}
        if told[Side.A] == told[Side.B]:
            return None
        if len(written) == 1:
            (to,) = written
            if had == told:
                return None
            is_kept = not told[to.other] and not (
                blanks is Blanks.ALWAYS or (blanks is Blanks.CLEARED and had.get(to.other))
            )
            return None if is_kept else to
        changed = [side for side in Side if side not in had or told[side] != had[side]]
        if base is not None and blanks is Blanks.NEVER:
            changed = [side for side in changed if told[side]]
        if len(changed) < 2:
            return changed[0].other if changed else None
        full = [side for side in Side if told[side]]
        if base is None and len(full) == 1:
            by_policy = self.winner(row, times)
            return full[0] if blanks is Blanks.ALWAYS and by_policy is full[0].other else full[0].other
        winner = self.winner(row, times)
        return winner.other if winner is not None else "wait"

    def winner(self, row: MappingRow, times: Mapping[Side, int | None]) -> Side | None:
        match row.conflict or self.connection.conflict:
            case Conflict.ASK:
                return None
            case Conflict.A:
                return Side.A
            case Conflict.B:
                return Side.B
        a, b = times[Side.A], times[Side.B]
        if a is None or b is None or a == b:
            return self.connection.tie
        return Side.A if a > b else Side.B

    def tags(self, side: Side, record: Record, rules: list[Rule], link: Link | None) -> dict[str, object]:
        """The one tag that an action gives, and takes back."""
        if not self.connection.direction.writes(side):
            return {}
        wanted = {action.key: action.value for rule in rules for action in rule.actions}
        did = {} if link is None else {k: v for k, v in link.applied.items() if v.side is side}
        now = _tags(record)
        stale = {
            tag for key, each in did.items() if key.partition(":")[2] not in wanted for tag in _words(each)
        }
        after = [tag for tag in now if tag not in stale]
        after += [tag for key, tag in wanted.items() if f"{side}:{key}" not in did and tag not in now]
        return {} if after == list(now) else {"tags": tuple(after)}

    def one_gone(self, link: Link, gone: Side, record: Record) -> None:
        side = gone.other
        was = self.houses.last[link.a_id if gone is Side.A else link.b_id]
        is_first = link.id not in self.naive.kept
        self.naive.kept.add(link.id)
        policy = self.connection.deletes
        is_taken = bool(self.rules(side, was, exists=True))
        if policy is Deletes.PROPAGATE and is_first and is_taken and self.is_as_agreed(link, side, record):
            self.add(side, "delete", record.id, {})
            return
        if policy is Deletes.TAG and is_taken:
            tag = Rule(
                "", side, None, (_delete_tag(self.connection.a if gone is Side.A else self.connection.b),)
            )
            self.add(side, "update", record.id, self.tags(side, record, [tag], link))
        self.left[side].add(record.id)

    def is_as_agreed(self, link: Link, side: Side, record: Record) -> bool:
        base = self.naive.base.get(link.id, {})
        for row in self.houses.rows:
            had = base.get(row.key, ("", ""))[side is Side.B]
            if record.text(row.a if side is Side.A else row.b) != had:
                return False
        return True

    def unlinked(self) -> None:
        linked = {
            Side.A: {link.a_id for link in self.houses.links.values()},
            Side.B: {link.b_id for link in self.houses.links.values()},
        }
        free = {s: {i: r for i, r in self.books[s].items() if i not in linked[s]} for s in Side}
        by_email = {
            s: {r.text("email"): r for i, r in self.books[s].items() if i in free[s] or i in self.left[s]}
            for s in Side
        }
        for a in free[Side.A].values():
            b = by_email[Side.B].get(a.text("email"))
            if b is not None and b.id in free[Side.B]:
                self.meet(a, b)
        for side in Side:
            for record in free[side].values():
                if record.text("email") not in by_email[side.other]:
                    self.new(side, record)

    def meet(self, a: Record, b: Record) -> None:
        if self.rules(Side.A, b, exists=True) or self.rules(Side.B, a, exists=True):
            self.pair(f"{a.id}+{b.id}", a, b, None)

    def new(self, side: Side, record: Record) -> None:
        to = side.other
        rules = self.rules(to, record, exists=False)
        if not rules or (record.id in self.houses.foreign and not self.connection.pass_on):
            return
        fields: dict[str, object] = {}
        base: dict[str, tuple[str, str]] = {}
        for row in self.houses.rows:
            source, target = (row.a, row.b) if side is Side.A else (row.b, row.a)
            value = record.text(source)
            if row.direction.writes(to):
                fields |= {target: value} if value else {}
                base[row.key] = (value, value)
        fields |= self.tags(to, Record("", {}), rules, None)
        self.naive.base[f"{record.id}+" if side is Side.A else f"+{record.id}"] = base
        self.add(to, "create", record.id, fields)


def _takes(rule: Rule, source: Record, *, exists: bool) -> bool:
    """Whether the rule takes a record: everyone, who is in a group, or who has a counterpart."""
    if rule.when is None:
        return True
    assert isinstance(rule.when, Condition)
    if rule.when.test is Test.EXISTS:
        return exists
    assert rule.when.test is Test.MEMBER
    return not set(rule.when.values).isdisjoint(_tags(source))


def _words(applied: Applied) -> tuple[str, ...]:
    """The tags that an action gave."""
    assert isinstance(applied.after, tuple)
    return tuple(str(each) for each in applied.after)


def _tags(record: Record) -> tuple[str, ...]:
    held = record.fields.get("tags") or ()
    assert isinstance(held, tuple)
    return tuple(str(each) for each in held)


def _delete_tag(account: str) -> Action:
    return Action(Do.ADD, "tag", f"Deleted in {account}", revert=True)
