"""Numbers that regulators set aside for drama and examples: nobody is there, so a call costs nothing.

The library calls some of them invalid, which says nothing about a price here.
"""

from __future__ import annotations

import re

_RANGES = (
    # Ofcom, "Telephone numbers for use in TV and radio drama programmes"
    r"\+447700900\d{3}",
    r"\+44(?:113|114|115|116|117|118|121|131|141|151|161)4960\d{3}",
    r"\+44(?:2079460|1914980|2920180|1632960|3069990|8081570)\d{3}",
    r"\+4428964960\d{2}",
    # North American Numbering Plan: 555-0100 to 555-0199 of every area
    r"\+1[2-9]\d{2}55501\d{2}",
    # Arcep, decision 2018-0881, annex: numbers for audiovisual works
    r"\+33(?:19900|26191|35301|46571|53649|63998)\d{4}",
    # Bundesnetzagentur: drama numbers
    r"\+49(?:3023125|6990009|4066969|2214710|8999998)\d{3}",
    # ACMA: numbers for use in films and books
    r"\+61(?:255501|355501|755501|855501)\d{3}",
    r"\+61491570(?:006|156|157|158|159|110)",
)
_FICTION = re.compile("|".join(_RANGES))


def is_fiction(value: str) -> bool:
    """Whether an E.164 number lies in a range set aside for fiction."""
    return _FICTION.fullmatch(value) is not None
