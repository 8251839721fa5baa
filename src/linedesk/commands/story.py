"""`linedesk story`: everything that is known of how one contact was kept in step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from linedesk.commands.books import config_option, json_option, with_books
from linedesk.commands.plain_lines import changed, instant, say
from linedesk.errors import NotFound
from linedesk.settings import Settings
from linedesk.store.database import Database
from linedesk.sync.story import story_of

_DID = {"create": "made", "update": "changed", "delete": "deleted"}
_ENDED = {"open": "nobody knows yet whether it arrived", "refused": "refused", "void": "it never arrived"}


@click.command()
@click.argument("account")
@click.argument("record")
@config_option
@json_option
def story(account: str, record: str, config: Path | None, as_json: bool) -> None:
    """Tell the whole story of RECORD in ACCOUNT: where it is, each write with who and why, what waits."""

    async def work(_: Settings, books: Database) -> dict[str, Any]:
        return await books.read(lambda c: story_of(c, account, record))

    document = with_books(config, work)
    if _is_unknown(document):
        raise NotFound(
            f"Nothing is known of the record {record} in {account}.",
            remedy="Its id is in its page's address; `linedesk export` shows the accounts.",
        )
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        say(sentences(document))


def _is_unknown(document: Mapping[str, Any]) -> bool:
    return document["places"][0]["state"] == "unknown" and not (document["links"] or document["writes"])


def sentences(document: Mapping[str, Any]) -> list[str]:
    """The story for people, in the order of time."""
    lines = [f"{_head(document)}"]
    lines += [f"  {_place(each)}" for each in document["places"]]
    lines += [f"  {_link(each)}" for each in document["links"]]
    told = [(each["at_ms"], _write(each)) for each in document["writes"]]
    told += [(each["at_ms"], [_event(each)]) for each in document["events"]]
    lines.append("What happened:" if told else "Nothing was written of it.")
    for _, part in sorted(told, key=lambda each: each[0]):
        lines += part
    lines += [_waits(each) for each in document["waiting"]]
    return lines


def _head(document: Mapping[str, Any]) -> str:
    title = next((each["title"] for each in document["places"] if each["title"]), document["record"])
    return f"{title} is in:"


def _place(place: Mapping[str, Any]) -> str:
    states = {"active": "", "gone": ", deleted there", "unknown": ", never read"}
    state = states.get(place["state"], f", {place['state']}")
    if place["merged_into"]:
        state = f", merged into {place['merged_into']}"
    return f"{place['account']} {place['record']}{state}"


def _link(link: Mapping[str, Any]) -> str:
    states = {
        "active": "in step",
        "held": "held since an undo, until somebody edits or releases it",
        "a-gone": "one of them was deleted",
        "b-gone": "one of them was deleted",
    }
    both = " and ".join(f"{account} {record}" for account, record in link["records"].items())
    return f"{link['connection']}: {both}, {states[link['state']]}"


def _write(write: Mapping[str, Any]) -> list[str]:
    state = _ENDED.get(write["state"], "undone since" if write["undone"] else "")
    if write["error"]:
        state = f"{state}: {write['error']}"
    did = f"{write['account']} {write['record'] or '(new)'} was {_DID[write['op']]}"
    head = f"  {instant(write['at_ms'])} run {write['run']} by {write['actor']}: {did}. {write['reason']}"
    because = [f"rule {write['rule']}"] if write["rule"] else []
    because += [write["trace"]] if write["trace"] else []
    because += [f"takes back write {write['undoes']}"] if write["undoes"] is not None else []
    lines = [head + (f" [{state}]" if state else "")]
    lines += [f"    {'; '.join(because)}"] if because else []
    shown = {name: pair for name, pair in write["fields"].items() if any(pair)}
    lines += [f"    {changed(shown)}"] if shown else []
    return lines + [f"    {note}" for note in write["notes"]]


def _event(event: Mapping[str, Any]) -> str:
    where = f"{event['account']} {event['record']}"
    return f"  {instant(event['at_ms'])} run {event['run']}: {where}: {event['kind']}. {event['reason']}"


def _waits(item: Mapping[str, Any]) -> str:
    where = f"{item['account']} {item['record']}"
    if item["answer"] is not None:
        return f"{item['connection']}: {where}: {item['reason']} Answered: {item['answer']}."
    verb = "can't be synced" if item["question"] == "problem" else "waits for a person"
    return f"{item['connection']}: {where} {verb}: {item['reason']}"
