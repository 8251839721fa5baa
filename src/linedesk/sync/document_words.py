"""Reads the small pieces of a document that a person wrote, with sentences on what is wrong. Pure.

Every function takes the piece and its path, and raises `ValueError` with a sentence that begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

LONGEST_NAME = 200
LONGEST_TEXT = 2000


def table(item: object, path: str) -> Mapping[str, Any]:
    if not isinstance(item, Mapping) or not all(isinstance(key, str) for key in item):
        raise ValueError(f"`{path}` must be a table, such as {{ name = … }}")
    return item


def listed(items: object, path: str, most: int) -> Iterator[tuple[str, object]]:
    """Each piece with its path; pieces count from 1."""
    if not isinstance(items, list | tuple):
        raise _wrong(path, "must be a list")
    if len(items) > most:
        raise ValueError(f"`{path}` has {len(items)} entries; {most} is the most")
    return ((f"{path}[{count}]", item) for count, item in enumerate(items, 1))


def keys(item: Mapping[str, Any], path: str, known: Iterable[str], needed: Iterable[str] = ()) -> None:
    """That the table has all it needs and nothing else."""
    words = [str(each) for each in known]
    for key in item:
        if key not in words:
            raise ValueError(f"`{path}.{key}` is not a key that Linedesk knows here{meant(key, words)}")
    for key in needed:
        if key not in item:
            raise ValueError(f"`{path}.{key}` is missing")


def word(item: object, path: str, known: Iterable[str]) -> str:
    """One of some words."""
    words = sorted(known)
    if isinstance(item, str) and item in words:
        return item
    one_of = " or ".join(f"`{each}`" for each in words)
    close = meant(item, words) if isinstance(item, str) else ""
    raise ValueError(f"`{path}` must be {one_of}{close}")


def name_of(item: object, path: str) -> str:
    """A text that says something and is not too long, without outer white space."""
    if not isinstance(item, str) or not item.strip():
        raise ValueError(f"`{path}` must be a text that is not empty")
    if len(item) > LONGEST_NAME:
        raise ValueError(f"`{path}` has {len(item)} characters; {LONGEST_NAME} is the most")
    return item.strip()


def scalar(item: object, path: str) -> str:
    """A text as it is; a number, a truth value or a date as the text of it."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, date):
        return item.isoformat()
    if not isinstance(item, str | int | float):
        raise _wrong(path, "must be a text, a number, true, false or a date")
    text = str(item)
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"`{path}` has {len(text)} characters; {LONGEST_TEXT} is the most")
    return text


def switch(item: object, path: str) -> bool:
    if not isinstance(item, bool):
        raise _wrong(path, "must be true or false")
    return item


def meant(given: str, known: Iterable[str]) -> str:
    """` (did you mean `this`?)`, or nothing when no known word is close."""
    close = get_close_matches(given, sorted(known), n=1, cutoff=0.7)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _wrong(path: str, what: str) -> ValueError:
    return ValueError(f"`{path}` {what}")
