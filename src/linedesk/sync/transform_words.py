"""What a transform is made of: what it is given, what it tells, and what it needs to be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.numbers.model import NumberPlan
from linedesk.sync.fitting import Made
from linedesk.sync.model import MappingRow, Side

Fields = Mapping[str, FieldInfo]
REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a record gives for a field. `stands_in`: the label of another field that gave it instead."""

    value: Value
    stands_in: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a transform works on. `plan` is how the source account writes numbers.

    `held`: what the target field has now, so that what the source can't tell of is kept. `target_plan`: how
    the target's account writes numbers; None: as the source's.
    """

    value: Value
    source: FieldInfo
    target: FieldInfo
    plan: NumberPlan
    options: Mapping[str, Any]
    held: Value = None
    target_plan: NumberPlan | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a row's `options`."""

    name: str
    sentence: str
    required: bool = True


Half = Callable[[Given], Made]


def _nothing_wrong(row: MappingRow, a: FieldInfo, b: FieldInfo) -> Iterator[str]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform. `sentence` tells an administrator what it does.

    `make` is for towards B and `back` for towards A, where it is another. `one`: many values become one.
    `keeps`: a single value that goes into a list takes the first place there, the others stay. `ways`: the
    sides that it can write. `oriented`: its two sides are not alike, so a mirrored row is `reversed`. `fits`:
    whether a source's field can go into a target's; None: by their kinds. `check` gives sentences on options.
    """

    name: str
    sentence: str
    make: Half
    tell: Callable[[Record, FieldInfo, Fields], Told]
    back: Half | None = None
    one: bool = False
    keeps: bool = False
    ways: frozenset[Side] = frozenset(Side)
    oriented: bool = False
    fits: Callable[[FieldInfo, FieldInfo], bool] | None = None
    options: tuple[Option, ...] = ()
    check: Callable[[MappingRow, FieldInfo, FieldInfo], Iterator[str]] = _nothing_wrong

    def half(self, *, back: bool) -> Half:
        """The making towards B, or the way back."""
        return self.back if back and self.back is not None else self.make
