"""`linedesk check` against the simulated PBX and CRM: each thing that is missing is a sentence of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.freshdesk import ADMIN, Freshdesk, freshdesk
from demo.rig import Rig, rig
from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import parse
from linedesk.apps.base import Finding, Level
from linedesk.checkup import CheckReport, Checkup, Examined
from linedesk.clock import SystemClock
from linedesk.parts import Parts, opened_parts
from linedesk.settings import load_settings
from linedesk.store import records
from linedesk.sync.details import Details

FILE = """
[accounts.office]
app = "wildix"
url = "{pbx}"
cloud_url = "{pbx}"
region = "GB"
token = "{token}"
requests_per_s = 50
[accounts.crm]
app = "freshdesk"
url = "{crm}"
api_key = "{key}"
[accounts.book]
app = "wildix-phonebook"
pbx = "office"
phonebook = "Linedesk check"
create_phonebook = true
[connections.customers]
from = "crm"
to = "book"
[agents.luca]
role = "agent"
account = "office"
extension = "201"
"""


@dataclass
class Bench:
    """Both simulators, and the parts of a service that knows them."""

    pbx: Rig
    crm: Freshdesk
    parts: Parts

    async def apply(self, text: str) -> None:
        applier = Applier(self.parts.stores.books, self.parts.vault, self.parts.clock)
        file = parse(text, "test")
        await applier.write(file, await applier.plan(file), "test")
        await self.parts.accounts.refresh()
        await self.parts.roster.refresh()
        await self.parts.refresh()

    async def check(
        self, *, health: Sequence[Finding] | None = None, deadline_s: float = 20.0
    ) -> CheckReport:
        parts = self.parts
        checkup = Checkup(
            parts.accounts,
            parts.roster,
            parts.lines,
            parts.apps,
            health=lambda account: (
                health if health is not None else parts.health.sentences(account, parts.clock.now_ms())
            ),
            counts=lambda account: parts.stores.books.read(lambda c: records.counts(c, account)),
            deadline_s=deadline_s,
        )
        return await checkup.run()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with (
        rig() as pbx,
        freshdesk() as crm,
        opened_parts(load_settings(data_dir=tmp_path / "data"), SystemClock()) as parts,
    ):
        made = Bench(pbx, crm, parts)
        await made.apply(FILE.format(pbx=pbx.pbx.url, token=pbx.token, crm=crm.url, key=ADMIN))
        yield made


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """An address that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def of(report: CheckReport, name: str) -> Examined:
    return next(each for each in (*report.accounts, *report.connections) if each.name == name)


def missing(each: Examined) -> str:
    return "\n".join(one.sentence for one in each.findings if one.level is Level.MISSING)


def said(each: Examined, level: Level | None = None) -> str:
    return "\n".join(one.sentence for one in each.findings if level in {None, one.level})


async def test_a_good_setup_is_well_and_says_who_it_is(bench: Bench) -> None:
    report = await bench.check()
    assert [each.name for each in report.accounts] == ["book", "crm", "office"]
    assert [missing(each) for each in (*report.accounts, *report.connections)] == [""] * 4
    assert report.well
    office = of(report, "office")
    assert "extension 100" in office.identity
    assert "It can dial for agents." in said(office)
    assert "users with an extension" in said(office)
    assert "WMS" in said(office)
    assert of(report, "crm").identity
    assert "6 fields go across, every 60 s." in said(of(report, "customers"))


async def test_the_document_has_the_promised_shape(bench: Bench) -> None:
    document: dict[str, Any] = (await bench.check()).to_document()
    assert document.keys() == {"accounts", "connections", "well"}
    account = document["accounts"][0]
    assert account.keys() == {"name", "app", "identity", "well", "findings"}
    assert account["findings"][0].keys() == {"level", "sentence", "remedy"}


async def test_a_wrong_token_is_said_and_changes_nothing_for_the_crm(bench: Bench) -> None:
    await bench.apply('[accounts.office]\ntoken = "access_of-another-pbx"\n')
    report = await bench.check()
    assert not report.well
    assert missing(of(report, "office"))
    assert of(report, "crm").well
    assert "access_of-another-pbx" not in repr(report)


async def test_a_wrong_key_of_the_crm_changes_nothing_for_the_pbx(bench: Bench) -> None:
    await bench.apply('[accounts.crm]\napi_key = "key-of-nobody"\n')
    report = await bench.check()
    assert missing(of(report, "crm")).startswith("Freshdesk (crm)")
    assert of(report, "office").well
    assert not of(report, "customers").well
    assert "key-of-nobody" not in repr(report)


async def test_an_agent_on_an_extension_that_the_pbx_has_not_is_named(bench: Bench) -> None:
    await bench.apply('[agents.eva]\nrole = "agent"\naccount = "office"\nextension = "999"\n')
    office = of(await bench.check(), "office")
    assert missing(office) == "The agent eva has extension 999, which the PBX does not have."


async def test_a_pbx_that_is_not_there_and_one_that_never_answers_are_each_a_sentence(bench: Bench) -> None:
    async with silent() as url:
        await bench.apply(f'[accounts.office]\nurl = "{url}"\n')
        report = await bench.check(deadline_s=2.0)
        assert "not done within 2 s" in missing(of(report, "office"))
        assert of(report, "crm").well
    await bench.apply(f'[accounts.office]\nurl = "{url}"\n')
    assert "can't be reached" in missing(of(await bench.check(), "office"))


REFUSED = {
    "simple": ('token = "access_of-another-pbx"', "good on the PBX that made it", "url"),
    "company": ('token = "access_of-nobody"\ntoken_kind = "company"', "WMS 7.09", "Simple Token"),
    "signed": (
        'token = ""\ns2s_app_id = "app"\ns2s_app_name = "desk"\ns2s_secret = "secret-of-the-application"',
        "id, its name and the time",
        "clock",
    ),
    "password": (
        'token = ""\nlogin = "luca"\npassword = "wrong-one"\nallow_password = true',
        "two-factor",
        "use a token",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_each_kind_of_refused_credential_says_what_else_to_compare(bench: Bench, kind: str) -> None:
    keys, sentence, remedy = REFUSED[kind]
    await bench.apply(f"[accounts.office]\n{keys}\n")
    office = of(await bench.check(), "office")
    assert missing(office)
    [hint] = [each for each in office.findings if sentence in each.sentence]
    assert hint.level is Level.HINT
    assert remedy in hint.remedy


async def test_an_application_that_nobody_consented_to_says_how_to_connect_it(bench: Bench) -> None:
    keys = 'token = ""\noauth_client_id = "desk"\noauth_client_secret = "client-secret"\n'
    await bench.apply(f"[accounts.office]\n{keys}")
    office = of(await bench.check(), "office")
    assert missing(office).startswith("Nobody has consented")
    assert any("`linedesk connect office`" in each.remedy for each in office.findings)


async def test_without_a_service_it_says_that_nobody_looks_for_calls(bench: Bench) -> None:
    report = await bench.parts.checkup(serving=False).run()
    assert report.well
    office = of(report, "office")
    assert "No Linedesk service runs" in said(office, Level.HINT)
    assert "does not look up the calls" not in said(office)
    await bench.apply('[accounts.office]\nevents = "polling"\n')
    office = of(await bench.parts.checkup(serving=False).run(), "office")
    assert "webhook" not in said(office)
    assert "No Linedesk service runs" in said(office, Level.HINT)


async def test_without_a_credential_it_says_where_to_make_one(bench: Bench) -> None:
    await bench.apply('[accounts.office]\ntoken = ""\n')
    report = await bench.check()
    office = of(report, "office")
    assert "has no credential" in missing(office)
    assert any("Simple Token" in each.remedy for each in office.findings)
    assert missing(of(report, "book"))


async def test_webhooks_that_do_not_come_are_missing_unless_polls_do_the_work(bench: Bench) -> None:
    assert "no webhook secret" in said(of(await bench.check(), "office"), Level.HINT)
    await bench.apply('[accounts.office]\nevents = "webhook"\n')
    office = of(await bench.check(), "office")
    assert "no webhook secret" in missing(office)
    assert any("Cloud Analytics" in each.remedy for each in office.findings)
    await bench.apply('[accounts.office]\nwebhook_secret = "a-long-enough-secret"\n')
    assert "No webhook has come" in missing(of(await bench.check(), "office"))
    bench.parts.health.webhook("office", "call:live:started", bench.parts.clock.now_ms())
    assert of(await bench.check(), "office").well


async def test_polls_that_fail_or_can_not_be_done_make_webhooks_needed_again(bench: Bench) -> None:
    no_webhook, no_poll = Finding(Level.MISSING, "No webhook."), Finding(Level.MISSING, "Polls fail.")
    assert (
        missing(of(await bench.check(health=[no_webhook, no_poll]), "office")) == "No webhook.\nPolls fail."
    )
    polls = Finding(Level.OK, "Polls work.")
    assert missing(of(await bench.check(health=[no_webhook, polls]), "office")) == ""
    await bench.apply('[accounts.office]\ntoken = "access_of-another-pbx"\n')
    assert "No webhook." in missing(of(await bench.check(health=[no_webhook, polls]), "office"))


async def test_an_imported_book_needs_no_key_until_a_connection_uses_it(bench: Bench) -> None:
    await bench.apply('[accounts.second]\napp = "freshdesk"\nurl = "https://b.example"\n')
    second = of(await bench.check(), "second")
    assert second.well
    assert "has no api key" in said(second, Level.HINT)
    await bench.apply('[connections.more]\nfrom = "second"\nto = "book"\n')
    assert "has no api key" in missing(of(await bench.check(), "second"))


async def test_two_connections_into_one_phonebook_are_a_hint(bench: Bench) -> None:
    assert said(of(await bench.check(), "customers"), Level.HINT) == ""
    await bench.apply(
        '[accounts.second]\napp = "freshdesk"\nurl = "https://b.example"\n'
        '[connections.more]\nfrom = "second"\nto = "book"\n'
    )
    customers = of(await bench.check(), "customers")
    assert "writes into the same book as `more`" in said(customers, Level.HINT)
    assert customers.well


async def test_a_phonebook_says_why_its_pbx_can_not_be_used(bench: Bench) -> None:
    await bench.apply("[accounts.office]\nenabled = false\n")
    book = of(await bench.check(), "book")
    assert missing(book) == "There is no PBX account office, or it is switched off."
    await bench.apply(
        '[accounts.office]\nenabled = true\ntoken = ""\noauth_client_id = "a"\n'
        'oauth_client_secret = "client-secret"\n'
    )
    assert "Nobody has consented" in missing(of(await bench.check(), "book"))


async def test_a_book_of_pages_only_has_nothing_to_reach(bench: Bench) -> None:
    await bench.apply('[accounts.old]\napp = "csv"\n')
    assert "nothing to reach" in said(of(await bench.check(), "old"))


async def test_no_account_at_all_is_not_well(tmp_path: Path) -> None:
    async with opened_parts(load_settings(data_dir=tmp_path / "data"), SystemClock()) as parts:
        assert not (await parts.checkup().run()).well


async def test_a_phonebook_that_is_not_there_is_said(bench: Bench) -> None:
    await bench.apply("[accounts.book]\ncreate_phonebook = false\n")
    report = await bench.check()
    assert "Linedesk check" in missing(of(report, "book"))
    assert of(report, "office").well


async def test_a_synced_account_tells_how_many_contacts_are_read_whole_so_far(bench: Bench) -> None:
    before = of(await bench.check(), "crm")
    assert not any("read" in each.sentence for each in before.findings)
    await bench.parts.engine.run("customers")
    whole, total = await bench.parts.stores.books.read(lambda c: records.counts(c, "crm"))
    assert whole < total, "the lists of Freshdesk leave out tags"
    told = [each.sentence for each in of(await bench.check(), "crm").findings]
    assert f"{whole} of {total} contacts read whole so far; the rest follows in the background." in told
    details = Details(bench.parts.stores.books, bench.parts.clock, bench.parts.engine, bench.parts.apps.app)
    while await details.step():
        pass
    assert f"{total} contacts read." in [each.sentence for each in of(await bench.check(), "crm").findings]
