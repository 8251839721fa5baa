"""`linedesk contacts export`, and its file imported again."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from linedesk.commands.contacts import contacts
from linedesk.errors import UserError
from running import printed

_FORMULA = '7,"=HYPERLINK(""x"")",Rossi,+39 02 1234567,333 1234567'
ROWS = f"ID,Name,Company,Phone,Mobile\n{_FORMULA}\n8,Bea,,02 7654321,\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('data_dir = "data"\n')
    (tmp_path / "people.csv").write_text(ROWS, encoding="utf-8")
    printed(contacts, "import", str(tmp_path / "people.csv"), "--config", str(path), "--book", "files")
    return path


def run(config: Path, *more: str) -> str:
    return printed(contacts, *more, "--config", str(config))


@pytest.mark.parametrize("name", ["out.csv", "out.vcf"])
def test_J06_a_file_is_previewed_and_then_imported_without_a_change(config: Path, name: str) -> None:
    file = config.parent / name
    assert run(config, "export", "-o", str(file)) == f"Exported 2 contacts of files to {file}.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    shown = run(config, "import", str(file), "--book", "files", "--preview")
    assert "0 new, 2 already there" in shown
    assert "Nothing was written" in shown
    run(config, "import", str(file), "--book", "files", "--replace")
    run(config, "export", "-o", str(file))
    assert file.read_bytes() == before


def test_J03_the_file_holds_no_formula(config: Path) -> None:
    done = CliRunner().invoke(contacts, ["export", "--separator", "semicolon", "--config", str(config)])
    rows = list(csv.reader(io.StringIO(done.stdout_bytes.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row[2] for row in rows] == ["Name", '\'=HYPERLINK("x")', "Bea"]
    assert not any(cell[:1] in {"=", "+", "-", "@"} for row in rows for cell in row if cell)


def test_the_format_may_be_given_and_the_version(config: Path) -> None:
    done = CliRunner().invoke(
        contacts, ["export", "--format", "vcard", "--vcard-version", "4.0", "--config", str(config)]
    )
    assert done.stdout_bytes.startswith(b"BEGIN:VCARD\r\nVERSION:4.0\r\n")


def test_a_book_must_be_named_where_there_are_several_and_must_be_there(config: Path) -> None:
    run(config, "import", str(config.parent / "people.csv"), "--book", "more")
    with pytest.raises(UserError, match="There are several books: files, more"):
        run(config, "export")
    with pytest.raises(UserError, match="The book nobody has no contacts; there are files, more"):
        run(config, "export", "--book", "nobody")
    assert "Exported 2 contacts of more" in run(
        config, "export", "--book", "more", "-o", str(config.parent / "m.csv")
    )


def test_a_file_that_can_not_be_written_is_said_and_leaves_nothing(config: Path) -> None:
    with pytest.raises(UserError, match="can't be written"):
        run(config, "export", "-o", str(config.parent / "no" / "x.csv"))
