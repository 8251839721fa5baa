"""The text of vCards: lines, folding, escapes and parameters of RFC 2426 (3.0) and RFC 6350 (4.0). Pure.

What the properties mean is in `vcard_import` and `vcard_export`.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_OCTETS_A_LINE = 75
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_END = re.compile("\r\n|\r|\n")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PROPERTY = re.compile(
    r"(?:(?P<group>[A-Za-z0-9-]+)\.)?(?P<name>[A-Za-z0-9-]+)"
    r'(?P<params>(?:;(?:[^":;]|"[^"]*")*)*):(?P<value>.*)',
    re.DOTALL,
)
_LETTER = re.compile(r"\\.|.", re.DOTALL)
_PARAMETER = re.compile(r'((?:[^";]|"[^"]*")+)')
_VALUES = re.compile(r'"([^"]*)"|([^",]+)')


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card. `name` in upper case, parameters by name in upper case; `value` as it stands."""

    group: str
    name: str
    parameters: Mapping[str, tuple[str, ...]]
    value: str
    line: int

    @property
    def text(self) -> str:
        """The value as one text."""
        return unescaped(self.value)

    def parts(self, separator: str = ";") -> list[str]:
        """The value's parts, each a text: of a name or an organization."""
        return [unescaped(part) for part in _split(self.value, separator)]

    @property
    def types(self) -> tuple[str, ...]:
        """The words of its TYPE, in upper case."""
        return tuple(word.upper() for each in self.parameters.get("TYPE", ()) for word in each.split(","))


def line(name: str, value: str) -> str:
    """One line of a card, folded, with its end; `value` is escaped already, `name` may have parameters."""
    whole = f"{name}:{value}"
    if len(whole.encode()) <= _OCTETS_A_LINE:
        return f"{whole}\r\n"
    # A line is cut between letters, at most so many octets long; the blank of a folded one counts too.
    parts: list[str] = []
    part, octets = "", 0
    for letter in whole:
        width = len(letter.encode())
        if octets + width > _OCTETS_A_LINE:
            parts.append(part)
            part, octets = " ", 1
        part += letter
        octets += width
    return "\r\n".join([*parts, part]) + "\r\n"


def escaped(text: str) -> str:
    """A text as a value. Every line end becomes a newline; NUL and half surrogate pairs become U+FFFD."""
    writable = _UNWRITABLE.sub("\ufffd", _LINE_END.sub("\n", text))
    for sign, written in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        writable = writable.replace(sign, written)
    return writable


def unescaped(value: str) -> str:
    """The text of a value."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def properties(text: str) -> Iterator[Property | int]:
    """The lines of a file one by one, unfolded; of one that is no property, its number in the file."""
    for number, unfolded in _unfolded(text):
        match = _PROPERTY.fullmatch(unfolded)
        if match is None:
            yield number
            continue
        parameters = _parameters(match["params"])
        value = match["value"]
        if "QUOTED-PRINTABLE" in {each.upper() for each in parameters.get("ENCODING", ())}:
            value = escaped(_quoted_printable(value, parameters.get("CHARSET", ("utf-8",))[0]))
        yield Property((match["group"] or "").lower(), match["name"].upper(), parameters, value, number)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with the number of the line on which each begins."""
    held, begins = "", 0
    ends = text if "\n" in text else text.replace("\r", "\n")
    for number, raw in enumerate(ends.split("\n"), start=1):
        one = raw.removesuffix("\r")
        if begins and one[:1] in {" ", "\t"}:
            held += one[1:]
        elif begins and held.endswith("=") and "QUOTED-PRINTABLE" in held.partition(":")[0].upper():
            held = held[:-1] + one  # a soft line end of version 2.1
        else:
            if held.strip():
                yield begins, held
            held, begins = one, number
    if held.strip():
        yield begins, held


def _parameters(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for parameter in _PARAMETER.findall(text):
        name, equals, values = parameter.partition("=")
        if not equals:  # version 2.1: `TEL;CELL:`
            name, values = _bare(parameter), parameter
        words = tuple(quoted or plain for quoted, plain in _VALUES.findall(values))
        found[name.upper()] = (*found.get(name.upper(), ()), *words)
    return found


def _bare(word: str) -> str:
    return "ENCODING" if word.upper() in {"QUOTED-PRINTABLE", "BASE64"} else "TYPE"


def _quoted_printable(value: str, charset: str) -> str:
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _split(value: str, separator: str) -> list[str]:
    """Cut at each separator that is not escaped."""
    parts = [""]
    for match in _LETTER.finditer(value):
        if match[0] == separator:
            parts.append("")
        else:
            parts[-1] += match[0]
    return parts
