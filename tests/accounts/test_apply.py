"""`linedesk apply` from file to database: additive, idempotent, audited, whole, no secret shown."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from linedesk.accounts.apply import Applier, ApplyPlan
from linedesk.accounts.changes import Kind, changes
from linedesk.accounts.edge import DiallingTable, parse
from linedesk.accounts.export import as_toml
from linedesk.accounts.plan import wanted
from linedesk.accounts.setup import DIALLING, Setup
from linedesk.agents.model import Agent, OpenPage, Role
from linedesk.agents.tokens import API, Tokens
from linedesk.calls.dial_policy import DialPolicy
from linedesk.clock import ManualClock
from linedesk.contacts.index import indexed
from linedesk.contacts.model import Contact
from linedesk.errors import ApplyError, Conflict, NotSignedIn
from linedesk.numbers.model import NumberPlan
from linedesk.store import agents, audit, contacts, documents, generation
from linedesk.store.database import Database

ApplyText = Callable[[str], Awaitable[ApplyPlan]]
SECRETS = ("hook-secret-one", "hook-secret-old", "access_abcdefgh")
PBX = '[accounts.{0}]\napp = "wildix"\nurl = "https://{0}.wildixin.com"\nregion = "IT"\n'
EMPTY = Setup({}, {}, frozenset(), DialPolicy())


async def test_a_full_file_becomes_the_setup(full: str, apply_text: ApplyText, applier: Applier) -> None:
    await apply_text(full)
    setup = await applier.setup()
    assert setup.origins == {"https://crm.example.com"}
    assert setup.accounts["office"].secrets == {
        "webhook_secret": "hook-secret-one",
        "webhook_secret_previous": "hook-secret-old",
        "token": "access_abcdefgh",
    }
    assert setup.accounts["crm"].config["url"] == "https://acme.freshdesk.com"
    luca = setup.agents["luca"]
    assert luca == Agent(
        id=luca.id,
        login="luca",
        name="Luca Rossi",
        role=Role.AGENT,
        account="office",
        extension="201",
        email="luca@example.test",
        user_id="9000201",
        books=frozenset({"crm"}),
        open_page=OpenPage.ON_RING,
    )
    assert setup.agents["boss"].books is None
    assert setup.dialling.countries == ("IT", "CH")


async def test_a_second_apply_has_nothing_to_change_and_writes_nothing(
    full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full)
    before = await books.read(lambda c: (audit.latest(c, 100), generation.read(c)))
    assert (await apply_text(full)).changes == ()
    assert await books.read(lambda c: (audit.latest(c, 100), generation.read(c))) == before


async def test_what_the_file_does_not_name_stays(full: str, apply_text: ApplyText, applier: Applier) -> None:
    await apply_text(full)
    before = await applier.setup()
    plan = await apply_text('[agents.luca]\nextension = "202"\n')
    after = await applier.setup()
    assert [(each.name, each.before, each.after) for each in plan.changes[0].fields] == [
        ("extension", "201", "202")
    ]
    assert after.accounts == before.accounts
    assert after.agents["luca"] == replace(before.agents["luca"], extension="202")
    assert (after.origins, after.dialling) == (before.origins, before.dialling)


async def test_export_applies_again_with_no_change(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    text = as_toml(await applier.setup(), "https://linedesk.example")
    plan = await applier.plan(parse(text, "export.toml"))
    assert plan.changes == ()
    assert "https://linedesk.example/hooks/wildix/office" in text
    assert "# token: set, left out here" in text


async def test_no_secret_is_in_the_diff_the_export_the_audit_or_the_file(
    full: str, apply_text: ApplyText, applier: Applier, books: Database, tmp_path: Path
) -> None:
    plan = await apply_text(full)
    rotated = await apply_text('[accounts.office]\nwebhook_secret = "hook-secret-two"\ntoken = ""\n')
    removed = await apply_text("[accounts.crm]\nremove = true\n")
    rows = await books.read(lambda c: audit.latest(c, 100))
    setup = await applier.setup()
    told = "\n".join(
        [
            *(line for each in (plan, rotated, removed) for line in each.lines()),
            json.dumps([change.as_json() for each in (plan, rotated) for change in each.changes]),
            as_toml(setup, "https://linedesk.example"),
            repr([*rows, setup, plan, rotated]),
        ]
    )
    await books.close()
    told += files_of(tmp_path)
    for secret in (*SECRETS, "hook-secret-two"):
        assert secret not in told
    assert "webhook_secret: set" in "\n".join(plan.lines())
    assert "    webhook_secret: changed" in rotated.lines()
    assert "    token: cleared" in rotated.lines()


def files_of(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.iterdir())


async def test_every_change_has_its_audit_row_and_the_generation_rises(
    full: str, apply_text: ApplyText, books: Database, clock: ManualClock
) -> None:
    await apply_text(full)
    clock.advance(10)
    await apply_text('[agents.luca]\nextension = "202"\n[agents.boss]\nremove = true\n')
    removal, change = (await books.read(lambda c: audit.latest(c, 2)))[::-1]
    assert (removal.action, removal.target, removal.after) == ("apply.remove", "agents.boss", None)
    assert removal.before is not None
    assert removal.before["role"] == "owner"
    assert (change.action, change.target, change.actor) == ("apply.change", "agents.luca", "tester")
    assert (change.before, change.after) == ({"extension": "201"}, {"extension": "202"})
    assert change.at_ms == clock.now_ms()
    assert await books.read(generation.read) == 2


async def test_remove_takes_away_what_is_named_and_may_name_what_is_gone(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    text = "[accounts.crm]\nremove = true\n[agents.luca]\nremove = true\n"
    plan = await apply_text(text)
    assert {(change.kind, change.target) for change in plan.changes} == {
        (Kind.REMOVE, "accounts.crm"),
        (Kind.REMOVE, "agents.luca"),
    }
    assert set((await applier.setup()).agents) == {"boss"}
    assert (await apply_text(text)).changes == ()


async def test_the_contacts_of_a_removed_account_go_with_it(
    full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full + '[accounts.other]\napp = "hubspot"\nurl = "https://app.hubspot.com/contacts/1"\n')
    people = [
        Contact(f"{book}-{each}", book, "freshdesk", str(each), f"Ada {each}")
        for book in ("crm", "other")
        for each in range(1_100)
    ]
    plan = NumberPlan("IT")
    await books.write(lambda c: contacts.put(c, [indexed(each, plan) for each in people]))
    await apply_text("[accounts.crm]\nremove = true\n")
    assert await books.read(lambda c: contacts.count(c, "crm")) == 0
    assert await books.read(lambda c: contacts.count(c, "other")) == 1_100


async def test_a_removed_book_leaves_the_agents_lists(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    await apply_text("[accounts.crm]\nremove = true\n")
    setup = await applier.setup()
    # None would mean all books: the agent must not see more than before.
    assert setup.agents["luca"].books == frozenset()
    assert (await applier.plan(parse(as_toml(setup, ""), "export.toml"))).changes == ()


async def test_a_pbx_with_agents_is_not_removed_from_under_them(full: str, apply_text: ApplyText) -> None:
    await apply_text(full)
    with pytest.raises(ApplyError, match="Agent `luca` is in account `office`"):
        await apply_text("[accounts.office]\nremove = true\n")
    await apply_text("[accounts.office]\nremove = true\n[agents.luca]\nremove = true\n")


async def test_two_agents_may_swap_their_extensions(apply_text: ApplyText, applier: Applier) -> None:
    agents_of = (
        '[agents.a]\nrole = "agent"\nextension = "{0}"\n[agents.b]\nrole = "agent"\nextension = "{1}"\n'
    )
    await apply_text(PBX.format("office") + agents_of.format("201", "202"))
    await apply_text(agents_of.format("202", "201"))
    setup = await applier.setup()
    assert (setup.agents["a"].extension, setup.agents["b"].extension) == ("202", "201")


async def test_an_extension_can_not_be_two_active_agents(apply_text: ApplyText) -> None:
    text = PBX.format("office") + "".join(
        f'[agents.{login}]\nrole = "agent"\naccount = "office"\nextension = "201"\n' for login in ("a", "b")
    )
    with pytest.raises(ApplyError, match="Extension 201 of `office` can't be both `a` and `b`"):
        await apply_text(text)


async def test_an_agent_who_is_off_gives_the_extension_up(apply_text: ApplyText, applier: Applier) -> None:
    await apply_text(PBX.format("office") + '[agents.a]\nrole = "agent"\nextension = "201"\nactive = false\n')
    assert (await applier.setup()).agents["a"].extension == "201"
    await apply_text('[agents.b]\nrole = "agent"\nextension = "201"\n')
    setup = await applier.setup()
    assert (setup.agents["a"].extension, setup.agents["b"].extension) == (None, "201")


async def test_an_extension_without_account_joins_the_only_pbx(
    apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text('[agents.a]\nrole = "agent"\nextension = "201"\n')
    assert (await applier.setup()).agents["a"].account is None
    await apply_text(PBX.format("office"))
    assert (await applier.setup()).agents["a"].account == "office"


async def test_the_same_extension_of_two_pbxs_is_two_agents(apply_text: ApplyText, applier: Applier) -> None:
    await apply_text(
        PBX.format("office")
        + PBX.format("branch")
        + '[agents.a]\nrole = "agent"\naccount = "office"\nextension = "201"\n'
        + '[agents.b]\nrole = "agent"\naccount = "branch"\nextension = "201"\n'
    )
    assert len((await applier.setup()).agents) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[accounts.a]\nurl = "https://a.example"', "`accounts.a.app` is missing"),
        ('[accounts.a]\napp = "magic"\nurl = "https://a.example"', "`accounts.a.app`: 'magic' is no app"),
        ('[accounts.a]\napp = "wildix"\nregion = "IT"', "`accounts.a.url` is missing"),
        ('[accounts.a]\napp = "wildix"\nurl = "https://a.example"', "`accounts.a.region` is missing"),
        (
            '[accounts.a]\napp = "wildix"\nurl = "https://a.example/x"\nregion = "IT"',
            "`accounts.a.url`: 'https://a.example/x' must end after the host",
        ),
        (
            '[accounts.a]\napp = "freshdesk"\nurl = "https://a.example"\nwebhook_secret = "long-enough"',
            "`accounts.a.webhook_secret` is a key of PBX accounts",
        ),
        ('[agents.a]\nname = "A"', "`agents.a.role` is missing"),
        ('[agents.a]\nrole = "agent"\naccount = "nowhere"', "Agent `a` is in account `nowhere`"),
        ('[agents.a]\nrole = "agent"\nbooks = ["nowhere"]', "`agents.a.books` names `nowhere`"),
    ],
)
async def test_a_file_that_makes_no_sense_says_why_and_changes_nothing(
    text: str, sentence: str, apply_text: ApplyText, applier: Applier
) -> None:
    with pytest.raises(ApplyError) as caught:
        await apply_text(text)
    assert sentence in caught.value.message
    assert await applier.setup() == EMPTY


async def test_an_accounts_app_can_not_change(full: str, apply_text: ApplyText) -> None:
    await apply_text(full)
    with pytest.raises(ApplyError, match=r"`accounts\.crm\.app` can't change"):
        await apply_text('[accounts.crm]\napp = "hubspot"\n')


async def test_a_plan_that_was_overtaken_is_not_written(
    full: str, apply_text: ApplyText, applier: Applier
) -> None:
    await apply_text(full)
    file = parse('[agents.luca]\nextension = "205"\n', "setup.toml")
    shown = await applier.plan(file)
    await apply_text('[agents.luca]\nextension = "204"\n')
    with pytest.raises(Conflict, match="meanwhile"):
        await applier.write(file, shown, "tester")
    assert (await applier.setup()).agents["luca"].extension == "204"


async def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    full: str, applier: Applier, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = parse(full, "setup.toml")
    plan = await applier.plan(file)

    def broken(_c: object) -> int:
        raise OSError("the disk went away")

    monkeypatch.setattr(generation, "bump", broken)
    with pytest.raises(OSError, match="disk"):
        await applier.write(file, plan, "tester")
    assert await applier.setup() == EMPTY


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ('name = "Luca R."', True),
        ('open_page = "never"', True),
        ('email = ""', True),
        ('role = "viewer"', False),
        ("active = false", False),
        ("books = []", False),
        ('extension = "209"', False),
    ],
)
async def test_C12_a_change_of_rights_ends_the_agents_sign_ins(
    change: str, stays: bool, full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full)
    luca = await books.read(lambda c: agents.by_login(c, "luca"))
    assert luca is not None
    tokens = Tokens(books, ManualClock())
    token, _ = await tokens.mint(luca.agent.id, API, 60)
    await tokens.verify(token)
    plan = await apply_text(f"[agents.luca]\n{change}\n")
    await tokens.recheck()
    assert bool(plan.changes[0].note) is not stays
    if stays:
        assert (await tokens.verify(token)).agent_id == luca.agent.id
    else:
        with pytest.raises(NotSignedIn):
            await tokens.verify(token)


async def test_apply_keeps_the_password_of_an_agent(
    full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full)
    await books.write(
        lambda c: agents.set_password(
            c, next(a.id for a in agents.all_agents(c) if a.login == "luca"), "hash"
        )
    )
    await apply_text('[agents.luca]\nrole = "viewer"\nextension = ""\n')
    stored = await books.read(lambda c: agents.by_login(c, "luca"))
    assert stored is not None
    assert stored.password_hash == "hash"
    assert (stored.agent.role, stored.agent.extension) == (Role.VIEWER, None)


async def test_the_dialling_document_keeps_only_what_differs_from_the_defaults(
    apply_text: ApplyText, books: Database
) -> None:
    default = DialPolicy().per_minute
    assert (await apply_text(f"[dialling]\nper_minute = {default}\n")).changes == ()
    plan = await apply_text("[dialling]\nper_minute = 3\nnight_per_hour = 0\n")
    assert f"    per_minute: {default} -> 3" in plan.lines()
    assert await books.read(lambda c: documents.get(c, DIALLING)) == {"per_minute": 3, "night_per_hour": 0}
    await apply_text(f"[dialling]\nper_minute = {default}\n")
    assert await books.read(lambda c: documents.get(c, DIALLING)) == {"night_per_hour": 0}


def test_the_file_knows_every_dialling_rule_and_no_other() -> None:
    assert set(DiallingTable.model_fields) == {each.name for each in fields(DialPolicy)}


async def test_an_app_without_pages_needs_no_address(apply_text: ApplyText, applier: Applier) -> None:
    await apply_text('[accounts.list]\napp = "csv"\n[agents.a]\nrole = "agent"\nbooks = ["list"]\n')
    assert (await applier.setup()).accounts["list"].config["url"] == ""
    with pytest.raises(ApplyError, match=r"`accounts\.crm\.url` is missing"):
        await apply_text('[accounts.crm]\napp = "freshdesk"\n')


async def test_an_audit_row_holds_the_shape_of_a_removed_account(
    full: str, apply_text: ApplyText, books: Database
) -> None:
    await apply_text(full)
    await apply_text("[accounts.crm]\nremove = true\n")
    rows = await books.read(lambda c: audit.latest(c, 5))
    row = next(each for each in rows if each.target == "accounts.crm" and each.after is None)
    assert row.before is not None
    assert (
        row.before.items()
        >= {
            "app": "freshdesk",
            "enabled": True,
            "url": "https://acme.freshdesk.com",
            "api_key": "set",
        }.items()
    )


def test_a_list_is_one_value() -> None:
    before = Setup(
        {}, {}, frozenset({"https://a.example", "https://b.example"}), DialPolicy(countries=("IT",))
    )
    after = wanted(before, parse('origins = ["https://a.example"]\n[dialling]\ncountries = []', "f"), str)
    assert after.origins == {"https://a.example"}
    lines = [line for change in changes(before, after) for line in change.lines()]
    assert "    origins: ['https://a.example', 'https://b.example'] -> ['https://a.example']" in lines
    assert "    countries: ['IT'] -> []" in lines
