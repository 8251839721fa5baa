"""The numbering plans: what `phonenumbers` knows of each region, compiled once for a fast answer.

It answers three questions about bare digits: which country a `+` number belongs to, what is left when a
trunk prefix is dropped, and whether that is a number of the plan. It gives the library's own answers
(tests compare the two), at a fraction of the time: its parser is built for text, which `text.py` reads here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import REGION_CODE_FOR_NON_GEO_ENTITY, PhoneNumberDesc

LONGEST_E164 = 15
"""Digits of the longest number of ITU-T E.164."""

_TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)
_CALLING_CODES = frozenset(str(code) for code in COUNTRY_CODE_TO_REGION_CODE)


@dataclass(frozen=True, slots=True)
class Territory:
    """One region's plan. `calling_code` has no plus; `national_prefix` is "" where there is none.

    `lengths` are the possible numbers of digits of a national (significant) number.
    """

    region: str
    calling_code: str
    national_prefix: str
    international_prefix: re.Pattern[str] | None
    trunk: re.Pattern[str] | None
    trunk_form: str
    general: re.Pattern[str]
    valid: re.Pattern[str]
    leading: re.Pattern[str] | None
    lengths: frozenset[int]

    def national(self, digits: str) -> str:
        """`digits` as dialled inside the country, as the national number: trunk prefix dropped."""
        match = self.trunk.match(digits) if self.trunk is not None else None
        if match is None:
            return digits
        if self.trunk_form and match.groups() and match.groups()[-1] is not None:
            stripped = match.expand(self.trunk_form) + digits[match.end() :]
        else:
            stripped = digits[match.end() :]
        if self.general.fullmatch(digits) and not self.general.fullmatch(stripped):
            return digits
        return stripped

    def is_possible(self, national: str) -> bool:
        """Whether a number of the plan can have this many digits."""
        return len(national) in self.lengths


@lru_cache(maxsize=512)
def territory(region: str) -> Territory | None:
    """The plan of an ISO 3166 region in capitals, or None for a region that has none."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return None if metadata is None else _compile(metadata)


def is_region(region: str) -> bool:
    """Whether there is a numbering plan for this ISO 3166 region, in capitals or not."""
    return territory(region.upper()) is not None


@lru_cache(maxsize=512)
def territories(code: str) -> tuple[Territory, ...]:
    """All plans that share a calling code, the main one first."""
    if not code.isdecimal() or int(code) not in COUNTRY_CODE_TO_REGION_CODE:
        return ()
    found: list[Territory] = []
    for region in COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        if region == REGION_CODE_FOR_NON_GEO_ENTITY:
            metadata = PhoneMetadata.metadata_for_nongeo_region(int(code), None)
            if metadata is not None:
                found.append(_compile(metadata))
        elif (plan := territory(region)) is not None:
            found.append(plan)
    return tuple(found)


def load_plans() -> int:
    """Compile the plans of all countries; answers how many there are. Takes about 0.6 s of one core.

    A service calls it once at its start, in a thread: else the first caller from a country waits for it,
    up to 90 ms for North America.
    """
    return sum(len(territories(code)) for code in sorted(_CALLING_CODES))


def calling_code(value: str) -> str | None:
    """The calling code that `value` (`+…`) begins with, without the plus; None when there is none."""
    for end in (2, 3, 4):
        if value[1:end] in _CALLING_CODES:
            return value[1:end]
    return None


def owner(code: str, national: str) -> Territory | None:
    """The plan that has this number, or None for a number that does not exist."""
    for plan in territories(code):
        if plan.leading is not None:
            if plan.leading.match(national):
                return plan if plan.valid.fullmatch(national) else None
        elif plan.valid.fullmatch(national):
            return plan
    return None


def _compile(metadata: PhoneMetadata) -> Territory:
    general = metadata.general_desc or PhoneNumberDesc()
    return Territory(
        region=metadata.id,
        calling_code=str(metadata.country_code),
        national_prefix=metadata.national_prefix or "",
        international_prefix=_optional(metadata.international_prefix),
        trunk=_optional(metadata.national_prefix_for_parsing),
        trunk_form=metadata.national_prefix_transform_rule or "",
        general=_of_lengths(general),
        valid=_any_of(metadata),
        leading=_optional(metadata.leading_digits),
        lengths=frozenset(general.possible_length),
    )


def _optional(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern, re.VERBOSE) if pattern else None


def _of_lengths(desc: PhoneNumberDesc) -> re.Pattern[str]:
    return re.compile(desc.national_number_pattern or r"(?!)", re.VERBOSE)


def _any_of(metadata: PhoneMetadata) -> re.Pattern[str]:
    """One pattern for every type of number of the plan, within what is general to all of its numbers."""
    general = metadata.general_desc.national_number_pattern if metadata.general_desc else None
    types = "|".join(f"(?:{each})" for each in _type_patterns(metadata))
    return re.compile(rf"(?=(?:{general})\Z)(?:{types})" if general and types else r"(?!)")


def _type_patterns(metadata: PhoneMetadata) -> Iterator[str]:
    """A type names its lengths apart from its digits; one without lengths has those of the plan."""
    for name in _TYPES:
        desc: PhoneNumberDesc | None = getattr(metadata, name)
        if desc is None or not desc.national_number_pattern:
            continue
        lengths = "|".join(rf"\d{{{length}}}" for length in desc.possible_length if length > 0)
        guard = rf"(?=(?:{lengths})\Z)" if lengths else ""
        if guard or not desc.possible_length:
            yield f"{guard}(?:{desc.national_number_pattern})"
