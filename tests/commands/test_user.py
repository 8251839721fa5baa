"""`linedesk user` as a person runs it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from commands.running import Shell
from linedesk.agents.passwords import Passwords
from linedesk.agents.sessions import BROWSER, Sessions
from linedesk.agents.sign_in import SignIn
from linedesk.agents.throttle import SignInThrottle
from linedesk.agents.tokens import API, Tokens
from linedesk.clock import ManualClock
from linedesk.errors import NotSignedIn
from linedesk.store import audit
from linedesk.store.audit import AuditRow
from linedesk.store.migrate import open_stores

PBX = '[accounts.{0}]\napp = "wildix"\nurl = "https://{0}.wildixin.com"\nregion = "IT"\n'
WORDS = "blue sailing boats"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def office(shell: Shell) -> Shell:
    """A service with one PBX account."""
    assert shell.run("apply", shell.file(PBX.format("office")), "--yes").code == 0
    return shell


def signs_in(shell: Shell, login: str, password: str) -> bool:
    async def run() -> bool:
        stores = await open_stores(shell.folder / "data")
        passwords = Passwords()
        try:
            sign_in = SignIn(stores.books, passwords, SignInThrottle(ManualClock()))
            await sign_in.check(login, password, "192.0.2.1")
        except NotSignedIn:
            return False
        finally:
            passwords.close()
            await stores.close()
        return True

    return asyncio.run(run())


def audit_rows(shell: Shell) -> list[AuditRow]:
    async def run() -> list[AuditRow]:
        stores = await open_stores(shell.folder / "data")
        try:
            return await stores.books.read(lambda c: audit.latest(c, 50))
        finally:
            await stores.close()

    return asyncio.run(run())


def test_add_takes_the_password_from_standard_input_and_the_only_pbx_by_itself(office: Shell) -> None:
    ran = office.run(
        "user",
        "add",
        "luca",
        "--role",
        "agent",
        "--extension",
        "201",
        "--name",
        "Luca Rossi",
        stdin=f"{WORDS}\n",
    )
    assert (ran.code, ran.out) == (0, "Added luca (agent, extension 201 of office).\n")
    assert signs_in(office, "luca", WORDS)
    assert not signs_in(office, "luca", WORDS + "\n")


def test_add_answers_one_json_document_without_the_password(office: Shell) -> None:
    ran = office.run(
        "user", "add", "Mia", "--role", "owner", "--email", "mia@example.test", "--json", stdin=WORDS
    )
    document = ran.document
    assert (document["login"], document["role"], document["email"]) == ("mia", "owner", "mia@example.test")
    assert WORDS not in ran.out
    assert "argon2" not in ran.out + repr(audit_rows(office))


def test_a_name_that_exists_is_a_clear_error_before_any_password_is_read(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", stdin=WORDS)
    ran = office.run("user", "add", "luca", "--role", "owner")
    assert ran.code == 2
    assert "The user `luca` exists already." in ran.err
    assert "linedesk user password luca" in ran.err


def test_an_extension_that_is_taken_is_a_clear_error(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    ran = office.run("user", "add", "mia", "--role", "agent", "--extension", "201", stdin=WORDS)
    assert ran.code == 2
    assert "Extension 201 of `office` can't be both" in ran.err
    assert "mia" not in office.run("user", "list").out


def test_of_two_pbxs_one_must_be_named(office: Shell) -> None:
    office.run("apply", office.file(PBX.format("branch")), "--yes")
    unclear = office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    assert unclear.code == 2
    assert "branch, office" in unclear.err
    named = office.run(
        "user", "add", "luca", "--role", "agent", "--extension", "201", "--account", "branch", stdin=WORDS
    )
    assert named.code == 0
    wrong = office.run(
        "user", "add", "mia", "--role", "agent", "--extension", "202", "--account", "none", stdin=WORDS
    )
    assert "which is no PBX account" in wrong.err


def test_a_user_may_come_before_the_pbx(shell: Shell) -> None:
    ran = shell.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    assert ran.code == 0
    assert "starts to work when `linedesk apply` adds the PBX account" in ran.err
    shell.run("apply", shell.file(PBX.format("office")), "--yes")
    assert "extension 201 of office" in shell.run("user", "list").out


@pytest.mark.parametrize(
    ("arguments", "stdin", "sentence"),
    [
        (("luca", "--role", "agent"), "short\n", "too short"),
        (("luca", "--role", "agent"), "", "no password on standard input"),
        (("luca", "--role", "king"), WORDS, "'king' is not one of"),
        (("luca",), WORDS, "Missing option '--role'"),
        (("lu ca", "--role", "agent"), WORDS, "NAME: 'lu ca' must be 1 to 64"),
        (("luca", "--role", "agent", "--extension", "2o1"), WORDS, "--extension: '2o1' must be an extension"),
        (("luca", "--role", "agent", "--email", "x"), WORDS, "--email: 'x' is not an e-mail address"),
        (
            ("luca", "--role", "agent", "--name", "A\u202eB"),
            WORDS,
            "--name: a name holds no control",
        ),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_2(
    shell: Shell, arguments: tuple[str, ...], stdin: str, sentence: str
) -> None:
    ran = shell.run("user", "add", *arguments, stdin=stdin)
    assert ran.code == 2
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert "luca" not in shell.run("user", "list").out


def test_list_shows_everyone_and_says_what_to_do_when_there_is_no_one(office: Shell) -> None:
    assert "`linedesk user add NAME --role owner`" in office.run("user", "list").out
    office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    office.run("user", "off", "luca")
    assert office.run("user", "list").out == "luca  luca  agent, extension 201 of office  (off)\n"
    (listed,) = office.run("user", "list", "--json").document["users"]
    assert (listed["login"], listed["active"]) == ("luca", False)


def test_a_new_password_replaces_the_old_one(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", stdin=WORDS)
    ran = office.run("user", "password", "luca", stdin="green rowing boats\n")
    assert ran.code == 0
    assert signs_in(office, "luca", "green rowing boats")
    assert not signs_in(office, "luca", WORDS)
    unknown = office.run("user", "password", "nobody", stdin="green rowing boats\n")
    assert (unknown.code, "There is no user `nobody`" in unknown.err) == (2, True)


@pytest.mark.parametrize("command", [("password", "luca"), ("off", "luca")])
def test_off_and_a_new_password_cut_what_is_open_in_a_running_service(
    office: Shell, command: tuple[str, str]
) -> None:
    office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)

    async def service() -> tuple[list[str | None], bool, bool]:
        stores = await open_stores(office.folder / "data")
        try:
            clock = ManualClock()
            tokens = Tokens(stores.books, clock)
            sessions = Sessions(stores.books, tokens, clock, idle_minutes=60, hours=12)
            sign_in = SignIn(stores.books, Passwords(), SignInThrottle(clock))
            agent = await sign_in.check("luca", WORDS, "192.0.2.1")
            token, _ = await tokens.mint(agent.id, API, 900)
            await tokens.verify(token)
            cookie, _ = await sessions.start(agent.id, BROWSER)
            cut: list[str | None] = []
            tokens.on_revoked(lambda _agent_id, token_hash: cut.append(token_hash))
            await asyncio.to_thread(office.run, "user", *command, stdin="green rowing boats")
            await tokens.recheck()
            return cut, await refused(tokens.verify(token)), await refused(sessions.check(cookie, BROWSER))
        finally:
            await stores.close()

    cut, token_refused, session_refused = asyncio.run(service())
    assert len(cut) == 1
    assert token_refused
    assert session_refused


async def refused(attempt: object) -> bool:
    try:
        await attempt  # type: ignore[misc]
    except NotSignedIn:
        return True
    return False


def test_off_and_on(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", stdin=WORDS)
    assert office.run("user", "off", "luca").out == "luca is off now.\n"
    assert not signs_in(office, "luca", WORDS)
    assert office.run("user", "off", "luca").out == "luca was off already.\n"
    assert office.run("user", "on", "luca").out == "luca is on now.\n"
    assert signs_in(office, "luca", WORDS)


def test_the_extension_of_someone_who_left_can_be_given_on(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    office.run("user", "off", "luca")
    assert office.run("user", "add", "mia", "--role", "agent", "--extension", "201", stdin=WORDS).code == 0
    back = office.run("user", "on", "luca")
    assert back.code == 0
    everyone = {
        each["login"]: each.get("extension")
        for each in office.run("user", "list", "--json").document["users"]
    }
    assert everyone == {"luca": None, "mia": "201"}


def test_every_change_is_audited_with_before_and_after(office: Shell) -> None:
    office.run("user", "add", "luca", "--role", "agent", "--extension", "201", stdin=WORDS)
    office.run("user", "off", "luca")
    office.run("user", "password", "luca", stdin="green rowing boats")
    password, off, added = audit_rows(office)[:3]
    assert (added.action, added.target, added.before) == ("user.add", "agents.luca", None)
    assert added.actor.startswith("command line")
    assert off.before is not None
    assert off.after is not None
    assert (off.before["active"], off.after["active"]) == (True, False)
    assert (password.action, password.before, password.after) == ("user.password", None, None)
