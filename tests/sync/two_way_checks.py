"""What the two-way machine looks at after each run, whatever became of it: S4-S6, S10-S13, S17, S18."""

from __future__ import annotations

from contract.memory import Written
from linedesk.apps.records import Value
from linedesk.sync.model import RunReport, RunState, Side
from linedesk.sync.policies import Deletes
from sync.two_way_truth import Sight, canonical
from sync.two_way_users import Users


class Watched(Users):
    """Users whose records are looked at."""

    def checked(self, before: Sight, report: RunReport | None) -> None:
        links = self.runner.run(self.home.links())
        self.truth.note_links(links)
        self.truth.check_links(links)
        self.truth.check_run(before, self.runner.run(self.home.entries()))
        self.no_source_is_written(before)
        self.no_one_way_row_is_written_back(before)
        self.nobody_is_deleted_unasked(before)
        self.only_what_was_deleted_is_tagged(before)
        self.what_an_undo_holds_is_left_alone(before)
        if report is not None and report.state is RunState.BRAKED:
            assert report.plan.brakes or report.sentence
            assert self.sight().written == before.written, "S17"
        if report is not None:
            self.scope_is_kept(before, report)

    def no_source_is_written(self, before: Sight) -> None:
        after = self.sight()
        for side in Side:
            if not self.home.connection.direction.writes(side):
                assert after.written[side] == before.written[side], "S10"

    def no_one_way_row_is_written_back(self, before: Sight) -> None:
        for edit in self.home.connection.rows:
            for side, name in ((Side.A, edit.row.a), (Side.B, edit.row.b)):
                if edit.off or not edit.row.direction.writes(side):
                    written = [each for each in self.fresh(side, before) if each.fields.get(name)]
                    assert not written, f"S10: {written}"

    def only_what_was_deleted_is_tagged(self, before: Sight) -> None:
        deleted = {self.truth.person_at(place) for place in self.truth.deleted} | self.truth.blurred
        for side in Side:
            for each in self.fresh(side, before):
                if "tags" not in each.fields or each.op != "update":
                    continue
                assert self.home.connection.deletes is Deletes.TAG, f"S12: {each}"
                assert self.truth.person_at((side, each.id)) in deleted, f"S12: {each}"
                held = before.records[side][each.id].fields.get("tags") or ()
                assert set(_words(held)) < set(_words(each.fields["tags"])), f"S12: once: {each}"

    def what_an_undo_holds_is_left_alone(self, before: Sight) -> None:
        for side in Side:
            for each in self.fresh(side, before):
                held = self.held.get((side, each.id))
                assert held is None or held.fields.isdisjoint(each.fields), f"S18: {each} is held"

    def fresh(self, side: Side, before: Sight) -> list[Written]:
        """What the sync wrote since."""
        return [each for each in self.home.servers[side].written[before.written[side] :] if not each.by_user]

    def nobody_is_deleted_unasked(self, before: Sight) -> None:
        for side in Side:
            for each in self.home.servers[side].written[before.written[side] :]:
                if each.op != "delete" or each.by_user:
                    continue
                assert self.home.connection.deletes is Deletes.PROPAGATE, "S12"
                assert (side, each.id) in self.truth.linked, "S12"
                person = self.truth.person_at((side, each.id))
                deleted = {self.truth.person_at(place) for place in self.truth.deleted}
                assert person in deleted | self.truth.blurred, "S12"

    def scope_is_kept(self, before: Sight, report: RunReport) -> None:
        if not self.is_scoped or self.home.lag_s:
            return
        for change in report.changes:
            source = before.records[change.side.other].get(change.source_id)
            if source is None or change.undoes is not None:
                continue
            company = canonical("company", source.fields.get("company"))
            assert "private" not in company, f"S11: {change}"


def _words(value: Value) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),) if value else ()
