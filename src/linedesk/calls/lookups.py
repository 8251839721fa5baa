"""Who the numbers of live calls may be, asked in the background so that no ring waits for a directory (C6).

A round is the work on one group of events: all its questions together are waited for a moment at most.
What comes later is told to `on_late`. Nothing of a call is kept once it is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from linedesk.calls.popup import Known
from linedesk.clock import Clock
from linedesk.contacts.policy import TagText
from linedesk.errors import LinedeskError
from linedesk.numbers import Number, NumberPlan

log = structlog.get_logger(__name__)

PATIENCE_S = 0.03
"""How long a round waits for its answers before it shows the numbers alone: well within a popup's 50 ms."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who calls, for all agents who see the same books (None: every book). `name` is the network's."""

    call: str
    books: frozenset[str] | None
    number: Number
    tags: tuple[TagText, ...]
    plan: NumberPlan = field(compare=False)
    name: str = field(compare=False, default="")

    def widens(self, other: Question) -> bool:
        """Whether all that `other` asked is asked here too: its answer is right, though maybe not whole."""
        # Another spelling of the number reads alike.
        alike = replace(self.number, raw="") == replace(other.number, raw="")
        same = (self.call, self.books) == (other.call, other.books)
        return same and alike and set(other.tags) <= set(self.tags)


Ask = Callable[[Question], Awaitable[Known]]
Late = Callable[[str], Awaitable[None]]


class Watch(Protocol):
    """Where the times of answers go."""

    def lookup_delay(self, seconds: float) -> None: ...


class Lookups:
    """For one desk. `round` and `known` are used by one task at a time; `close` at the end."""

    def __init__(self, ask: Ask, clock: Clock, watch: Watch, on_late: Late) -> None:
        self._ask = ask
        self._clock = clock
        self._watch = watch
        self._on_late = on_late
        self._known: dict[Question, Known] = {}
        self._asking: dict[Question, asyncio.Task[None]] = {}
        self._asked: set[Question] = set()  # in this round
        self._telling: dict[Question, asyncio.Task[None]] = {}
        self._owned: set[asyncio.Task[None]] = set()
        self._patience: asyncio.Task[None] | None = None
        self._patience_s = PATIENCE_S

    @property
    def held(self) -> int:
        """How many answers and questions are kept."""
        return len(self._known) + len(self._asking) + len(self._telling)

    @contextmanager
    def round(self, questions: Iterable[Question] = (), patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Within it every question is asked anew, once; `questions` at once, so that they wait together."""
        self._asked.clear()
        self._patience_s = patience_s
        for question in questions:
            self._begin(question)
        try:
            yield
        finally:
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None

    async def known(self, question: Question) -> Known:
        """The answer if it comes within the round's patience; else what is known so far, `pending`."""
        self._begin(question)
        task = self._asking.get(question)
        if task is not None:
            await self._wait(task)
        if question in self._asking and question not in self._telling:
            self._telling[question] = self._own(self._tell(question, self._asking[question]))
        return self.latest(question)

    def latest(self, question: Question) -> Known:
        """What is known of this question now, without asking."""
        if question in self._known:
            return self._known[question]
        earlier = [known for asked, known in self._known.items() if question.widens(asked)]
        return replace(earlier[-1] if earlier else Known(), pending=True)

    def forget(self, call_id: str) -> None:
        """The call is over: drop what belongs to it. An answer that still comes is dropped too."""
        for kept in (self._known, self._asking, self._telling):
            for question in [question for question in kept if question.call == call_id]:
                del kept[question]
        # Should the call turn out to live on within this round, it is asked about again.
        self._asked = {question for question in self._asked if question.call != call_id}

    async def close(self) -> None:
        """Ask and tell no more."""
        for task in self._owned:
            task.cancel()
        await asyncio.gather(*self._owned, return_exceptions=True)

    def _begin(self, question: Question) -> None:
        if question in self._asked:
            return
        self._asked.add(question)
        if question not in self._asking:
            self._asking[question] = self._own(self._answer(question))

    async def _wait(self, task: asyncio.Task[None]) -> None:
        if self._patience is None:
            self._patience = asyncio.create_task(self._clock.sleep(self._patience_s), name="patience")
        if not self._patience.done():
            await asyncio.wait((task, self._patience), return_when=asyncio.FIRST_COMPLETED)

    async def _answer(self, question: Question) -> None:
        began_ms, me = self._clock.now_ms(), asyncio.current_task()
        try:
            known = await self._ask(question)
        except LinedeskError as error:
            log.warning("lookup_failed", reason=error.message)
            known = replace(self.latest(question), pending=False)
        except Exception:
            # A defect in the directory must not hide the call either; it is said with its traceback.
            log.exception("lookup_failed")
            known = replace(self.latest(question), pending=False)
        self._watch.lookup_delay((self._clock.now_ms() - began_ms) / 1000)
        if self._asking.get(question) is me:
            del self._asking[question]
            self._known[question] = known

    async def _tell(self, question: Question, answering: asyncio.Task[None]) -> None:
        await asyncio.wait((answering,))
        if self._telling.get(question) is not asyncio.current_task():
            return
        del self._telling[question]
        try:
            await self._on_late(question.call)
        except Exception:
            # The popup stays with its number; the next event of the call shows what is known by then.
            log.exception("late_lookup_not_shown")

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="lookup")
        self._owned.add(task)
        task.add_done_callback(self._owned.discard)
        return task
