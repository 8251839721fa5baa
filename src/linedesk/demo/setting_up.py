"""Fills the service's databases for the demo: accounts, people, contacts. Repeating it does no harm.

It goes the ways that an administrator goes (`accounts.apply`, the directory), before the service starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from linedesk.accounts import users
from linedesk.accounts.apply import Applier
from linedesk.accounts.edge import SetupFile
from linedesk.accounts.vault import Vault
from linedesk.agents.passwords import Passwords
from linedesk.agents.tokens import API, Tokens
from linedesk.apps.registry import REGISTRY
from linedesk.clock import Clock
from linedesk.contacts.directory import Directory
from linedesk.demo.crm.book import BOOK, CrmBook
from linedesk.demo.memory import ACCOUNT, Memory, Person
from linedesk.demo.pbx.doors import OAuthApp
from linedesk.demo.pbx.users import House
from linedesk.errors import NotSignedIn
from linedesk.numbers import NumberPlan
from linedesk.store import agents as agent_rows
from linedesk.store.database import Database
from linedesk.store.migrate import open_stores

PLAN = NumberPlan(region="GB")
PHONEBOOK = "phonebook"
CONNECTION = "crm-to-phonebook"
_EVERY_S = 10  # what an API client changed shows soon, without a hint
_REQUESTS_PER_S = 50
_ACTOR = "linedesk demo"
_COUNTRIES = ["GB", "US", "DE", "FR"]


@dataclass(frozen=True, slots=True)
class PbxKeys:
    """What an administrator copies out of the phone system. `phonebook`: the id of the shared one, if any."""

    token: str
    hook_secret: str
    sign_in: OAuthApp
    phonebook: int | None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of the demo are, without a slash at the end."""

    service: str
    pbx: str
    crm: str


async def set_up(
    data: Path,
    memory: Memory,
    addresses: Addresses,
    *,
    house: House,
    book: CrmBook,
    keys: PbxKeys,
    moved: bool,
    clock: Clock,
) -> Memory:
    """Bring the databases to what the demo needs; answers the memory with agents' tokens that work.

    `moved`: the CRM's address is another than at the last start, so every page address is.
    """
    stores = await open_stores(data)
    try:
        vault = Vault.open(None, data)
        applier = Applier(stores.books, vault, clock)
        file = _setup_file(memory, addresses, house, keys)
        await applier.write(file, await applier.plan(file), _ACTOR)
        if moved or not memory.seeded:
            contacts = book.contacts(addresses.crm, REGISTRY[BOOK].info)
            await Directory(stores.books).put(contacts, PLAN)
        if memory.seeded:
            return await _with_good_tokens(stores.books, memory, clock)
        return await _people(stores.books, memory, clock)
    finally:
        await stores.close()


def _setup_file(memory: Memory, addresses: Addresses, house: House, keys: PbxKeys) -> SetupFile:
    """As `linedesk apply` would read it. People come in at the first start only, then the user has them."""
    accounts: dict[str, Any] = {
        ACCOUNT: {
            "app": "wildix",
            "url": addresses.pbx,
            "cloud_url": addresses.pbx,  # nothing of a demo goes to the real one
            "region": PLAN.region,
            "webhook_secret": keys.hook_secret,
            "token": keys.token,
            "sign_in_client_id": keys.sign_in.client_id,
            "sign_in_client_secret": keys.sign_in.secret,
            "requests_per_s": _REQUESTS_PER_S,
        },
        BOOK: {"app": BOOK, "url": addresses.crm, "api_key": memory.api_key},
    }
    tables: dict[str, Any] = {"accounts": accounts, "origins": [addresses.crm]}
    if not memory.seeded:
        # The user has these from then on: a connection that was paused or changed stays so.
        accounts[PHONEBOOK] = {"app": "wildix-phonebook", "pbx": ACCOUNT, "phonebook": str(keys.phonebook)}
        both = {"from": BOOK, "to": PHONEBOOK, "direction": "two-way", "every_s": _EVERY_S}
        tables["connections"] = {CONNECTION: both}
        tables["dialling"] = {"countries": _COUNTRIES}
        tables["agents"] = {each.user: _agent(each, house) for each in memory.agents}
        tables["agents"][memory.admin.user] = {"name": "Administrator", "role": "owner"}
    return SetupFile.model_validate(tables)


def _agent(person: Person, house: House) -> dict[str, Any]:
    user = house.users[person.extension]
    return {
        "name": user.name,
        "role": "agent",
        "account": ACCOUNT,
        "extension": user.extension,
        "email": user.email,
        "user_id": user.user_id,
    }


async def _people(books: Database, memory: Memory, clock: Clock) -> Memory:
    passwords, tokens = Passwords(), Tokens(books, clock)
    try:
        await _password(books, memory.admin, passwords, clock)
        agents = []
        for person in memory.agents:
            agent_id = await _password(books, person, passwords, clock)
            token, _ = await tokens.mint(agent_id, API, None)
            agents.append(replace(person, token=token))
    finally:
        passwords.close()
    return replace(memory, agents=tuple(agents), seeded=True)


async def _with_good_tokens(books: Database, memory: Memory, clock: Clock) -> Memory:
    tokens = Tokens(books, clock)
    return replace(memory, agents=tuple([await _good_token(books, each, tokens) for each in memory.agents]))


async def _good_token(books: Database, person: Person, tokens: Tokens) -> Person:
    """The person with a token that works: `linedesk user off` ends the one that is remembered."""
    try:
        await tokens.verify(person.token, API)
    except NotSignedIn:
        found = await books.read(lambda c: agent_rows.by_login(c, person.user))
        if found is None or not found.agent.active:
            return person  # who is gone or off has none, and the demo goes on without them
        token, _ = await tokens.mint(found.agent.id, API, None)
        return replace(person, token=token)
    return person


async def _password(books: Database, person: Person, passwords: Passwords, clock: Clock) -> str:
    hashed, now_ms = await passwords.hash(person.password), clock.now_ms()

    def work(c: Connection) -> str:
        return users.set_password(c, person.user, hashed, _ACTOR, now_ms).id

    return await books.write(work)
