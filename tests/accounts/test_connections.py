"""Connections in the file of `linedesk apply`: like accounts, and never between what is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linedesk.accounts.advice import advice
from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.changes import Kind
from linedesk.accounts.edge import parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.clock import ManualClock
from linedesk.errors import ApplyError
from linedesk.store import audit
from linedesk.store import connections as rows
from linedesk.store.database import Database
from linedesk.sync.model import Connection, Direction

ApplyText = Callable[[str], Awaitable[ApplyPlan]]


async def test_a_connection_arrives_and_goes_out_again(  # noqa: PLR0917
    connected: str,
    apply_text: ApplyText,
    applier: Applier,
    books: Database,
    vault: Vault,
    clock: ManualClock,
) -> None:
    plan = await apply_text(connected)
    (change,) = [each for each in plan.changes if each.target == "connections.customers"]
    assert change.kind is Kind.ADD
    assert "    from: 'crm'" in change.lines()
    wanted = Connection("customers", "crm", "book", Direction.TO_B, 600)
    assert await books.read(rows.all_connections) == [wanted]
    accounts = Accounts(books, vault, clock)
    await accounts.refresh()
    assert accounts.connections() == (wanted,)
    assert accounts.connection("customers") == wanted
    assert accounts.connection("none") is None
    text = as_toml(await applier.setup(), "")
    assert (await applier.plan(parse(text, "export.toml"))).changes == ()
    assert (await apply_text(connected)).changes == ()
    told = [row.target for row in await books.read(lambda c: audit.latest(c, 100))]
    assert told.count("connections.customers") == 1


async def test_a_key_that_is_left_out_stays(connected: str, apply_text: ApplyText, applier: Applier) -> None:
    await apply_text(connected)
    plan = await apply_text("[connections.customers]\nevery_s = 0\nexternal_ids = false\n")
    assert [(each.name, each.before, each.after) for each in plan.changes[0].fields] == [
        ("every_s", 600, 0),
        ("external_ids", True, False),
    ]
    connection = (await applier.setup()).connections["customers"]
    assert (connection.a, connection.b, connection.every_s) == ("crm", "book", 0)


async def test_a_pause_is_not_undone_by_a_file(
    connected: str, apply_text: ApplyText, applier: Applier, books: Database
) -> None:
    await apply_text(connected)
    await books.write(lambda c: rows.set_paused(c, "customers", True))
    await apply_text("[connections.customers]\nevery_s = 60\n")
    assert (await applier.setup()).connections["customers"].paused


async def test_other_accounts_are_said_to_make_it_another_connection(
    connected: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(
        connected + '[accounts.second]\napp = "wildix-phonebook"\npbx = "office"\nphonebook = "B"\n'
    )
    plan = await apply_text('[connections.customers]\nto = "second"\n')
    assert "pairs found so far are forgotten" in plan.changes[0].note
    assert (await applier.setup()).connections["customers"].b == "second"


async def test_an_account_in_use_is_not_removed_from_under_a_connection(
    connected: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(connected)
    for name in ("crm", "book"):
        with pytest.raises(ApplyError, match=f"`connections.customers.*` names `{name}`, which is no acc"):
            await apply_text(f"[accounts.{name}]\nremove = true\n")
    plan = await apply_text("[accounts.crm]\nremove = true\n[connections.customers]\nremove = true\n")
    assert {each.target for each in plan.changes} >= {"accounts.crm", "connections.customers"}
    assert (await applier.setup()).connections == {}


async def test_a_pbx_with_a_phonebook_account_is_not_removed(connected: str, apply_text: ApplyText) -> None:
    await apply_text(connected)
    with pytest.raises(ApplyError, match=r"`accounts.book.pbx` names `office`, which is no PBX account"):
        await apply_text("[accounts.office]\nremove = true\n[agents.luca]\nremove = true\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[connections.new]\nfrom = 'crm'", "`connections.new.to` is missing"),
        ("[connections.new]\nto = 'crm'", "`connections.new.from` is missing"),
        ("[connections.new]\nfrom = 'crm'\nto = 'x'", "`connections.new.to` names `x`, which is no account"),
        ("[connections.new]\nfrom = 'crm'\nto = 'office'", "names `office`, which is a PBX"),
        ("[connections.new]\nfrom = 'crm'\nto = 'crm'", "must join two different accounts"),
        ("[connections.new]\nfrom = 'old'\nto = 'book'", "Linedesk can't sync csv accounts"),
        ("[connections.customers]\nevery_s = 9", "`connections.customers.every_s`: must be 0"),
        ("[connections.customers]\nevery_s = -1", "`connections.customers.every_s`: input should be"),
        ("[connections.customers]\ndirection = 'up'", "'up' must be 'two-way' or 'one-way'"),
        ("[connections.customers]\nsource = 'crm'", "`connections.customers.source` is not a key"),
        ("[connections.'A B']\nfrom = 'crm'", "`connections.A B`: 'A B' must be 1 to 32"),
        ("[accounts.crm]\npbx = 'office'", "`accounts.crm.pbx` is a key of another app's accounts"),
        ("[accounts.crm]\ntoken = 'access_1'", "`accounts.crm.token` is a key of PBX accounts"),
        ("[accounts.book]\npbx = 'crm'", "`accounts.book.pbx` names `crm`, which is no PBX account"),
        ("[accounts.book]\npbx = ''", "`accounts.book.pbx` is missing"),
        ("[accounts.book]\ncreate_phonebook = 'maybe'", "`accounts.book.create_phonebook`: input should be"),
    ],
)
async def test_what_does_not_fit_is_one_sentence_and_nothing_is_written(
    connected: str, apply_text: ApplyText, applier: Applier, text: str, sentence: str
) -> None:
    await apply_text(connected + '[accounts.old]\napp = "csv"\n')
    before = await applier.setup()
    with pytest.raises(ApplyError) as caught:
        await apply_text(text)
    assert sentence in caught.value.message
    assert await applier.setup() == before


async def test_an_apps_own_keys_are_sealed_or_stored_as_its_settings_say(  # noqa: PLR0917
    connected: str, apply_text: ApplyText, applier: Applier, books: Database, vault: Vault, clock: ManualClock
) -> None:
    await apply_text(connected)
    accounts = Accounts(books, vault, clock)
    await accounts.refresh()
    crm, book = accounts.app("crm"), accounts.app("book")
    assert crm is not None
    assert book is not None
    assert crm.secrets == {"api_key": "key-of-freshdesk"}
    assert "api_key" not in crm.config
    assert book.config["phonebook"] == "Customers"
    assert "key-of-freshdesk" not in repr(crm) + as_toml(await applier.setup(), "")
    plan = await apply_text('[accounts.crm]\napi_key = "key-two"\n')
    assert "    api_key: changed" in plan.lines()


async def test_a_default_is_not_stored_so_that_a_better_one_arrives(
    connected: str, apply_text: ApplyText, books: Database
) -> None:
    from linedesk.store import accounts

    await apply_text(connected)
    stored = {row.name: row.config for row in await books.read(accounts.all_accounts)}
    assert stored["book"] == {"url": "", "enabled": True, "pbx": "office", "phonebook": "Customers"}
    assert "cloud_url" not in stored["office"]


@pytest.mark.parametrize("book", ["book", "twin"])
async def test_two_connections_into_one_phonebook_are_warned_of_and_not_refused(
    connected: str, apply_text: ApplyText, applier: Applier, book: str
) -> None:
    """`twin` is the same phonebook under another name: they overwrite each other just so."""
    await apply_text(connected)
    same = (await applier.setup()).accounts["book"].config
    before = advice(await applier.setup())
    await apply_text(
        f'[accounts.twin]\napp = "wildix-phonebook"\npbx = "{same["pbx"]}"\n'
        f'phonebook = "{same["phonebook"]}"\n'
        '[accounts.second]\napp = "freshdesk"\nurl = "https://b.example"\napi_key = "k"\n'
        f'[connections.more]\nfrom = "second"\nto = "{book}"\n'
    )
    (told,) = [each for each in advice(await applier.setup()) if each not in before]
    assert told.startswith("The connection `customers` writes into the same book as `more`")
    await apply_text("[connections.more]\nenabled = false\n")
    assert advice(await applier.setup()) == before
