"""What is wrong with a file of `linedesk apply`, key by key, in sentences that repeat no secret. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

# Pydantic's own steps ("[key]", the branch of a union) mean nothing to the reader of the file.
_SKIPPED = frozenset({"[key]", "literal['all']"})


def unknown_key(path: str, known: Iterable[str]) -> str:
    """That the last step of `path` is no key, and which of `known` may be meant."""
    return f"`{path}` is not a key that Linedesk knows{meant(path.rpartition('.')[2], known)}"


def meant(word: str, known: Iterable[str]) -> str:
    """` (did you mean `this`?)`, or nothing when no known word is close."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.7)
    return f" (did you mean `{close[0]}`?)" if close else ""


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a table as the file spells them."""
    return [info.alias or name for name, info in model.model_fields.items()]


def sentence(item: Mapping[str, Any], tables: Mapping[str, type[BaseModel]]) -> str:
    """One of pydantic's errors; `tables` has the model of each kind of table by its path, "" for the file."""
    steps = item["loc"]
    path = _path(steps)
    if item["type"] == "extra_forbidden":
        table = tables.get(_kind(steps))
        return unknown_key(path, keys_of(table) if table is not None else ())
    if item["type"] == "value_error":
        return f"`{path}`: {item['ctx']['error']}"
    if item["type"] == "missing":
        return f"`{path}` is missing"
    message: str = item["msg"]
    return f"`{path}`: {message[0].lower()}{message[1:]}"


def _kind(steps: tuple[int | str, ...]) -> str:
    """The path of the table that a wrong key stands in, without the names of accounts and connections."""
    first, *more = [str(step) for step in steps[:-1] if not isinstance(step, int)] or [""]
    return ".".join([first, *more[1:]])


def _path(steps: tuple[int | str, ...]) -> str:
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step + 1}]"
        elif step not in _SKIPPED and not step.startswith(("list[", "function-")):
            path += f".{step}" if path else step
    return path or "the file"
