"""What commands say and do after syncs: runs, activity, story, waiting, decide, release, pause, undo."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from commands.running import Ran, Shell
from linedesk.commands.undo import sentences
from linedesk.store import audit, connections, decisions, links
from linedesk.store.migrate import open_stores
from linedesk.sync.holding import release
from linedesk.sync.model import Answer, LinkState, Question, RunReport, Side, Waiting
from linedesk.sync.undoing import UndoAsk
from sync.engine_house import House, house

EVIL = "Ada\x1b[2J\u202e\nExample"


async def _synced(folder: Path, shell_name: str) -> None:
    """Two pairs, one edited and that undone; a question of each kind; what was said stays on the disk."""
    async with house(folder / "data") as home:
        ada = home.a.seed(name=shell_name, phone="+390212345678")
        home.a.seed(name="Bob Example", email="bob@example.com")
        await home.sync()
        home.a.edit(ada, company="Acme")
        done = await home.sync()
        home.clock.advance(60)
        await home.engine.undo(done.run or 0, UndoAsk(actor="anna"))
        await home.stores.books.write(_ask)


def _ask(c: Any) -> None:
    waits = [
        Waiting(Side.A, "50", ("60", "61"), "Two records fit."),
        Waiting(Side.A, "51", ("62",), "It has the same name."),
        Waiting(Side.A, "52", ("63",), "Both changed it.", Question.CONFLICT, "abc", ("phone=phone",)),
        Waiting(Side.A, "53", ("64",), "Here."),
        Waiting(Side.B, "53", ("65",), "There."),
        Waiting(Side.A, "54", ("62",), "It has the same name."),
        Waiting(Side.A, "55", ("63",), "Both changed it.", Question.CONFLICT, "abc", ("phone=phone",)),
        Waiting(Side.A, "56", ("64",), "Here."),
        Waiting(Side.B, "56", ("65",), "There."),
    ]
    for each in waits:
        decisions.ask(c, "office", each, 0)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    folder = tmp_path_factory.mktemp("after")
    asyncio.run(_synced(folder, EVIL))
    return Shell(folder)


def read(shell: Shell, work: Any) -> Any:
    async def go() -> Any:
        stores = await open_stores(shell.folder / "data")
        try:
            return await stores.books.read(work)
        finally:
            await stores.close()

    return asyncio.run(go())


def is_plain(ran: Ran) -> bool:
    return all(each.isprintable() for line in ran.out.split("\n") for each in line)


def test_runs_lists_them_with_what_each_did(shell: Shell) -> None:
    found = shell.run("runs", "office", "--json").document["runs"]
    assert [(each["run"], each["actor"], each["writes"]) for each in found] == [
        (3, "anna", 1),
        (2, "test", 1),
        (1, "test", 2),
    ]
    assert found[2]["activity"] == [{"kind": "created", "account": "book", "count": 2}]
    said = shell.run("runs", "--count", "1")
    assert (said.code, "done by anna: 1 undone in book" in said.out) == (0, True)
    assert shell.run("runs", "nowhere").code == 2


def test_activity_is_one_line_an_event_and_no_name_steers_the_terminal(shell: Shell) -> None:
    ran = shell.run("activity", "office", "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [each["kind"] for each in lines if each["run"]] == ["created", "created", "updated", "undone"]
    assert (lines[0]["from"], lines[0]["to"], lines[0]["title"]) == ("crm", "book", EVIL)
    text = shell.run("activity", "--count", "2", "--run", "1")
    assert len(text.out.splitlines()) == 2
    assert "created crm -> book" in text.out
    assert is_plain(text)


def test_story_tells_where_a_contact_is_and_who_wrote_what_and_that_it_was_undone(shell: Shell) -> None:
    (held,) = read(shell, lambda c: links.held(c, "office", None))
    document = shell.run("story", "crm", held.a_id, "--json").document
    assert {(each["account"], each["record"]) for each in document["places"]} == {
        ("crm", held.a_id),
        ("book", held.b_id),
    }
    assert [each["state"] for each in document["links"]] == ["held"]
    assert [(each["op"], each["actor"], each["undone"]) for each in document["writes"]] == [
        ("create", "test", False),
        ("update", "test", True),
        ("update", "anna", False),
    ]
    assert document["writes"][1]["fields"] == {"company": [None, "Acme"]}
    from_book = shell.run("story", "book", held.b_id)
    assert "undone since" in from_book.out
    assert "company: (empty) -> Acme" in from_book.out
    assert is_plain(from_book)
    assert shell.run("story", "crm", "no-such").code == 1


def test_waiting_shows_each_question_with_the_command_that_answers(shell: Shell) -> None:
    items = shell.run("waiting", "office", "--json").document["waiting"]
    by_record = {(each["side"], each["record"]): each for each in items}
    assert by_record["crm", "52"]["answers"] == ["keep-a", "keep-b"]
    assert [each["record"] for each in by_record["crm", "50"]["candidates"]] == ["60", "61"]
    said = shell.run("waiting", "office")
    assert "linedesk decide office 50 same ID|not-the-same|skip" in said.out, "two may be meant"
    assert "linedesk decide office 51 same|not-the-same|skip" in said.out
    assert "linedesk decide office 52 keep-crm|keep-book" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["50", "same"], "Which one is it the same as?"),
        (["50", "same", "99"], "99 is none of the candidates."),
        (["50", "keep-a"], "Possible answers: same, not-the-same, skip."),
        (["52", "same"], "Possible answers: keep-a, keep-b."),
        (["50", "maybe"], "maybe is no answer."),
        (["53", "skip"], "Add --account crm or book."),
        (["99", "skip"], "Nothing is asked about 99."),
        (["53", "skip", "--account", "else"], "else is no account of office."),
    ],
)
def test_decide_refuses_what_is_no_answer_and_says_what_is(
    shell: Shell, arguments: list[str], said: str
) -> None:
    ran = shell.run("decide", "office", *arguments)
    assert (ran.code, said in ran.err) == (2, True)


def test_decide_keeps_the_answer_as_plans_take_it_and_makes_the_connection_due(shell: Shell) -> None:
    assert shell.run("decide", "office", "54", "same").code == 0
    assert shell.run("decide", "office", "55", "keep-book", "--json").document["answer"] == "keep-b"
    assert shell.run("decide", "office", "56", "skip", "--account", "book").code == 0
    said = {
        (each.side, each.record_id): each for each in read(shell, lambda c: decisions.answered(c, "office"))
    }
    assert said[Side.A, "54"].chosen_id == "62"
    assert (said[Side.A, "55"].answer, said[Side.A, "55"].about) == (Answer.KEEP_B, "abc")
    assert said[Side.B, "56"].answer is Answer.SKIP
    (row,) = [each for each in read(shell, connections.all_scheduled) if each.connection.name == "office"]
    assert row.due_ms is None


def test_S20_pause_and_resume_are_stored_told_and_audited_once(shell: Shell) -> None:
    assert shell.run("pause", "office", "--json").document["changed"] is True
    assert (
        shell.run("pause", "office").out
        == "office is paused already: nothing is written until it is resumed.\n"
    )
    assert read(shell, lambda c: connections.find(c, "office")).paused
    assert shell.run("resume", "office").out == "office goes on.\n"
    assert shell.run("resume", "office").out == "office was not paused.\n"
    told = shell.run("activity", "office", "--run", "0", "--json").out.splitlines()
    assert [json.loads(line)["kind"] for line in told] == ["paused", "resumed"]
    actions = [row.action for row in read(shell, lambda c: audit.latest(c, 10))]
    assert actions.count("connection.pause") == actions.count("connection.resume") == 1
    assert shell.run("pause", "nowhere").code == 2


def test_release_lets_the_next_sync_write_again(tmp_path: Path) -> None:
    asyncio.run(_synced(tmp_path, "Ada Example"))
    shell = Shell(tmp_path)
    (held,) = read(shell, lambda c: links.held(c, "office", None))
    assert shell.run("release", "office", "no-such").out == "No undo holds no-such.\n"
    assert shell.run("release", "office", held.a_id, "--json").document["released"] == 1
    (link,) = [each for each in read(shell, lambda c: links.page(c, "office", "", 9)) if each.id == held.id]
    assert link.state is LinkState.ACTIVE
    assert "company=company" in held.base
    assert "company=company" not in link.base
    assert "name=name" in link.base


async def test_a_released_pair_is_merged_anew_and_an_undone_create_is_made_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ada = home.a.seed(name="Ada Example", phone="+390212345678")
        first = await home.sync()
        home.a.edit(ada, company="Acme")
        second = await home.sync()
        await _undo_and_release(home, second)
        assert [each.text("company") for each in home.b.active] == ["Acme"]
        home.a.edit(ada, company="")
        await home.sync()
        await _undo_and_release(home, first)
        assert [each.text("name") for each in home.b.active] == ["Ada Example"]


async def _undo_and_release(home: House, report: RunReport) -> None:
    home.clock.advance(60)
    undone = await home.engine.undo(report.run or 0, UndoAsk(actor="anna"))
    assert undone.writes == 1
    assert (await home.sync()).writes == 0
    await home.stores.books.write(lambda c: release(c, "office", None, home.clock.now_ms()))
    assert (await home.sync()).writes == 1


def test_an_undo_of_a_run_that_is_not_there_is_one_sentence(shell: Shell) -> None:
    ran = shell.run("undo", "99")
    assert (ran.code, "There is no run 99." in ran.err) == (1, True)
    assert shell.run("undo", "office").code == 2


def test_an_undo_says_what_came_back_and_what_stays() -> None:
    change = {
        "side": "book",
        "op": "update",
        "record": "7",
        "fields": {"company": ["Acme", None], "tags": [["vip"], []]},
        "notes": ["Changed since and left alone: Phone."],
    }
    counts = {"create": 0, "update": 1, "delete": 2, "skip": 1, "error": 0}
    left = [{"side": "book", "record": "8", "reason": "It is no more in book."}]
    report = {"counts": counts, "changes": [change], "skipped": left, "errors": [], "sentence": ""}
    assert sentences(report, preview=True) == [
        "Would come out so: 1 record put back, 2 records removed again.",
        "  ~ book 7: company: Acme -> (empty); tags: vip -> (empty) Changed since and left alone: Phone.",
        "1 record left alone:",
        "  book 8: It is no more in book.",
    ]
    assert sentences(report, preview=False)[:2] == [
        "Done: 1 record put back, 2 records removed again.",
        "  book 7: Changed since and left alone: Phone.",
    ]
