"""What is wrong with a Freshdesk account, in sentences: address, key, rights, plan, required fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from linedesk.apps.base import Checked, Finding, Level
from linedesk.apps.freshdesk_fields import ONE_OF, Fields
from linedesk.apps.freshdesk_wire import API, REMEDIES, Wire
from linedesk.apps.http import object_in, one_line
from linedesk.apps.number_fields import check_number_fields
from linedesk.errors import VendorError, VendorGarbled, VendorNotFound

_SMALL_PLAN = 50

FieldsOf = Callable[[], Awaitable[Fields]]


async def checked(wire: Wire, fields_of: FieldsOf, number_fields: Sequence[str]) -> Checked:
    """Reach the account, and judge it; `number_fields` are those that its settings name."""
    host = urlsplit(wire.base).hostname or wire.base
    try:
        me = object_in(await wire.http.ask(f"{API}/agents/me"))
    except (VendorNotFound, VendorGarbled):
        # With what stands behind the host: an address that was copied from the browser has too much there.
        where = wire.base.partition("://")[2]
        wrong = Finding(Level.MISSING, f"{wire.who}: there is no Freshdesk at {where}.", REMEDIES.address)
        return Checked(host, (wrong,))
    except VendorError as error:
        return Checked(host, (Finding(Level.MISSING, error.message, error.remedy),))
    contact = me.get("contact")
    name = one_line(contact.get("name")) if isinstance(contact, dict) else ""
    findings = [Finding(Level.OK, f"{wire.who} answers at {host}.")]
    findings += await _rights(wire)
    findings += _plan(wire)
    findings += await _fields(wire, fields_of, number_fields)
    return Checked(f"{host}, {name}" if name else host, tuple(findings))


async def _rights(wire: Wire) -> list[Finding]:
    try:
        await wire.http.ask(f"{API}/contacts", {"per_page": "1"}, gate=wire.lists)
        await wire.http.ask(f"{API}/companies", {"per_page": "1"})
    except VendorError as error:
        return [Finding(Level.MISSING, error.message, error.remedy)]
    return []


def _plan(wire: Wire) -> list[Finding]:
    limit, lists = wire.budget.limit, wire.lists.limit
    if limit > _SMALL_PLAN:
        return [Finding(Level.OK, f"{wire.who} allows {limit} calls a minute, {lists} of them for lists.")]
    return [
        Finding(
            Level.HINT,
            f"{wire.who} allows only {limit} calls a minute, so reading 1,000 contacts with their tags "
            f"takes about {round(1010 / wire.budget.background_per_s / 60)} minutes.",
            "Leave tags and other e-mails out of the mapping, or take a Freshdesk plan with more calls.",
        )
    ]


async def _fields(wire: Wire, fields_of: FieldsOf, number_fields: Sequence[str]) -> list[Finding]:
    try:
        fields = await fields_of()
    except VendorError as error:
        return [Finding(Level.MISSING, error.message, error.remedy)]
    if not fields.told:
        return [
            Finding(
                Level.HINT,
                f"{wire.who}: the API key is not an administrator's, so Linedesk can't see which fields "
                "contacts have. It uses the usual ones.",
                "Use an administrator's API key if custom fields are to be synced.",
            )
        ]
    findings = check_number_fields(wire.who, fields.all, number_fields)
    needed = [each.label for each in fields.all if each.required and each.name not in {"name", *ONE_OF}]
    if not needed:
        return findings
    return [
        *findings,
        Finding(
            Level.HINT,
            f"{wire.who} takes no new contact without {', '.join(needed)}.",
            "Map a field to each of them, or make them optional in Freshdesk under Admin, Customer Fields.",
        ),
    ]
