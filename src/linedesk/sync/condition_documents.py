"""The tree of conditions of a rule as a document, and back, exactly. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from linedesk.sync.document_words import keys, listed, meant, name_of, scalar, switch, table, word
from linedesk.sync.instants import instant_ms
from linedesk.sync.rules import All, AnyOf, Condition, Not, Test, When

_MOST_DEEP = 20
_MOST_WIDE = 500
_TEXTS = {"equals": Test.EQUALS, "contains": Test.CONTAINS, "one_of": Test.ONE_OF}
_ON_A_FIELD = (*_TEXTS, "empty")
_HAS = {"phone": Test.HAS_PHONE, "email": Test.HAS_EMAIL}
_WHO = {"owner": Test.OWNER, "company": Test.COMPANY}
_SINCE = {"created_since": Test.CREATED_SINCE, "changed_since": Test.CHANGED_SINCE}


def when_to_document(when: When) -> dict[str, Any]:
    """One table with one word: `all`, `any`, `not`, or that of the condition."""
    match when:
        case All(of):
            return {"all": [when_to_document(each) for each in of]}
        case AnyOf(of):
            return {"any": [when_to_document(each) for each in of]}
        case Not(of):
            return {"not": when_to_document(of)}
        case Condition():
            return _condition_document(when)


def when_from_document(item: object, path: str, depth: int = 0) -> When:
    """Raises `ValueError` with a sentence that begins with the path of what is wrong."""
    if depth > _MOST_DEEP:
        raise ValueError(f"`{path}` is nested more than {_MOST_DEEP} deep")
    of = table(item, path)
    heads = [head for head in _READERS if head in of]
    if not heads:
        raise ValueError(_no_condition(of, path))
    if len(heads) > 1:
        raise ValueError(
            f"`{path}` has `{heads[0]}` and `{heads[1]}`; put several conditions into `all` or `any`"
        )
    return _READERS[heads[0]](of, path, depth)


def _condition_document(condition: Condition) -> dict[str, Any]:
    test, values = condition.test, list(condition.values)
    key = test.value.replace("-", "_")
    match test:
        case Test.EQUALS | Test.CONTAINS | Test.ONE_OF | Test.EMPTY:
            return {"field": condition.field, key: _said(test, values)}
        case Test.MEMBER:
            return {"in": condition.field, "name": _said(test, values)}
        case Test.HAS_PHONE | Test.HAS_EMAIL:
            return {"has": test.value.removeprefix("has-")}
        case _:
            return {key: _said(test, values)}


def _said(test: Test, values: list[str]) -> bool | str | list[str]:
    """True for what needs no value; one value alone, except where a list is usual."""
    if test in {Test.EMPTY, Test.EXISTS}:
        return True
    usual_list = test in {Test.ONE_OF, Test.OWNER, Test.COMPANY}
    return values[0] if len(values) == 1 and not usual_list else values


def _branches(of: Mapping[str, Any], path: str, depth: int) -> When:
    head = "all" if "all" in of else "any"
    keys(of, path, (head,))
    at = f"{path}.{head}"
    found = tuple(
        when_from_document(each, where, depth + 1) for where, each in listed(of[head], at, _MOST_WIDE)
    )
    if not found:
        raise ValueError(f"`{at}` must name at least one condition")
    return All(found) if head == "all" else AnyOf(found)


def _not(of: Mapping[str, Any], path: str, depth: int) -> When:
    keys(of, path, ("not",))
    return Not(when_from_document(of["not"], f"{path}.not", depth + 1))


def _field(of: Mapping[str, Any], path: str, _: int) -> When:
    field = name_of(of["field"], f"{path}.field")
    given = [each for each in _ON_A_FIELD if each in of]
    if len(given) != 1:
        keys(of, path, ("field", *_ON_A_FIELD))
        one_of = ", ".join(f"`{each}`" for each in _ON_A_FIELD)
        raise ValueError(f"`{path}` needs exactly one of {one_of} beside `field`")
    keys(of, path, ("field", given[0]))
    at = f"{path}.{given[0]}"
    if given[0] == "empty":
        return _if(switch(of["empty"], at), Condition(Test.EMPTY, field))
    return Condition(_TEXTS[given[0]], field, _texts(of[given[0]], at))


def _has(of: Mapping[str, Any], path: str, _: int) -> When:
    keys(of, path, ("has",))
    return Condition(_HAS[word(of["has"], f"{path}.has", _HAS)])


def _in(of: Mapping[str, Any], path: str, _: int) -> When:
    keys(of, path, ("in", "name"), needed=("name",))
    names = _texts(of["name"], f"{path}.name", name_of)
    return Condition(Test.MEMBER, name_of(of["in"], f"{path}.in"), names)


def _who(of: Mapping[str, Any], path: str, _: int) -> When:
    head = next(each for each in _WHO if each in of)
    keys(of, path, (head,))
    return Condition(_WHO[head], values=_texts(of[head], f"{path}.{head}", name_of))


def _since(of: Mapping[str, Any], path: str, _: int) -> When:
    head = next(each for each in _SINCE if each in of)
    keys(of, path, (head,))
    at = scalar(of[head], f"{path}.{head}")
    try:
        instant_ms(at)
    except ValueError as error:
        raise ValueError(
            f'`{path}.{head}` must be a date such as "2026-01-31", or with a time "2026-01-31T08:00:00Z"'
        ) from error
    return Condition(_SINCE[head], values=(at,))


def _exists(of: Mapping[str, Any], path: str, _: int) -> When:
    keys(of, path, ("exists",))
    return _if(switch(of["exists"], f"{path}.exists"), Condition(Test.EXISTS))


def _if(so: bool, condition: Condition) -> When:
    return condition if so else Not(condition)


def _texts(item: object, path: str, read: Callable[[object, str], str] = scalar) -> tuple[str, ...]:
    """One text, or a list of at least one."""
    if not isinstance(item, list | tuple):
        return (read(item, path),)
    if not item:
        raise ValueError(f"`{path}` must name at least one value")
    return tuple(read(each, at) for at, each in listed(item, path, _MOST_WIDE))


def _no_condition(of: Mapping[str, Any], path: str) -> str:
    for key in of:
        if key not in _ON_A_FIELD and key != "name":
            return f"`{path}.{key}` is not a condition that Linedesk knows{meant(key, _READERS)}"
    if not of:
        return f"`{path}` is empty; leave `when` out for a rule that takes everyone"
    beside = "in" if "name" in of else "field"
    return f"`{path}.{beside}` is missing: it says what `{next(iter(of))}` is about"


_READERS: Mapping[str, Callable[[Mapping[str, Any], str, int], When]] = {
    "all": _branches,
    "any": _branches,
    "not": _not,
    "field": _field,
    "has": _has,
    "in": _in,
    **dict.fromkeys(_WHO, _who),
    **dict.fromkeys(_SINCE, _since),
    "exists": _exists,
}
