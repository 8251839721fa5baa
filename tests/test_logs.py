"""No secret and no whole number gets into a log, whatever a line is made of."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from linedesk.errors import StoreError
from linedesk.logs import configure_logs, redact
from linedesk.store.migrate import open_stores


def logged(**values: Any) -> dict[str, Any]:
    return dict(redact(None, "info", {"event": "e", **values}))


@pytest.mark.parametrize(
    "name", ["token", "pbx_token", "password", "webhook_secret", "Authorization", "api_key", "cookie", "code"]
)
def test_values_whose_name_says_secret_are_hidden(name: str) -> None:
    assert logged(**{name: "abc"})[name] == "(hidden)"


@pytest.mark.parametrize(
    "reason", ["+390212345678", "call 02 1234 5678 now", "(212) 555-0142", "00442079460018"]
)
def test_numbers_inside_texts_are_masked(reason: str) -> None:
    digits = "".join(filter(str.isdigit, logged(reason=reason)["reason"]))
    assert len(digits) < 7


def test_a_bearer_token_inside_a_text_is_hidden() -> None:
    assert "abc.def" not in logged(reason="sent Authorization: Bearer abc.def")["reason"]


def test_an_error_code_is_no_secret() -> None:
    assert logged(error_code="not_signed_in")["error_code"] == "not_signed_in"


@given(st.text())
def test_a_line_stays_one_line(reason: str) -> None:
    assert logged(reason=reason)["reason"].isprintable()


def test_values_are_cleaned_however_deep_they_stand() -> None:
    line = logged(
        rows=[{"number": "+390212345678", "token": "abc"}, ("02 1234 5678",)],
        sent={"Authorization": "abc", "+390212345678": {"x": {"tel:+390212345678"}}},
        error=ValueError("no call to +390212345678"),
        raw=b"+390212345678",
        count=3,
    )
    assert "12345678" not in repr(line).replace(" ", "")
    assert "abc" not in repr(line)
    assert line["count"] == 3


@pytest.mark.parametrize(
    "reason",
    [
        "https://x.example/?access_token=hush&a=1",
        "{'X-Api-Key': 'hush'}",
        '{"password": "hush hush"}',
        "Authorization: hush",
    ],
)
def test_a_named_secret_inside_a_text_is_hidden(reason: str) -> None:
    assert "hush" not in logged(reason=reason)["reason"]


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def fail() -> None:
    """An error as it happens: the database's own, with parameters, inside one that names what was sent."""
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO none VALUES (:n)"), {"n": "+390212345678"})
    except DBAPIError as error:
        raise RuntimeError("caller 02 8765 4321 with Authorization: Bearer abc.def\nforged line") from error


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("source", ["structlog", "aiohttp.server", "asyncio", "alembic"])
def test_an_exception_chain_is_logged_without_numbers_and_secrets(
    log_format: str, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(log_format, "info")
    configure_logs(log_format, "info")
    try:
        fail()
    except RuntimeError:
        if source == "structlog":
            structlog.get_logger("x").exception("it_failed", number="+390212345678")
        else:
            logging.getLogger(source).exception("it_failed for %s", "+390212345678")
    written = capsys.readouterr().err
    assert written.count("it_failed") == 1, "one handler, however often it is set up"
    assert "OperationalError" in written, "the chain is there"
    assert "RuntimeError" in written
    for whole in ("390212345678", "8765 4321", "abc.def"):
        assert whole not in written
    if log_format == "json":
        (line,) = written.splitlines()
        trace = json.loads(line)["exception"]
    else:
        trace = written.partition("\n")[2]
    assert len(trace.splitlines()) > 10, "a trace keeps its lines"
    assert all(line.startswith("  ") for line in trace.splitlines() if line), "no line passes for an event"


@pytest.mark.usefixtures("restored")
async def test_what_asyncio_reports_itself_is_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "info")
    asyncio.get_running_loop().call_exception_handler(
        {"message": "lost +390212345678", "exception": ValueError("Bearer abc.def")}
    )
    line = json.loads(capsys.readouterr().err)
    assert line["logger"] == "asyncio"
    assert "390212345678" not in repr(line)
    assert "abc.def" not in repr(line)


@pytest.mark.usefixtures("restored")
async def test_parameters_of_the_service_s_own_databases_are_not_in_its_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("json", "info")
    stores = await open_stores(tmp_path)
    name = "".join(["Giusep", "pina"])  # the trace shows the lines of this file too
    try:
        await stores.books.write(
            lambda c: c.execute(text("INSERT INTO none VALUES (:n)"), {"n": name}).close()
        )
    except StoreError:
        structlog.get_logger("x").exception("it_failed")
    finally:
        await stores.close()
    written = capsys.readouterr().err
    assert "no such table" in written
    assert name not in written
