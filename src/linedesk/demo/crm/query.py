"""The search language of the simulated Freshdesk: `phone:'+39…' OR (tag:'x' AND updated_at:>'2025-01-01')`.

Dates have days only, and both comparisons include the day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from linedesk.demo.crm.wire import coded, stamp
from linedesk.demo.seed import Person

Test = Callable[[Person], bool]

_LONGEST = 512
_DEEPEST = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<paren>[()])|(?P<word>AND|OR)\b"
    r"|(?P<field>[a-z_]+):(?P<op>[<>]?)(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s()']+)))",
    re.IGNORECASE,
)
_READ: dict[str, Callable[[Person], Any]] = {
    "active": lambda person: bool(person.extra.get("active", False)),
    "company_id": lambda person: person.company_id,
    "twitter_id": lambda person: person.extra.get("twitter_id"),
    "email": lambda person: person.email,
    "phone": lambda person: person.phone,
    "mobile": lambda person: person.mobile,
    "tag": lambda person: person.tags,
    "language": lambda person: person.extra.get("language", "en"),
    "time_zone": lambda person: person.extra.get("time_zone", "London"),
    "created_at": lambda person: stamp(person.created_s)[:10],
    "updated_at": lambda person: stamp(person.changed_s)[:10],
    "customer_number": lambda person: person.custom.get("customer_number"),
    "loyalty_level": lambda person: person.custom.get("loyalty_level"),
}


def parse(text: str) -> Test:
    """The test of a query in its double quotes; raises `Refusal` (400)."""
    if len(text) > _LONGEST:
        raise coded(400, "invalid_query", "Query is too long")
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise coded(400, "invalid_query", "Query should be in double quotes")
    reader = _Reader(text[1:-1])
    test = reader.either()
    if reader.token is not None:
        raise _bad()
    return test


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.token: re.Match[str] | None = None
        self._next()

    def either(self) -> Test:
        tests = [self._both()]
        while self._is("OR"):
            self._next()
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda person: any(test(person) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._is("AND"):
            self._next()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda person: all(test(person) for test in tests)

    def _one(self) -> Test:
        token = self.token
        if token is None:
            raise _bad()
        self._next()
        if token["paren"] == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _bad()
            test = self.either()
            self._depth -= 1
            if self.token is None or self.token["paren"] != ")":
                raise _bad()
            self._next()
            return test
        if not token["field"]:
            raise _bad()
        return _comparison(token)

    def _is(self, word: str) -> bool:
        return self.token is not None and (self.token["word"] or "").upper() == word

    def _next(self) -> None:
        if not self._text[self._at :].strip():
            self.token = None
            return
        self.token = _TOKEN.match(self._text, self._at)
        if self.token is None:
            raise _bad()
        self._at = self.token.end()


def _comparison(token: re.Match[str]) -> Test:
    name = token["field"].lower()
    read = _READ.get(name)
    if read is None:
        raise coded(400, "invalid_field", f"Unexpected/invalid field in request: {name}")
    wanted = _value(token)
    match token["op"]:
        case ">":
            return lambda person: str(read(person) or "") >= str(wanted)
        case "<":
            return lambda person: str(read(person) or "") <= str(wanted)
    return lambda person: _equal(read(person), wanted)


def _value(token: re.Match[str]) -> Any:
    if token["text"] is not None:
        return re.sub(r"\\(.)", r"\1", token["text"])
    bare = token["bare"]
    known = {"null": None, "true": True, "false": False}
    if bare.lower() in known:
        return known[bare.lower()]
    return int(bare) if bare.isdigit() else bare


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, tuple):
        return wanted in value if wanted is not None else not value
    if wanted is None:
        return not value
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold()
    return bool(value == wanted)


def _bad() -> Exception:
    return coded(400, "invalid_query", "The query could not be read")
