"""Questions and answers: whom a record is not, as a person said, stays known while others are asked about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from linedesk.store import decisions
from linedesk.store.sync_tables import decisions as table
from linedesk.sync.answers import said
from linedesk.sync.model import Answer, Decision, Question, Side, Waiting


@pytest.fixture
def c() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        yield connection
    engine.dispose()


def asks(*candidates: str, question: Question = Question.PAIR, about: str = "") -> Waiting:
    return Waiting(Side.A, "1", candidates, "Several fit.", question, about)


def run(c: Connection, *waiting: Waiting) -> None:
    decisions.replace_waiting(c, "office", waiting, 7)


def answer(c: Connection, said: Answer, chosen: str | None = None) -> None:
    assert decisions.decide(c, "office", Decision(Side.A, "1", said, chosen), 8)


def is_open(c: Connection) -> bool:
    (row,) = decisions.all_of(c, "office")
    return row.answer is None


def different(c: Connection) -> set[str]:
    return {b for _, b in said(decisions.answered(c, "office")).different}


def test_more_candidates_than_are_shown_are_denied_page_by_page_and_come_to_an_end(c: Connection) -> None:
    everyone = [f"{n:02}" for n in range(50)]
    pages = 0
    while left := [each for each in everyone if each not in different(c)]:
        run(c, asks(*left[:20]))
        assert is_open(c)
        answer(c, Answer.NOT_THE_SAME)
        pages += 1
        assert pages <= 3
    assert (pages, different(c)) == (3, set(everyone))
    run(c)
    assert different(c) == set(everyone)


def test_what_was_denied_holds_while_a_newcomer_is_asked_about_and_when_it_goes(c: Connection) -> None:
    run(c, asks("2", "3"))
    answer(c, Answer.NOT_THE_SAME)
    run(c, asks("4"))
    assert is_open(c)
    assert different(c) == {"2", "3"}
    run(c)
    assert not is_open(c)
    assert different(c) == {"2", "3"}
    run(c, asks("2"))
    assert not is_open(c)


def test_of_a_newcomer_any_answer_counts_beside_what_was_denied(c: Connection) -> None:
    run(c, asks("2", "3"))
    answer(c, Answer.NOT_THE_SAME)
    run(c, asks("4"))
    answer(c, Answer.SAME, "4")
    assert said(decisions.answered(c, "office")).same == {"1": "4"}
    assert different(c) == {"2", "3"}


@pytest.mark.parametrize("said_first", [Answer.SAME, Answer.SKIP])
def test_another_answer_denies_nobody(c: Connection, said_first: Answer) -> None:
    run(c, asks("2"))
    answer(c, said_first, "2")
    run(c, asks("3"))
    assert is_open(c)
    assert different(c) == set()


def test_another_question_about_the_record_begins_anew(c: Connection) -> None:
    run(c, asks("2"))
    answer(c, Answer.NOT_THE_SAME)
    run(c, asks("2", question=Question.CONFLICT, about="x"))
    assert is_open(c)
    assert decisions.answered(c, "office") == []


def test_what_an_app_would_not_take_is_asked_unless_just_that_was_answered(c: Connection) -> None:
    run(c, asks("2", "3"))
    answer(c, Answer.NOT_THE_SAME)
    decisions.ask(c, "office", asks("2"), 9)
    assert not is_open(c)
    decisions.ask(c, "office", asks("9"), 9)
    assert is_open(c)
    assert different(c) == {"2", "3"}


def test_a_vanished_record_keeps_whom_it_did_not_become(c: Connection) -> None:
    run(c, asks("2", question=Question.MERGED))
    answer(c, Answer.NOT_THE_SAME)
    run(c, asks("3", question=Question.MERGED))
    answer(c, Answer.NOT_THE_SAME)
    (kept,) = said(decisions.answered(c, "office")).vanished.values()
    assert kept.candidates == ("2", "3")
