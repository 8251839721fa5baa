"""SQLite's driver asked directly, for the queries on which a popup or a keystroke waits.

Through SQLAlchemy a query goes to the driver's thread and back four times (cursor, execute, fetch, close),
which costs more than a lookup does. The SQL is plain; only the `?` marks and the way round are SQLite's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from aiosqlite import Connection as Driver
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.util import await_only


def fetch(c: Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Every row of a query as plain tuples, in one turn of the driver's thread.

    Trouble of the file comes out as SQLAlchemy's own errors, as it does everywhere.
    """
    driver = c.connection.driver_connection
    if not isinstance(driver, Driver):
        return [tuple(row) for row in c.exec_driver_sql(sql, tuple(values))]
    try:
        return list(await_only(driver.execute_fetchall(sql, values)))
    except sqlite3.OperationalError as error:
        raise OperationalError(sql, None, error) from error
    except sqlite3.Error as error:
        raise DatabaseError(sql, None, error) from error


def marks(count: int) -> str:
    """`count` marks for values, as IN wants them."""
    return ",".join("?" * count)
