"""What can be made to go wrong in the in-memory app: one fault a row or request, and text changed on save."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from linedesk.apps.records import Entry, Value
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorTimeout,
    VendorUnreachable,
)


class Fault(StrEnum):
    """What befalls one row of a write, or one request.

    Of a write alone: `REFUSE` (a field is not accepted), `LOST_BEFORE` and `LOST_AFTER` (no answer comes;
    the row is not stored, or it is). Of any request: the others, before it has any effect. Of a page of a
    listing alone: `REPEAT_PAGE` (the page before comes again), `EMPTY_PAGE` (no rows, though more exist).
    """

    REFUSE = "refuse"
    LOST_BEFORE = "lost-before"
    LOST_AFTER = "lost-after"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    AUTH = "auth"
    FORBIDDEN = "forbidden"
    GARBLED = "garbled"
    REPEAT_PAGE = "repeat-page"
    EMPTY_PAGE = "empty-page"


_RAISED: dict[Fault, tuple[type[VendorError], str]] = {
    Fault.TIMEOUT: (VendorTimeout, "didn't answer within 10 s."),
    Fault.UNREACHABLE: (VendorUnreachable, "couldn't be reached."),
    Fault.BUSY: (VendorBusy, "asks to wait."),
    Fault.AUTH: (VendorAuth, "does not accept the key."),
    Fault.FORBIDDEN: (VendorForbidden, "does not allow this with the key."),
    Fault.GARBLED: (VendorGarbled, "answered with data that is damaged or cut off."),
}


def raise_if_request_fails(fault: Fault | None, who: str) -> None:
    """Raise the error of a request that fails as a whole."""
    if fault in _RAISED:
        kind, rest = _RAISED[fault]
        raise kind(f"{who} {rest}")


@dataclass(slots=True)
class Faults:
    """Faults to come. An operation is `list get find external create update delete regroup check fields`.

    `script(op, …)` queues one fault a row (writes), a page (`list`) or a call (others); None: goes well.
    `choose`, when set, is asked instead wherever the queue of an operation is empty; it gets the operation
    and the record's id ("" for a new one). `text` changes what is saved: it gets field name and value.
    `stale_gets`: so many of the next `get` calls answer with each record's value before its last write.
    """

    queues: dict[str, deque[Fault | None]] = field(default_factory=dict)
    choose: Callable[[str, str], Fault | None] | None = None
    text: Callable[[str, Value], Value] | None = None
    stale_gets: int = 0

    def script(self, op: str, *faults: Fault | None) -> None:
        self.queues.setdefault(op, deque()).extend(faults)

    def take(self, op: str, record_id: str = "") -> Fault | None:
        """The fault of the next row, page or call of an operation."""
        queue = self.queues.get(op)
        if queue:
            return queue.popleft()
        return self.choose(op, record_id) if self.choose is not None else None

    def saved(self, name: str, value: Value) -> Value:
        return value if self.text is None else self.text(name, value)

    def clear(self) -> None:
        """From now on everything goes well."""
        self.queues.clear()
        self.choose, self.text, self.stale_gets = None, None, 0


TextChange = Callable[[str, Value], Value]


def _each(value: Value, change: Callable[[str], str]) -> Value:
    if isinstance(value, str):
        return change(value)
    if not isinstance(value, tuple):
        return value
    if any(isinstance(each, Entry) for each in value):
        return tuple(Entry(change(e.value), e.label) for e in value if isinstance(e, Entry))
    return tuple(change(e) for e in value if isinstance(e, str))


def numbers_reformatted(names: Iterable[str] = ("phone", "mobile")) -> TextChange:
    """As an app that groups the digits of what it saves: +390212345678 -> +39 021 234 5678."""
    wanted = frozenset(names)

    def group(text: str) -> str:
        digits = "".join(letter for letter in text if letter.isdigit())
        if not text.startswith("+") or len(digits) < 8:
            return text
        return f"+{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:]}".strip()

    return lambda name, value: _each(value, group) if name in wanted else value


def text_cut(length: int) -> TextChange:
    """As an app that cuts what is too long and says nothing."""
    return lambda _, value: _each(value, lambda text: text[:length])


def spaces_trimmed() -> TextChange:
    """As an app that strips outer white space and folds inner."""
    return lambda _, value: _each(value, lambda text: " ".join(text.split()))


def both(first: TextChange, second: TextChange) -> TextChange:
    return lambda name, value: second(name, first(name, value))
