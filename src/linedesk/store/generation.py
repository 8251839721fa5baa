"""A number that rises with every change of agents, accounts, origins or dialling rules.

A command beside the running service bumps it in the transaction of its change; the service compares
it each second and reads anew. It says that something changed, not what.
"""

from __future__ import annotations

from sqlalchemy import Connection

from linedesk.store import documents

_NAME = "generation"


def read(c: Connection) -> int:
    """The present generation; 0 before the first change."""
    document = documents.get(c, _NAME)
    return 0 if document is None else int(document["n"])


def bump(c: Connection) -> int:
    """Raise it by one and answer the new value; the caller's transaction must be a writing one."""
    value = read(c) + 1
    documents.put(c, _NAME, {"n": value})
    return value
