"""A two-way sync as a stranger sees it: commands, and both systems read and edited over the wire.

Nothing here is the product's own code, and no value is taken from what a command says: what both sides should
hold is told by what their users typed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.conftest import Demo, start_demo
from e2e.test_sync_outside import contacts, e164, entries, freshdesk, linedesk, pbx, sync

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("e2e-two-way"), pytest.mark.timeout(240)]

# Contact of Freshdesk -> entry of the phonebook.
FIELDS = {"name": "name", "email": "email", "phone": "office", "mobile": "mobile"}
SECOND_S = 1.1  # both systems stamp whole seconds: a later edit is newer only then


class Desk:
    """Both systems and the command line. People are known by their e-mail addresses."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.config = demo.ready["config"]
        (self.connection,) = demo.ready["connections"]
        self.book = demo.ready["pbx"]["phonebook"]

    def sync(self, *words: str) -> dict[str, Any]:
        return sync(self.config, self.connection, *words)

    def run(self, *words: str) -> str:
        code, out, err = linedesk(self.config, *words)
        assert code == 0, out + err
        return out

    def apply(self, text: str) -> None:
        file = self.demo.data / "two-way.toml"
        # Every run reads the whole phonebook, so that it sees what was deleted without an hour's wait.
        whole = "[accounts.phonebook]\nchanges_by_time = false\n"
        file.write_text(f"{whole}[connections.{self.connection}]\n{text}\n", encoding="utf-8")
        self.run("apply", str(file), "--yes")

    def contact(self, email: str) -> dict[str, Any]:
        (found,) = [each for each in contacts(self.demo) if each["email"] == email]
        return found

    def entry(self, email: str) -> dict[str, Any]:
        (found,) = [each for each in entries(self.demo, self.book) if each["email"] == email]
        return found

    def edit_contact(self, email: str, **fields: str) -> None:
        with freshdesk(self.demo) as client:
            client.put(f"/contacts/{self.contact(email)['id']}", json=fields).raise_for_status()

    def edit_entry(self, email: str, **fields: str) -> None:
        with pbx(self.demo) as client:
            at = f"/Phonebooks/{self.book}/Contacts/{self.entry(email)['id']}/"
            client.put(at, data=_form(fields)).raise_for_status()

    def add_entry(self, **fields: str) -> None:
        with pbx(self.demo) as client:
            at = f"/Phonebooks/{self.book}/Contacts/"
            client.post(at, data=_form({"phonebook_id": str(self.book), **fields})).raise_for_status()

    def delete_entry(self, email: str) -> None:
        with pbx(self.demo) as client:
            at = f"/Phonebooks/{self.book}/Contacts/{self.entry(email)['id']}/"
            client.delete(at).raise_for_status()

    def crm_side(self) -> list[tuple[str, ...]]:
        """The mapped fields of everybody, in one spelling."""
        return sorted(tuple(_shown(name, each[name]) for name in FIELDS) for each in contacts(self.demo))

    def book_side(self) -> list[tuple[str, ...]]:
        rows = entries(self.demo, self.book)
        return sorted(tuple(_shown(name, each[there]) for name, there in FIELDS.items()) for each in rows)

    def with_numbers(self) -> list[tuple[str, ...]]:
        """Whom a phonebook takes: people with a number (H19)."""
        return [each for each in self.crm_side() if each[2] or each[3]]


def _form(fields: dict[str, str]) -> dict[str, str]:
    return {f"data[{name}]": text for name, text in fields.items()}


def _shown(name: str, text: str | None) -> str:
    return e164(text) if name in {"phone", "mobile"} else text or ""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    demo = start_demo(tmp_path_factory.mktemp("two-way"), contacts=30)
    here = Desk(demo)
    # Three writes are many for a book of thirty, where a brake counts in hundredths.
    brakes = f"[connections.{here.connection}.brakes]\ndeletes_percent = 0"
    here.apply(f'direction = "two-way"\nconflict = "newest"\n{brakes}')
    yield here
    demo.stop()


def planned(report: dict[str, Any]) -> set[tuple[Any, ...]]:
    """What is written where, without the ids that only a write gives."""
    return {
        (each["side"], each["op"], each["source"], *sorted((n, str(p)) for n, p in each["fields"].items()))
        for each in report["changes"]
    }


def test_both_sides_come_together_and_come_back(desk: Desk) -> None:
    _preview_is_the_run(desk)
    people = [each["email"] for each in contacts(desk.demo) if each["email"] and each["phone"]][:6]
    before = desk.crm_side(), desk.book_side()
    number = _edits_on_both_sides_come_out_as_the_policies_say(desk, people)
    _a_merge_is_settled_by_a_person(desk, people[4])
    _an_undo_brings_both_sides_back(desk, number, people, before)


def _preview_is_the_run(desk: Desk) -> None:
    desk.add_entry(name="Only Here", office="+442079460199", email="only.here@example.com")
    crm, book = desk.crm_side(), desk.book_side()
    preview = desk.sync("--preview")
    assert (desk.crm_side(), desk.book_side()) == (crm, book), "S19: a preview writes nothing"
    assert preview["counts"]["create"] == len(preview["changes"]) > 1
    done = desk.sync()
    assert (done["state"], done["hash"]) == ("done", preview["hash"]), "S19"
    assert planned(done) == planned(preview), "S19"
    assert desk.with_numbers() == desk.book_side(), "S01"
    assert len(desk.book_side()) == len(preview["changes"])
    assert (desk.sync()["writes"], desk.sync()["changes"]) == (0, []), "S02"


def _edits_on_both_sides_come_out_as_the_policies_say(desk: Desk, people: list[str]) -> int:
    different, same, other_way, deleted = people[:4]
    desk.edit_contact(different, name="Different Fields")
    desk.edit_entry(different, mobile="+447911123456")
    desk.edit_contact(same, phone="+442079460111")
    desk.edit_entry(other_way, office="+442079460133")
    time.sleep(SECOND_S)
    desk.edit_entry(same, office="+442079460122")
    desk.edit_contact(other_way, phone="+442079460144")
    desk.delete_entry(deleted)
    report = desk.sync()
    assert report["state"] == "done"
    for side in (desk.contact, desk.entry):
        assert side(different)["name"] == "Different Fields", "S08"
        assert e164(side(different)["mobile"]) == "+447911123456", "S08"
    for email, wins in ((same, "+442079460122"), (other_way, "+442079460144")):
        assert e164(desk.contact(email)["phone"]) == wins, "H02: the newest counts"
        assert e164(desk.entry(email)["office"]) == wins, "H02: the newest counts"
    assert desk.contact(deleted)["email"] == deleted, "S12: nobody asked for deletes"
    assert deleted not in {each["email"] for each in entries(desk.demo, desk.book)}, "S12"
    lost = [pair for each in report["changes"] for pair in each["fields"].values()]
    assert {e164(before) for before, _ in lost if isinstance(before, str) and before.startswith("+4420")} >= {
        "+442079460111",
        "+442079460133",
    }, "S04: the losers are in the journal"
    assert desk.sync()["writes"] == 0, "S02"
    return int(report["run"])


def _a_merge_is_settled_by_a_person(desk: Desk, email: str) -> None:
    """The phonebook names no winner: an entry goes, and another one has its address."""
    desk.delete_entry(email)
    desk.add_entry(name="Went On Here", office="+442079460166", email=email)
    crm, book = desk.crm_side(), desk.book_side()
    report = desk.sync()
    # The one that vanished is asked about, and so is the one that it may have become: either answer will do.
    assert [each["question"] for each in report["waiting"]] == ["merged", "pair"], "S23"
    assert (desk.crm_side(), desk.book_side()) == (crm, book), "S23: nothing is done meanwhile"
    asked, _ = report["waiting"]
    desk.run("decide", desk.connection, asked["record"], "same", asked["candidates"][0])
    assert desk.sync()["state"] == "done"
    assert [row for row in desk.book_side() if row[1] == email] == [
        row for row in desk.crm_side() if row[1] == email
    ]
    assert len(desk.crm_side()) == len(crm), "S06"
    assert desk.sync()["writes"] == 0, "S02"


def _an_undo_brings_both_sides_back(
    desk: Desk, number: int, people: list[str], before: tuple[list[tuple[str, ...]], list[tuple[str, ...]]]
) -> None:
    different, same, other_way, _ = people[:4]
    had = {row[1]: dict(zip(FIELDS, row, strict=True)) for row in before[0]}
    desk.run("undo", str(number))
    assert desk.entry(different)["name"] == had[different]["name"], "S18: what the run wrote goes"
    assert e164(desk.contact(different)["mobile"]) == had[different]["mobile"]
    assert desk.contact(different)["name"] == "Different Fields", "S18: what a user typed stays"
    assert e164(desk.entry(different)["mobile"]) == "+447911123456"
    assert e164(desk.contact(same)["phone"]) == "+442079460111"
    assert e164(desk.entry(other_way)["office"]) == "+442079460133"
    assert desk.sync()["writes"] == 0, "S18: it is held until somebody edits it"
    desk.edit_contact(different, name="Edited Again")
    assert desk.sync()["writes"] > 0
    assert desk.entry(different)["name"] == "Edited Again"
