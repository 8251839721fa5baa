"""`linedesk waiting`, `linedesk decide` and `linedesk release`: what a connection asks of a person."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote
from typing import Any

import click
from sqlalchemy import Connection

from linedesk.clock import SystemClock
from linedesk.commands.books import actor, config_option, json_option, with_books
from linedesk.commands.connections import account_of, known_connection, side_of, titles, values_between
from linedesk.commands.plain_lines import counted, say, shown_value
from linedesk.errors import UserError
from linedesk.settings import Settings
from linedesk.store import audit, connections, decisions
from linedesk.store.database import Database
from linedesk.store.decisions import DecisionRow
from linedesk.sync import model
from linedesk.sync.holding import release as let_go
from linedesk.sync.model import Answer, Decision, Question, Side

_ANSWERS = {
    Question.PAIR: (Answer.SAME, Answer.NOT_THE_SAME, Answer.SKIP),
    Question.CONFLICT: (Answer.KEEP_A, Answer.KEEP_B),
    Question.MERGED: (Answer.SAME, Answer.NOT_THE_SAME, Answer.SKIP),
}
_ASKED = {
    Question.PAIR: "is it one of these?",
    Question.CONFLICT: "whose values count?",
    Question.MERGED: "which one took it over?",
}


@click.command()
@click.argument("connection")
@config_option
@json_option
def waiting(connection: str, config: Path | None, as_json: bool) -> None:
    """List what waits for a person in CONNECTION; `linedesk decide` answers."""

    async def work(_: Settings, books: Database) -> list[dict[str, Any]]:
        return await books.read(lambda c: waiting_documents(c, connection))

    items = with_books(config, work)
    if as_json:
        click.echo(json.dumps({"connection": connection, "waiting": items}, ensure_ascii=False))
        return
    say([line for item in items for line in _question(connection, item)] or ["Nothing waits."])


def waiting_documents(c: Connection, name: str) -> list[dict[str, Any]]:
    """The open questions of a connection, with the records as people know them."""
    connection = known_connection(c, name)
    rows = [row.waiting for row in decisions.all_of(c, name) if row.answer is None]
    known: dict[Side, dict[str, str]] = {}
    for side in Side:
        ids = {each.record_id for each in rows if each.side is side}
        ids |= {each for row in rows if _side_of_candidates(row) is side for each in row.candidates}
        known[side] = titles(c, account_of(connection, side), ids)
    return [
        {
            "side": account_of(connection, row.side),
            "record": row.record_id,
            "title": known[row.side].get(row.record_id, ""),
            "question": row.question.value,
            "candidates": [
                {
                    "side": account_of(connection, _side_of_candidates(row)),
                    "record": each,
                    "title": known[_side_of_candidates(row)].get(each, ""),
                }
                for each in row.candidates
            ],
            "reason": row.reason,
            "fields": list(row.fields),
            "values": _values(c, connection, row),
            "answers": [each.value for each in _ANSWERS[row.question]],
        }
        for row in rows
    ]


def _values(c: Connection, connection: model.Connection, row: model.Waiting) -> dict[str, dict[str, Any]]:
    """What each account holds in the fields of a conflict, as it was last read."""
    if row.question is not Question.CONFLICT or not row.candidates:
        return {}
    pair = {row.side: row.record_id, row.side.other: row.candidates[0]}
    accounts = (connection.a, connection.b)
    return {
        key: dict(zip(accounts, values_between(c, connection, pair, key), strict=True)) for key in row.fields
    }


@click.command()
@click.argument("connection")
@click.argument("record")
@click.argument("answer")
@click.argument("chosen", required=False)
@click.option("--account", metavar="ACCOUNT", help="Where the record stands; for an id that both sides have.")
@config_option
@json_option
def decide(
    *,
    connection: str,
    record: str,
    answer: str,
    chosen: str | None,
    account: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Answer what `linedesk waiting` asks about RECORD: same, not-the-same, skip, keep-a or keep-b.

    CHOSEN is the candidate that it is the same as; it may be left out when there is only one. In place of
    keep-a and keep-b the account may be named, as in keep-crm.
    """

    async def work(_: Settings, books: Database) -> Decision:
        now_ms, who = SystemClock().now_ms(), actor()

        def write(c: Connection) -> Decision:
            decision = decision_of(c, connection, record, answer, chosen=chosen, account=account)
            decisions.decide(c, connection, decision, now_ms)
            connections.set_due(c, connection, None)
            said = {"answer": decision.answer.value, "chosen": decision.chosen_id}
            target = f"{connection}/{decision.side.value}/{record}"
            audit.add(c, at_ms=now_ms, actor=who, action="decision.answer", target=target, after=said)
            return decision

        return await books.write(write)

    decision = with_books(config, work)
    if as_json:
        document = {"connection": connection, "record": record, "answer": decision.answer.value}
        click.echo(json.dumps({**document, "chosen": decision.chosen_id}, ensure_ascii=False))
        return
    with_whom = f" as {decision.chosen_id}" if decision.chosen_id is not None else ""
    say([f"{record}: {decision.answer.value}{with_whom}. The next sync of {connection} goes by it."])


def decision_of(
    c: Connection, name: str, record: str, answer: str, *, chosen: str | None, account: str | None
) -> Decision:
    """The answer as plans take it; raises `UserError` or `SyncImpossible` with what is possible."""
    connection = known_connection(c, name)
    asked = _row(c, connection, record, account).waiting
    said = _answer(connection, answer)
    possible = _ANSWERS[asked.question]
    if said not in possible:
        words = ", ".join(each.value for each in possible)
        raise UserError(f"{record} is asked about something else.", remedy=f"Possible answers: {words}.")
    return Decision(
        side=asked.side,
        record_id=record,
        answer=said,
        chosen_id=_chosen(asked.candidates, chosen) if said is Answer.SAME else None,
        candidates=asked.candidates,
        question=asked.question,
        about=asked.about,
    )


def _row(c: Connection, connection: model.Connection, record: str, account: str | None) -> DecisionRow:
    side = side_of(connection, account) if account is not None else None
    if account is not None and side is None:
        raise UserError(f"{account} is no account of {connection.name}.")
    rows = [
        row
        for row in decisions.all_of(c, connection.name)
        if row.waiting.record_id == record and side in {None, row.waiting.side}
    ]
    if len(rows) == 1:
        return rows[0]
    if rows:
        accounts = " or ".join((connection.a, connection.b))
        raise UserError(f"Both sides ask about {record}.", remedy=f"Add --account {accounts}.")
    raise UserError(
        f"Nothing is asked about {record}.", remedy=f"`linedesk waiting {connection.name}` lists what is."
    )


def _answer(connection: model.Connection, text: str) -> Answer:
    named = {f"keep-{connection.a}": Answer.KEEP_A, f"keep-{connection.b}": Answer.KEEP_B}
    try:
        return Answer(text) if text in {each.value for each in Answer} else named[text]
    except KeyError:
        words = ", ".join(each.value for each in Answer)
        raise UserError(f"{text} is no answer.", remedy=f"Answers are: {words}.") from None


def _chosen(candidates: tuple[str, ...], chosen: str | None) -> str:
    if chosen is None and len(candidates) == 1:
        return candidates[0]
    if chosen is None or chosen not in candidates:
        what = "Which one is it the same as?" if chosen is None else f"{chosen} is none of the candidates."
        raise UserError(what, remedy=f"Candidates are: {', '.join(candidates) or 'none'}.")
    return chosen


@click.command()
@click.argument("connection")
@click.argument("record", required=False)
@config_option
@json_option
def release(connection: str, record: str | None, config: Path | None, as_json: bool) -> None:
    """Let syncs of CONNECTION write again what an undo holds back: all of it, or the pair of RECORD."""

    async def work(_: Settings, books: Database) -> int:
        now_ms, who = SystemClock().now_ms(), actor()

        def write(c: Connection) -> int:
            known_connection(c, connection)
            count = len(let_go(c, connection, record, now_ms))
            if count:
                target = f"{connection}/{record}" if record else connection
                after = {"released": count}
                audit.add(c, at_ms=now_ms, actor=who, action="undo.release", target=target, after=after)
            return count

        return await books.write(write)

    count = with_books(config, work)
    if as_json:
        click.echo(json.dumps({"connection": connection, "released": count}))
        return
    none = f"No undo holds {record}." if record else "No undo holds anything."
    say([f"{counted(count, 'pair')} released; the next sync takes them up." if count else none])


def _side_of_candidates(row: model.Waiting) -> Side:
    """A record that vanished was taken over by one of its own side; else they are of the other."""
    return row.side if row.question is Question.MERGED else row.side.other


def _question(connection: str, item: dict[str, Any]) -> list[str]:
    title = f" ({item['title']})" if item["title"] else ""
    question = Question(item["question"])
    lines = [f"{item['side']} {item['record']}{title}: {item['reason']}"]
    for row, values in item["values"].items():
        held = " | ".join(f"{account}: {shown_value(value)}" for account, value in values.items())
        lines.append(f"  {row.replace('=', ' and ')}: {held}")
    lines.append(f"  {_ASKED[question]}")
    lines += [
        f"    {each['side']} {each['record']}{' (' + each['title'] + ')' if each['title'] else ''}"
        for each in item["candidates"]
    ]
    return [*lines, f"  linedesk decide {connection} {quote(item['record'])} {_answers(item)}"]


def _answers(item: dict[str, Any]) -> str:
    """The answers as they are typed: `keep-crm|keep-book`, `same ID|not-the-same|skip`."""
    if item["question"] == Question.CONFLICT:
        accounts = next(iter(item["values"].values()), ())
        return "|".join(f"keep-{each}" for each in accounts) or "|".join(item["answers"])
    needs_id = len(item["candidates"]) > 1
    return "|".join(f"{each} ID" if each == Answer.SAME and needs_id else each for each in item["answers"])
