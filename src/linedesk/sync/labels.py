"""What a number's or an address's label means, whatever an app calls it (G18). Pure.

`MOBILE`, `mobile_phone` and `cell` are one label: labels are compared by their canonical form, and only a
label that means something else is a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from linedesk.sync.texts import plain

FAX = "fax"

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS = re.compile(r"[\W_]+")

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        spelling: canonical
        for canonical, spellings in {
            "work": "office business phone work_phone office_phone business_phone direct",
            "mobile": "cell cellular mobile_phone cell_phone handy mobile_number",
            "home": "home_phone private personal",
            "home mobile": "mobile_home private_mobile",
            "work mobile": "mobile_work business_mobile",
            "main": "main_phone switchboard company_phone company_main",
            FAX: "fax_number work_fax home_fax other_fax business_fax fax_work fax_home",
            "other": "other_phone custom",
        }.items()
        for spelling in (canonical, *(each.replace("_", " ") for each in spellings.split()))
    }
)

_NEAR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "work": ("main", "work mobile"),
        "main": ("work",),
        "mobile": ("work mobile", "home mobile"),
        "work mobile": ("mobile", "work"),
        "home": ("home mobile",),
        "home mobile": ("home", "mobile"),
    }
)


@lru_cache(maxsize=1024)
def canonical(label: str) -> str:
    """The label in plain words; one that nobody knows is itself, without case and signs. "" for none."""
    words = _SIGNS.sub(" ", _CAMEL.sub(" ", plain(label))).casefold().strip()
    return _SPELLINGS.get(words, words)


@lru_cache(maxsize=1024)
def of_field(name: str) -> str:
    """What the name of a field says of the number in it; of `custom_fields.fax_no` the last part counts."""
    return canonical(name.rpartition(".")[2])


def likeness(label: str, place: str) -> int:
    """How well a place of a canonical label suits a value of one: 0 is best, the highest is not at all."""
    if label == place:
        return 0
    near = _NEAR.get(label, ())
    return 1 + near.index(place) if place in near else UNLIKE


UNLIKE = 9
"""`likeness` of labels that have nothing in common."""
