"""What a check says of a phonebook and of the user behind its credential. Pure."""

from __future__ import annotations

from linedesk.apps.base import Finding, Level
from linedesk.errors import VendorForbidden
from linedesk.pbx.base import Me
from linedesk.pbx.wildix.phonebooks import Phonebook

_RIGHT = "Can – Modify public phonebook"
_REMEDY = (
    f"Give that user's group the ability “{_RIGHT}” in WMS under Users → Groups, or use the token of a user "
    "who has it; a company key needs the scope phonebooks:*."
)


def named(me: Me) -> str:
    """Whose credential it is, as people know it."""
    return f"{me.name} (extension {me.extension})" if me.extension is not None else me.name


def of_book(who: str, wanted: str, book: Phonebook | None) -> Finding:
    """`book` None: it is missing, and may be made."""
    if book is None:
        return Finding(Level.HINT, f"{who}: “{wanted}” is made when the first contact is written.")
    return Finding(Level.OK, f"{who}: “{book.name}” (id {book.id}) is shared and has no import job.")


def of_right(who: str, me: Me) -> tuple[Finding, ...]:
    """A right that only a write can prove, where it does not come with the credential."""
    if me.extension is None or me.admin:
        return ()
    sentence = f"{who}: the credential acts as {named(me)}, who needs the right “{_RIGHT}”."
    return (Finding(Level.HINT, sentence, _REMEDY),)


def no_right(who: str, error: VendorForbidden) -> VendorForbidden:
    """A refused write, said with what to do about it."""
    return VendorForbidden(f"{who} may not be changed with this credential. {error.message}", remedy=_REMEDY)
