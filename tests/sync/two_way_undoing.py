"""Second thoughts in the two-way machine: undo, release, and a pause in the middle of a run. S18, S20."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import rule

from linedesk.errors import LinedeskError
from linedesk.store.journal import EntryState
from linedesk.sync.model import LinkState, Side
from sync.two_way_checks import Watched
from sync.two_way_truth import NUMBERS, Sight, canonical, mapped_of
from sync.two_way_users import PICKS, Held


class SecondThoughts(Watched):
    """What people do when they don't like what a run did, or will. `released`: rows of the journal then."""

    released = 0

    @rule(pick=PICKS, whole=st.booleans())
    def undo(self, pick: int, whole: bool) -> None:
        done = [e for e in self.runner.run(self.home.entries()) if e.state is EntryState.DONE]
        if not done:
            return
        entry = done[-1 - pick % len(done)]
        before, self.held = self.sight(), {}
        report = None
        with suppress(LinedeskError):
            report = self.runner.run(self.home.undo(entry.run, None if whole else entry.record_id))
        self.undone(before)
        self.edits_of_users_stay(before)
        if report is not None and not self.home.lag_s:
            self.note_held()

    @rule()
    def release(self) -> None:
        self.held = {}
        self.released = len(self.runner.run(self.home.entries()))
        self.runner.run(self.home.release())

    @rule(at=st.integers(1, 60))
    def sync_and_pause(self, at: int) -> None:
        before = self.sight()
        late: list[str] = []
        with suppress(LinedeskError):
            late = self.runner.run(self.home.pausing_sync(at))
        assert not late, f"S20: {late} began over a second after the pause"
        self.checked(before, None)

    def undone_kinds(self) -> dict[str, set[str]]:
        """By link, what was taken back and never released: it stays apart until somebody edits just that."""
        found: dict[str, set[str]] = {}
        for each in self.runner.run(self.home.entries())[self.released :]:
            if each.undoes is not None:
                kinds = {"number" if name in NUMBERS else name for name in each.after}
                found.setdefault(each.link_id, set()).update(kinds)
        return found

    def undone(self, before: Sight) -> None:
        """What holds of any run holds of one that takes back, but that it may make somebody again."""
        links = self.runner.run(self.home.links())
        self.truth.note_links(links)
        self.truth.check_links(links)
        self.truth.check_run(before, self.runner.run(self.home.entries()), undoing=True)
        self.no_source_is_written(before)

    def edits_of_users_stay(self, before: Sight) -> None:
        """Whatever was replaced or deleted is what the sync itself once wrote there."""
        for side in Side:
            for each in self.fresh(side, before):
                record = before.records[side].get(each.id)
                if record is None:
                    continue
                own = self.written_by_us(side, each.id)
                if each.op == "delete":
                    names = [name for name, _ in mapped_of(record) if name != "number"]
                else:
                    names = [name for name in each.fields if name != "tags"]
                for name in names:
                    held = canonical(name, record.fields.get(name))
                    assert held in own.get(name, set()), f"S18: {name} {held!r} of {each} is a user's"

    def written_by_us(self, side: Side, record_id: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in self.home.servers[side].written:
            if each.id == record_id and not each.by_user:
                for name, value in each.fields.items():
                    found.setdefault(name, set()).add(canonical(name, value))
        return found

    def note_held(self) -> None:
        """What was taken back, by place, until somebody edits one of the pair."""
        held = {link.id for link in self.runner.run(self.home.links()) if link.state is LinkState.HELD}
        for each in self.runner.run(self.home.entries()):
            if each.undoes is not None and each.link_id in held and each.state is EntryState.DONE:
                place, other = (each.side, each.record_id or ""), (each.side.other, each.source_id)
                self.held.setdefault(place, Held(other)).fields.update(each.after)
