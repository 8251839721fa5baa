"""What `linedesk demo` remembers on its data folder: ports, people, secrets."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

from linedesk.demo.files import read_json, write_json
from linedesk.demo.names import COMPANY_WORDS
from linedesk.errors import StoreError, UserError

FOLDER = "demo"
ACCOUNT = "demo"
_LOGINS = (("luca", "201"), ("mia", "202"), ("noa", "203"))


@dataclass(frozen=True, slots=True)
class Person:
    """One sign-in of the demo. `token` is empty until the first start has made it."""

    user: str
    password: str
    extension: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """`seeded` tells that people, accounts and contacts are in the databases. Ports: 0 is none yet.

    `crm_port` is part of the contacts' page addresses: when it changes, they are written anew.
    """

    seed: int
    contacts: int
    instance: str
    api_key: str
    admin: Person
    agents: tuple[Person, ...]
    service_port: int = 0
    pbx_port: int = 0
    crm_port: int = 0
    seeded: bool = False

    def with_ports(self, *, service: int, pbx: int, crm: int) -> Memory:
        return replace(self, service_port=service, pbx_port=pbx, crm_port=crm)


def recall(data: Path, *, seed: int, contacts: int) -> Memory:
    """What is remembered at `data`; at the first start, a new memory with fresh passwords."""
    stored: dict[str, Any] | None = read_json(_file(data))
    if stored is None:
        agents = tuple(Person(login, _password(), extension) for login, extension in _LOGINS)
        admin = Person("admin", _password())
        return Memory(seed, contacts, secrets.token_hex(8), secrets.token_urlsafe(15), admin, agents)
    agents = tuple(Person(**each) for each in stored["agents"])
    return Memory(**{**stored, "admin": Person(**stored["admin"]), "agents": agents})


def remember(data: Path, memory: Memory) -> None:
    """Write it down, in one step."""
    write_json(_file(data), asdict(memory))


def write_config(data: Path, memory: Memory) -> Path:
    """The config.toml that the other commands take with `--config`."""
    path = data / "config.toml"
    beside = data / ".config.toml.new"
    beside.write_text(
        "# Written by `linedesk demo` at every start.\n"
        'data_dir = "."\n'
        f"port = {memory.service_port}\n"
        f'public_url = "http://127.0.0.1:{memory.service_port}"\n'
        'log_level = "warning"\n',
        encoding="utf-8",
    )
    beside.replace(path)
    return path


@contextmanager
def alone(data: Path) -> Iterator[Path]:
    """Make the data folder (mode 700) and keep other demos off it; gives the simulators' folder."""
    folder = data / FOLDER
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = (folder / "lock").open("w", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"The folder {data} can't be written: {error.strerror}.", remedy="Choose another with --data."
        ) from error
    with lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"Another demo runs on {data}.", remedy="Stop it, or choose another folder with --data."
            ) from None
        yield folder


def _file(data: Path) -> Path:
    return data / FOLDER / "demo.json"


def _password() -> str:
    words = [secrets.choice(COMPANY_WORDS).lower() for _ in range(3)]
    return "-".join([*words, f"{secrets.randbelow(90) + 10}"])
