"""A database, a vault and what `linedesk apply` works with."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.edge import parse
from linedesk.accounts.vault import Vault
from linedesk.clock import ManualClock
from linedesk.store.database import Database
from linedesk.store.migrate import migrate

ApplyText = Callable[[str], Awaitable[ApplyPlan]]


@pytest.fixture(scope="session")
def empty_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the real schema, made once and copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "books.db"
    migrate(path, "books")
    return path


@pytest.fixture
async def books(tmp_path: Path, empty_books: Path) -> AsyncIterator[Database]:
    shutil.copy(empty_books, tmp_path / "books.db")
    database = await Database.open(tmp_path / "books.db", durability="FULL")
    yield database
    await database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def applier(books: Database, vault: Vault, clock: ManualClock) -> Applier:
    return Applier(books, vault, clock)


@pytest.fixture
def apply_text(applier: Applier) -> ApplyText:
    """Plan and write a file; answers the plan that was written."""

    async def run(text: str) -> ApplyPlan:
        file = parse(text, "setup.toml")
        plan = await applier.plan(file)
        await applier.write(file, plan, "tester")
        return plan

    return run


@pytest.fixture
def full() -> str:
    """A file with everything but a connection."""
    return FULL


@pytest.fixture
def connected() -> str:
    """`full` with a phonebook and a connection to it."""
    return FULL + CONNECTION


FULL = r"""
origins = ["https://crm.example.com"]
[accounts.office]
app = "wildix"
url = "https://acme.wildixin.com"
region = "IT"
internal_pattern = '\d{3}'
outside_line = "0"
webhook_secret = "hook-secret-one"
webhook_secret_previous = "hook-secret-old"
token = "access_abcdefgh"
token_kind = "simple"
enabled = true
[[accounts.office.prefix_rules]]
prefix = "0"
replace = ""
min_digits = 10
[accounts.crm]
app = "freshdesk"
url = "https://acme.freshdesk.com/"
api_key = "key-of-freshdesk"
[agents.luca]
name = "Luca Rossi"
role = "agent"
account = "office"
extension = "201"
email = "luca@example.test"
user_id = "9000201"
books = ["crm"]
open_page = "ring"
active = true
[agents.boss]
role = "owner"
[dialling]
stopped = false
countries = ["it", "CH"]
denied_prefixes = ["+979"]
per_minute = 10
per_hour = 60
per_day = 300
at_once = 3
"""

CONNECTION = """
[accounts.book]
app = "wildix-phonebook"
pbx = "office"
phonebook = "Customers"
[connections.customers]
from = "crm"
to = "book"
direction = "one-way"
every_s = 600
enabled = true
external_ids = true
"""
