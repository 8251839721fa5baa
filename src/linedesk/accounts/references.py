"""Secrets by reference: `{ env = "NAME" }` or `{ file = "/path" }` in the file of `linedesk apply`.

They are read when the file is applied; what the database keeps is the sealed value, not the reference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from linedesk.errors import ApplyError

_MAX_BYTES = 65_536
_KEEP = "Set it for this command, or take the key out of the file: a secret that is not named stays as it is."
_LOOK = "Check the file's name and rights; a relative name begins at the folder of the TOML file."


def resolved(
    document: dict[str, Any], secrets: Collection[str], folder: Path, environ: Mapping[str, str]
) -> dict[str, Any]:
    """`document` with the text in the place of each reference under a key of `secrets`.

    A file's path is relative to `folder`. Raises `ApplyError`; no sentence repeats what was read.
    """
    accounts = document.get("accounts")
    if not isinstance(accounts, dict):
        return document
    tables = {
        name: {
            key: _value(f"accounts.{name}.{key}", value, folder, environ)
            if key in secrets and isinstance(value, dict)
            else value
            for key, value in table.items()
        }
        if isinstance(table, dict)
        else table
        for name, table in accounts.items()
    }
    return {**document, "accounts": tables}


def plain(document: Mapping[str, Any], secrets: Collection[str]) -> list[str]:
    """The paths of secrets that stand in `document` as text themselves."""
    accounts = document.get("accounts")
    return [
        f"accounts.{name}.{key}"
        for name, table in (accounts.items() if isinstance(accounts, dict) else ())
        if isinstance(table, dict)
        for key, value in table.items()
        if key in secrets and isinstance(value, str) and value
    ]


def _value(path: str, reference: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> str:
    match dict(reference):
        case {"env": str(name), **rest} if not rest:
            found, where = environ.get(name), f"the environment variable {name}"
            if found is None:
                raise ApplyError(f"`{path}`: {where} is not set.", remedy=_KEEP)
        case {"file": str(name), **rest} if not rest:
            found, where = _read(path, folder / name), str(folder / name)
        case _:
            raise ApplyError(
                f'`{path}` must be a text, {{ env = "NAME" }} or {{ file = "/path" }}.',
            )
    text = found.strip()
    if not text:
        raise ApplyError(f"`{path}`: {where} is empty.", remedy='To clear a secret, write "" in the file.')
    return text


def _read(path: str, file: Path) -> str:
    try:
        with file.open("rb") as handle:
            data = handle.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ApplyError(f"`{path}`: {file} is larger than a secret can be.")
        return data.decode("utf-8")
    except OSError as error:
        raise ApplyError(f"`{path}`: {file} can't be read: {error.strerror}.", remedy=_LOOK) from None
    except UnicodeDecodeError:
        raise ApplyError(f"`{path}`: {file} is no text.") from None
