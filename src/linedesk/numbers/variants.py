"""Country variants: spellings of one number that differ by more than punctuation.

A plan change leaves old and new forms in phonebooks and on trunks for years. Each rule here leads an
old or alternative E.164 form to the one that keys are made of. The stored text is never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """`pattern` (whole E.164 form) becomes `form`; `why` names the plan change."""

    calling_code: str
    pattern: re.Pattern[str]
    form: str
    why: str


def _variant(calling_code: str, pattern: str, form: str, why: str) -> Variant:
    return Variant(calling_code, re.compile(rf"\+{calling_code}{pattern}"), f"+{form}", why)


_VIET_NAM_2018 = {
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    **{f"16{digit}": f"3{digit}" for digit in "23456789"},
    "186": "56",
    "188": "58",
    "199": "59",
}

# by the second digit of the old number, which named the operator
_IVORY_COAST_2021 = {"[1-3]": "01", "[4-6]": "05", "[7-9]": "07"}

_FRANCE_OVERSEAS = {
    "(?:590|690|691)": "590",
    "(?:594|694)": "594",
    "(?:596|696|697)": "596",
    "(?:262|692|693|269|639)": "262",
}

VARIANTS: tuple[Variant, ...] = (
    # 7… too, though some plans still list eight digits there: that network (trunked radio) is gone since 2018
    _variant("55", r"(\d\d)([6-9]\d{7})", r"55\g<1>9\g<2>", "Brazil: ninth digit of mobiles, 2012 to 2016"),
    _variant("52", r"1(\d{10})", r"52\g<1>", "Mexico: 1 before mobiles, until 2019"),
    _variant("52", r"04[45](\d{10})", r"52\g<1>", "Mexico: 044 and 045 before mobiles, until 2019"),
    _variant("52", r"01(\d{10})", r"52\g<1>", "Mexico: trunk prefix 01, until 2019"),
    _variant("54", r"9(\d{10})", r"54\g<1>", "Argentina: 9 before mobiles called from abroad"),
    # Argentina: 15 before mobiles at home, written together with the 9 of calls from abroad
    _variant("54", r"90?(11)15(\d{8})", r"54\g<1>\g<2>", "Argentina: 15 behind the area code"),
    _variant("54", r"90?([2368]\d\d)15(\d{7})", r"54\g<1>\g<2>", "Argentina: 15 behind the area code"),
    _variant("54", r"90?([2368]\d{3})15(\d{6})", r"54\g<1>\g<2>", "Argentina: 15 behind the area code"),
    _variant("56", r"2([2-9]\d{6})", r"5622\g<1>", "Chile: eighth digit of Santiago's landlines, 2012"),
    # without 46…: today's plan has numbers of eight digits there that are nobody's old ones
    _variant("57", r"((?!46)[1245678]\d{7})", r"5760\g<1>", "Colombia: 60 before landlines, 2021"),
    _variant("229", r"(\d{8})", r"22901\g<1>", "Benin: 01 before every number, 2024"),
    _variant("234", r"([1-9]\d{7})", r"23420\g<1>", "Nigeria: 20 before landlines, 2024"),
    _variant("237", r"([79]\d{7})", r"2376\g<1>", "Cameroon: 6 before mobiles, 2014"),
    _variant("237", r"((?:22|33)\d{6})", r"2372\g<1>", "Cameroon: 2 before landlines, 2014"),
    *(
        _variant("225", rf"([04-9]{old}\d{{6}})", rf"225{new}\g<1>", "Ivory Coast: mobiles of 8 digits, 2021")
        for old, new in _IVORY_COAST_2021.items()
    ),
    *(
        _variant("33", rf"({area}\d{{6}})", rf"{code}\g<1>", "Overseas France as called from France")
        for area, code in _FRANCE_OVERSEAS.items()
    ),
    _variant("353", r"48(\d{8})", r"4428\g<1>", "Northern Ireland as called from Ireland"),
    _variant("972", r"(5[69]\d{7})", r"970\g<1>", "Palestinian mobiles behind Israel's code"),
    _variant("84", r"4([2-9]\d{7})", r"8424\g<1>", "Viet Nam: Hanoi's area code, 2017"),
    _variant("39", r"(0549\d{6})", r"378\g<1>", "San Marino as called from Italy"),
    _variant("378", r"([89]\d{5})", r"3780549\g<1>", "San Marino without its area code"),
    *(
        _variant("84", rf"{old}(\d{{7}})", rf"84{new}\g<1>", "Viet Nam: mobiles of 11 digits, 2018")
        for old, new in _VIET_NAM_2018.items()
    ),
)

_BY_FIRST_DIGITS: dict[str, tuple[Variant, ...]] = {
    code: tuple(each for each in VARIANTS if each.calling_code == code)
    for code in {each.calling_code for each in VARIANTS}
}


def fold(value: str) -> str:
    """The form of an E.164 `value` that keys are made of: equal for all variants of one number."""
    for end in (3, 4):
        for variant in _BY_FIRST_DIGITS.get(value[1:end], ()):
            if match := variant.pattern.fullmatch(value):
                return match.expand(variant.form)
    return value
