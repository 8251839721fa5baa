"""Who works at the simulated company: users, queues, the number that outsiders dial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMPANY = "demo"
SERIAL = "000000000042"
SERVICE = "Support"
MAIN_NUMBER = "+442079460100"
TRUNK = "carrier-1"


@dataclass(frozen=True, slots=True)
class User:
    """One PBX user. `db_id` is the colleague's id in WMS and never the extension."""

    extension: str
    name: str
    login: str
    email: str
    db_id: str
    user_id: str
    role: str = "user"
    department: str = "Support"


@dataclass(frozen=True, slots=True)
class Queue:
    """A ring-all queue."""

    id: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class House:
    """Everybody, by extension, and every queue, by lower-case name."""

    users: Mapping[str, User]
    queues: Mapping[str, Queue]

    def user(self, extension: str) -> User | None:
        return self.users.get(extension)

    def queue(self, name: str) -> Queue | None:
        """By name or by its first word: `Support` finds `Support queue`."""
        wanted = name.strip().lower()
        return self.queues.get(wanted) or next(
            (queue for key, queue in self.queues.items() if key.split()[0] == wanted), None
        )


def default_house() -> House:
    """Luca, Mia and Noa, the administrator, and one queue."""
    people = (
        User("100", "Admin", "admin", "admin@example.test", "500", "9000100", role="admin", department=""),
        User("201", "Luca Agent", "luca", "luca@example.test", "511", "9000201"),
        User("202", "Mia Agent", "mia", "mia@example.test", "512", "9000202"),
        User("203", "Noa Agent", "noa", "noa@example.test", "513", "9000203"),
    )
    queue = Queue("12", "Support queue", ("201", "202", "203"))
    return House({user.extension: user for user in people}, {queue.name.lower(): queue})


def colleague_record(user: User) -> dict[str, Any]:
    """The colleague as the v1 API lists it."""
    return {
        "dn": f"cn={user.login},ou=users,dc=wildix",
        "id": user.db_id,
        "name": user.name,
        "extension": user.extension,
        "officePhone": "",
        "mobilePhone": "",
        "faxNumber": "",
        "email": user.email,
        "pbxDn": f"cn={SERIAL},dc=wildix",
        "role": user.role,
        "groupDn": "cn=Default,dc=wildix",
        "language": "en",
        "dialplan": "users",
        "faxDialplan": "users",
        "department": user.department,
        "login": user.login,
        "licenseType": "business",
        "sourceId": user.user_id,
    }
