"""What the directory stores so that a contact is found again: keys of its numbers, words and digits. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.contacts.search import folded
from linedesk.numbers import Key, Number, NumberPlan, national_digits, read, stored_keys

_NOT_DIGIT = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Indexed:
    """A contact ready to be stored.

    `values` has the reading of each number (E.164 or internal digits, None: unreadable), `keys` pairs of the
    number's position and a key. The words are folded; `digits` are spellings of the numbers by digits.
    `company_words` is the folded name of a company record, None for a person.
    """

    contact: Contact
    values: tuple[str | None, ...]
    keys: tuple[tuple[int, Key], ...]
    name_words: str
    rest_words: str
    digits: str
    company_words: str | None = None

    @property
    def text_mark(self) -> int:
        """A hash of all words and digits: an entry with another is stored anew."""
        text = "\n".join((self.name_words, self.rest_words, self.digits))
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest())


def indexed(contact: Contact, plan: NumberPlan) -> Indexed:
    """Read every number of `contact` as the plan says and fold its words."""
    contact = _storable(contact)
    numbers = [read(number.raw, plan) for number in contact.numbers]
    keys = {(at, key.text): (at, key) for at, number in enumerate(numbers) for key in stored_keys(number)}
    name_words = folded([contact.name])
    return Indexed(
        contact=contact,
        values=tuple(number.value for number in numbers),
        keys=tuple(keys.values()),
        name_words=name_words,
        rest_words=folded([contact.company, *contact.emails]),
        digits=" ".join(_digit_forms(numbers)),
        company_words=name_words or None if contact.type is ContactType.COMPANY else None,
    )


def _digit_forms(numbers: Iterable[Number]) -> list[str]:
    """Each number with its country code, as it is dialled at home, and as it is written; none twice."""
    forms: list[str] = []
    for number in numbers:
        texts = [*number.candidates] if number.candidates else [number.value or ""]
        texts += [national_digits(value) for value in number.candidates]
        texts.append(number.raw)
        for text in texts:
            digits = text[1:] if text[:1] == "+" else text
            if not (digits.isascii() and digits.isdecimal()):
                digits = _NOT_DIGIT.sub("", text)
            if digits and not any(digits in form for form in forms):
                forms.append(digits)
    return forms


def _storable(contact: Contact) -> Contact:
    """Without lone surrogates, which JSON may carry and UTF-8 can't."""
    texts = (
        contact.id,
        contact.record_id,
        contact.name,
        contact.company,
        contact.page_url or "",
        contact.company_url or "",
        *contact.emails,
    )
    try:
        "".join(
            (*texts, *(part for number in contact.numbers for part in (number.raw, number.label)))
        ).encode()
    except UnicodeEncodeError:
        return replace(
            contact,
            id=_text(contact.id),
            record_id=_text(contact.record_id),
            name=_text(contact.name),
            company=_text(contact.company),
            emails=tuple(_text(email) for email in contact.emails),
            numbers=tuple(
                ContactNumber(_text(number.raw), _text(number.label)) for number in contact.numbers
            ),
            page_url=None if contact.page_url is None else _text(contact.page_url),
            company_url=None if contact.company_url is None else _text(contact.company_url),
        )
    return contact


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")
