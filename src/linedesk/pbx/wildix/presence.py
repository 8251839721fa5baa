"""Who rings or talks now, for many users at once, from the cloud plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linedesk.calls.model import Telephony
from linedesk.errors import (
    VendorAuth,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRouteMissing,
)
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.exchange import Exchange
from linedesk.pbx.wildix.fields import mapping, text

QUERY = "/v2/stream/presence/query_multiple"
MOST = 500
"""Extensions that one request may name."""

_REMEDY = "For presence from the cloud, use a company API key with the scope `stream:read`."
_KNOWN = {each.value: each for each in (Telephony.REGISTERED, Telephony.RINGING, Telephony.TALKING)}


async def presences(
    exchange: Exchange, extensions: Sequence[str], *, interactive: bool = False
) -> Mapping[str, Telephony]:
    """Extension -> what its devices do; users that the cloud doesn't know are left out.

    Raises `VendorAuth` or `VendorForbidden` for a credential that does not reach the cloud, and
    `VendorRouteMissing` for a cloud without this function.
    """
    wanted = list(dict.fromkeys(extensions))
    found: dict[str, Telephony] = {}
    for start in range(0, len(wanted), MOST):
        some = wanted[start : start + MOST]
        request = Outgoing("POST", QUERY, body={"filter": [{"extension": each} for each in some]})
        try:
            # It only reads, so a lost answer may be asked for again.
            data = await exchange.ask(request, interactive=interactive, idempotent=True)
        except (VendorAuth, VendorForbidden) as error:
            raise type(error)(error.message, remedy=_REMEDY) from None
        except VendorNotFound as error:
            # This address has no record that could be missing, so it is the function itself.
            raise VendorRouteMissing(error.message) from None
        found |= _read(data, frozenset(some), exchange.who)
    return found


def _read(data: Mapping[str, Any], asked: frozenset[str], who: str) -> dict[str, Telephony]:
    rows = data.get("presences", mapping(data.get("result")).get("presences"))
    if not isinstance(rows, list):
        raise VendorGarbled(f"{who} answered without a list of presences.")
    found: dict[str, Telephony] = {}
    for row in map(mapping, rows):
        extension, state = text(row.get("extension")), text(row.get("telephony"))
        if extension in asked and extension is not None and state is not None:
            found[extension] = _KNOWN.get(state.casefold(), Telephony.OTHER)
    return found
