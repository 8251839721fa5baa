"""What other products got wrong in the field, as data with the right answer: `data/sync.jsonl`.

Each line: `crm` and `held` are the contacts before the first run, `steps` what happens before each further
one, `want` how many of each kind every run's plan has (no key: none), `book` what the phonebook holds at the
end. A step changes fields, `null` deletes; a record of the phonebook is named by the contact it was made of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from linedesk.apps.records import Record, RecordState, Value
from linedesk.sync.model import Op, Plan
from sync.plan_house import Houses, as_given

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "data" / "sync.jsonl").read_text("utf-8").splitlines()
]


def _shouted(_: str, value: Value) -> Value:
    return value.upper() if isinstance(value, str) else value


VENDORS = {"as given": as_given, "shouts": _shouted}


@dataclass
class Scene:
    """`ids`: the case's names of records -> their ids."""

    houses: Houses
    ids: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, Record] = field(default_factory=dict)

    def put(self, name: str, fields: dict[str, Any] | None) -> None:
        """Add, change or delete a contact of the CRM."""
        if fields is None:
            del self.houses.crm[self.ids[name]]
        elif name in self.ids:
            self.houses.edit(self.ids[name], **fields)
        else:
            self.ids[name] = self.houses.add(**fields)

    def hold(self, name: str, fields: dict[str, Any]) -> None:
        state = RecordState(fields.pop("state", RecordState.ACTIVE))
        self.ids[name] = self.houses.add_to_book(state, **fields)

    def touch(self, name: str, fields: dict[str, Any] | None) -> None:
        """A person changes or deletes what the phonebook holds of a contact."""
        held = self.houses.counterpart(self.ids[name])
        if fields is None:
            del self.houses.book[held.id]
        else:
            self.houses.edit(held.id, **fields)

    def happen(self, step: dict[str, Any]) -> None:
        for name, fields in step.get("book", {}).items():
            self.touch(name, fields)
        for name, fields in step.get("crm", {}).items():
            self.put(name, fields)
        merged = step.get("merged", {})
        self.houses.crm_merged |= {self.ids[loser]: self.ids[winner] for loser, winner in merged.items()}
        self.houses.whole = not step.get("partial", False)
        for name in ("crm", "book"):
            records = getattr(self.houses, name)
            if step.get("hide") == name:
                self.hidden = dict(records)
                records.clear()
            elif step.get("show") == name:
                records |= self.hidden


def _counts(plan: Plan) -> dict[str, int]:
    ops = [change.op for change in plan.changes]
    found = {
        "create": ops.count(Op.CREATE),
        "update": ops.count(Op.UPDATE),
        "delete": ops.count(Op.DELETE),
        "link": len(plan.linkings),
        "wait": len(plan.waiting),
        "skip": len(plan.skipped),
        "problem": len(plan.problems),
    }
    return {kind: count for kind, count in found.items() if count}


def _in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda fields: (str(fields.get("name")), str(fields.get("office"))))


@pytest.mark.parametrize("case", [pytest.param(each, id=f"{each['id']}: {each['note']}") for each in CASES])
def test_a_case_from_the_field_has_the_right_answer(case: dict[str, Any]) -> None:
    scene = Scene(Houses(normalise=VENDORS[case.get("vendor", "as given")]))
    for name, fields in case.get("held", {}).items():
        scene.hold(name, dict(fields))
    for name, fields in case["crm"].items():
        scene.put(name, fields)
    plans = [scene.houses.run()]
    for step in case.get("steps", ()):
        scene.happen(step)
        plans.append(scene.houses.run())
    assert [_counts(plan) for plan in plans] == case["want"], case["note"]
    scene.houses.whole = True
    assert scene.houses.plan().changes == ()
    if "candidates" in case:
        expected = {scene.ids[name] for name in case["candidates"]}
        assert set(plans[-1].waiting[0].candidates) == expected
    if "said" in case:
        assert case["said"] in plans[-1].skipped[0].reason
    held = _in_order([dict(record.fields) for record in scene.houses.book.values()])
    wanted = _in_order(case["book"])
    assert len(held) == len(wanted)
    for fields, want in zip(held, wanted, strict=True):
        assert {name: fields.get(name) for name in want} == want


def test_G04_two_crms_on_one_phonebook_do_not_copy_each_other() -> None:
    one = Houses()
    for number in range(3):
        one.add(name=f"One {number}", email=f"one{number}@example.com")
    other = replace(one, crm={}, links={}, tied=set(), crm_merged={}, crm_gone=set())
    for number in range(2):
        other.add(name=f"Other {number}", email=f"other{number}@example.com")
    shared = {"name": "Both", "email": "both@example.com"}
    one.add(**shared)
    other.add(**shared)
    for number in range(5):
        one.add_to_book(name=f"Own {number}")
    assert len(one.run().changes) == 4
    assert len(other.run().changes) == 2
    for houses in (one, other, one, other):
        assert houses.run().changes == ()
    assert len(one.book) == 3 + 2 + 1 + 5
    assert (len(one.crm), len(other.crm)) == (4, 3)
