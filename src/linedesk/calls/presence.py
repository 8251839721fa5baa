"""Which call a telephony presence "talking" answers, and the presence that waits for its call.

Pure. Presence names an extension and no call; it answers only where there is no doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from linedesk.calls.facts import Saying
from linedesk.calls.incarnations import Calls
from linedesk.calls.records import Record
from linedesk.calls.shelf import Shelf

_WAITING_MAX = 8  # for one extension; more would be a phone that only makes calls
_SAME_ANSWER_MS = 3_000  # a body and the presence of one answer are at most this far apart

Waiting = tuple[tuple[int, int], ...]
"""(time by the PBX's clock, heard by ours), ms; oldest first."""


@dataclass(frozen=True, slots=True)
class Presences:
    """Talking presence that fits no call yet, for each account and extension."""

    waiting: Shelf[tuple[str, str], Waiting] = field(default_factory=Shelf)

    def times(self, account: str, extension: str) -> tuple[int, ...]:
        """When the extension was said to talk, epoch ms."""
        return tuple(at_ms for at_ms, _ in self.waiting.get((account, extension)) or ())

    def keep(self, account: str, extension: str, at_ms: int, now_ms: int) -> Presences:
        old = self.waiting.get((account, extension)) or ()
        if any(each == at_ms for each, _ in old):
            return self
        new = tuple(sorted((*old, (at_ms, now_ms)))[-_WAITING_MAX:])
        return Presences(self.waiting.put((account, extension), new))

    def take(self, account: str, extension: str, at_ms: int) -> Presences:
        """Without the presence of that moment: it found its call."""
        left = tuple(w for w in self.waiting.get((account, extension)) or () if w[0] != at_ms)
        return Presences(self._with((account, extension), left))

    def forget(self, before_ms: int) -> Presences:
        """Without what was heard before `before_ms` of our clock."""
        waiting = self
        for key, all_of_it in self.waiting.items():
            left = tuple(each for each in all_of_it if each[1] >= before_ms)
            if len(left) < len(all_of_it):
                waiting = Presences(waiting._with(key, left))
        return waiting

    def _with(self, key: tuple[str, str], left: Waiting) -> Shelf[tuple[str, str], Waiting]:
        return self.waiting.put(key, left) if left else self.waiting.drop(key)


def answered_call(calls: Calls, account: str, extension: str, at_ms: int) -> Record | None:
    """The one call that rang the extension then and that it therefore answered; None in any doubt."""
    records = calls.of_extension(account, extension)
    ringing = [record for record in records if record.rings(extension, at_ms)]
    if len(ringing) != 1:
        return None
    found = ringing[0]
    if extension not in found.story.rung:
        return None  # his own outgoing call: picking up the own phone is no answer
    if any(_explains(record, extension, at_ms) for record in records if record.id != found.id):
        return None
    return found


def _explains(record: Record, extension: str, at_ms: int) -> bool:
    """Did the bodies of another call say by themselves that it was answered at that moment?"""
    view = record.call.view_of(extension)
    if view is None or view.answered_ms is None or abs(view.answered_ms - at_ms) > _SAME_ANSWER_MS:
        return False
    by_presence = any(
        said.saying is Saying.ANSWERED and said.extension == extension and said.at_ms == view.answered_ms
        for said in record.log
    )
    return not by_presence
