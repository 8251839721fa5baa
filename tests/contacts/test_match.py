"""The plain matcher, and that an index by keys gives the same answer."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import example, given, settings
from hypothesis import strategies as st

from linedesk.contacts.match import Matches, Stored, match
from linedesk.contacts.model import ContactType
from linedesk.numbers import (
    Certainty,
    Kind,
    Number,
    NumberPlan,
    lookup_keys,
    read,
    stored_keys,
    switchboard_keys,
)
from linedesk.numbers.plans import calling_code
from linedesk.numbers.variants import fold

GERMANY = NumberPlan("DE")
ITALY = NumberPlan("IT")

# few bases with many neighbours, so that chance finds them
numbers = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["+4930231", "030231", "+431234", "+3902123", "02123", "39021", "+5511", "+54911", "+39"]
        ),
        st.text("0169", max_size=6),
        st.sampled_from(["", "-0", "/79", " - 0", " ::: +4930231250", " x12"]),
    ),
    st.sampled_from(["", "anonymous", "201", "2011", "112", "1254", "000", "+266696687", "3902123456"]),
)
types = st.sampled_from(list(ContactType))


def plainly(stored: list[Stored], caller: Number) -> Matches:
    """The README's definition word by word, without keys: every candidate against every candidate."""
    sure: list[str] = []
    possible: list[str] = []
    for entry in stored:
        certainty = _pair(entry, caller)
        if certainty is Certainty.SURE:
            sure.append(entry.contact)
        elif certainty is Certainty.POSSIBLE:
            possible.append(entry.contact)
    best = list(dict.fromkeys(sure))
    return Matches(tuple(best), tuple(each for each in dict.fromkeys(possible) if each not in best))


def _pair(entry: Stored, caller: Number) -> Certainty | None:
    theirs = entry.number
    if caller.kind is not theirs.kind:
        return None
    if caller.kind in {Kind.EXTENSION, Kind.SHORT}:
        return Certainty.SURE if caller.value == theirs.value else None
    found = None
    for a in caller.candidates:
        for b in theirs.candidates:
            if fold(a) == fold(b):
                if a not in caller.possible and b not in theirs.possible:
                    return Certainty.SURE
                found = Certainty.POSSIBLE
            if entry.type is ContactType.COMPANY and _continues(fold(a), fold(b)):
                found = Certainty.POSSIBLE
        if entry.type is ContactType.COMPANY and any(
            _continues(fold(a), fold(b)) for b in theirs.switchboards
        ):
            found = Certainty.POSSIBLE
    return found


def _continues(caller: str, board: str) -> bool:
    same_country = calling_code(caller) == calling_code(board)
    return same_country and caller.startswith(board) and 1 <= len(caller) - len(board) <= 4


class Index:
    """What a table of keys does: nothing but equality of texts."""

    def __init__(self, stored: list[Stored]) -> None:
        self.rows: dict[str, list[tuple[Stored, Certainty]]] = defaultdict(list)
        for entry in stored:
            for key in stored_keys(entry.number):
                self.rows[key.text].append((entry, key.certainty))

    def lookup(self, caller: Number) -> tuple[set[str], set[str]]:
        sure: set[str] = set()
        possible: set[str] = set()
        for key in lookup_keys(caller):
            for entry, certainty in self.rows[key.text]:
                both = {key.certainty, certainty} == {Certainty.SURE}
                (sure if both else possible).add(entry.contact)
        for board in switchboard_keys(caller):
            for entry, _ in self.rows[board]:
                if entry.type is ContactType.COMPANY:
                    possible.add(entry.contact)
        return sure, possible - sure


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), numbers, types), max_size=8),
    numbers,
    st.sampled_from([GERMANY, ITALY]),
)
@example([("a", "+4930231-0", ContactType.COMPANY)], "+493023114", GERMANY)
@example([("a", "+4930231-0", ContactType.COMPANY)], "+4930231", GERMANY)
@example([("a", "+39", ContactType.COMPANY), ("a", "+390212300/01", ContactType.PERSON)], "+390212301", ITALY)
@settings(max_examples=1500, deadline=None)
def test_the_index_equals_the_slow_plain_matcher(
    contacts: list[tuple[str, str, ContactType]], caller_text: str, plan: NumberPlan
) -> None:
    kinds: dict[str, ContactType] = {}
    stored = [
        Stored(contact, read(text, plan), kinds.setdefault(contact, kind)) for contact, text, kind in contacts
    ]
    caller = read(caller_text, plan)
    slow = plainly(stored, caller)
    found = match(stored, caller)
    assert (set(found.sure), set(found.possible)) == (set(slow.sure), set(slow.possible))
    assert Index(stored).lookup(caller) == (set(found.sure), set(found.possible))


@given(st.lists(st.tuples(st.sampled_from("abc"), numbers), max_size=6), numbers)
@settings(max_examples=500, deadline=None)
def test_C06_a_sure_contact_owns_a_number_with_the_key_of_the_caller(
    contacts: list[tuple[str, str]], caller_text: str
) -> None:
    stored = [Stored(contact, read(text, ITALY)) for contact, text in contacts]
    caller = read(caller_text, ITALY)
    found = match(stored, caller)
    assert not set(found.sure) & set(found.possible)
    wanted = {key.text for key in lookup_keys(caller)}
    for contact in found.sure:
        owned = {
            key.text for entry in stored if entry.contact == contact for key in stored_keys(entry.number)
        }
        assert owned & wanted
    if caller.kind in {Kind.ANONYMOUS, Kind.INVALID, Kind.EMERGENCY}:
        assert found == Matches()


def test_B15_a_company_found_by_its_exact_number_is_sure() -> None:
    stored = [Stored("c", read("+43 1 234567", ITALY), ContactType.COMPANY)]
    assert match(stored, read("+431234567", ITALY)) == Matches(("c",), ())
    assert match(stored, read("+4312345671234", ITALY)) == Matches((), ("c",))
    assert match(stored, read("+43123456712345", ITALY)) == Matches()


def test_several_numbers_of_one_contact_count_once_and_the_best_wins() -> None:
    stored = [
        Stored("a", read("0212345670/78", ITALY)),
        Stored("b", read("0212345670/78", ITALY)),
        Stored("a", read("+39 02 12345678", ITALY)),
    ]
    assert match(stored, read("0212345678", ITALY)) == Matches(("a",), ("b",))
