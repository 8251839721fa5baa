"""Who belongs to whom: only one to one is sure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.apps.records import Record, RecordState, Value
from linedesk.sync.evidence import Evidence, evidence
from linedesk.sync.model import Known, PairBy
from linedesk.sync.pairing import MOST_CANDIDATES, Answers, Pairing, adoptable, pair
from sync.plan_house import BOOK_FIELDS, CRM_FIELDS, ITALY, named

CRM = Known("crm", "freshdesk", named(CRM_FIELDS), {}, ITALY, True, "external_id")
BOOK = Known("book", "wildix", named(BOOK_FIELDS), {}, ITALY, True, "document_id")
ALL = tuple(PairBy)
Fields = dict[str, Value]


def _pair(
    left: dict[str, Fields],
    right: dict[str, Fields],
    pair_by: tuple[PairBy, ...] = ALL,
    answers: Answers | None = None,
) -> Pairing:
    offered = {key: evidence(Record(key, fields), CRM) for key, fields in left.items()}
    looked_for = {key: evidence(Record(key, fields), BOOK) for key, fields in right.items()}
    return pair(offered, looked_for, pair_by, answers)


def _found(pairing: Pairing) -> dict[str, str]:
    return {one: match.id for one, match in pairing.pairs.items()}


def test_phone_only_contacts_pair_by_number_and_name_in_any_spelling() -> None:
    pairing = _pair(
        {"c": {"name": "Ada Example", "mobile": "333 1234567"}},
        {"b": {"name": "EXAMPLE Àda", "office": "+39 333 123 4567"}},
    )
    assert _found(pairing) == {"c": "b"}
    assert "number and name" in pairing.pairs["c"].reason


def test_a_number_alone_and_a_name_alone_pair_nobody() -> None:
    left: dict[str, Fields] = {"c": {"name": "Ada Example", "phone": "045 1234567"}}
    assert _pair(left, {"b": {"name": "Bob", "office": "045 1234567"}}) == Pairing({}, {})
    assert _pair(left, {"b": {"name": "Ada Example", "office": "045 7654321"}}) == Pairing({}, {})


def test_an_extension_pairs_nobody_for_it_belongs_to_one_pbx() -> None:
    assert _pair({"c": {"name": "Ada", "phone": "201"}}, {"b": {"name": "Ada", "office": "201"}}).pairs == {}


ADA: Fields = {"name": "Ada", "email": "ada@x.test", "phone": "045 1234567", "company": "Ex"}
RIVALS: dict[str, Fields] = {
    "by-name": {"name": "Ada", "organization": "EX"},
    "by-email": {"name": "Somebody", "email": "ADA@x.test"},
    "by-number": {"name": "ada", "mobile": "+390451234567"},
}


@pytest.mark.parametrize(
    ("pair_by", "found"),
    [
        ((PairBy.NUMBER_AND_NAME, PairBy.NAME_AND_COMPANY), "by-number"),
        ((PairBy.EMAIL, PairBy.NAME_AND_COMPANY), "by-email"),
        ((PairBy.NAME_AND_COMPANY,), "by-name"),
    ],
)
def test_name_and_company_come_last_and_only_the_ways_that_are_chosen_are_tried(
    pair_by: tuple[PairBy, ...], found: str
) -> None:
    assert _found(_pair({"c": ADA}, RIVALS, pair_by)) == {"c": found}
    assert _pair({"c": ADA}, RIVALS, ()) == Pairing({}, {})


def test_G14_an_email_and_a_number_that_point_to_different_records_wait_with_both_ids() -> None:
    pairing = _pair({"c": ADA}, RIVALS)
    assert pairing.pairs == {}
    assert pairing.waiting["c"].candidates == ("by-email", "by-number")
    assert "number and name and the same e-mail" in pairing.waiting["c"].reason
    claims = _pair(
        {"c1": {"name": "Ada", "phone": "045 1234567"}, "c2": {"name": "A. Example", "email": "ada@x.test"}},
        {"b": {"name": "Ada", "office": "045 1234567", "email": "ada@x.test"}},
    )
    assert claims.pairs == {}
    assert {one: unsure.candidates for one, unsure in claims.waiting.items()} == {"c1": ("b",), "c2": ("b",)}


def test_G07_people_who_share_an_address_are_told_apart_by_their_names_and_numbers() -> None:
    left: dict[str, Fields] = {
        "c1": {"name": "Ada", "email": "home@x.test"},
        "c2": {"name": "Eva", "email": "home@x.test", "phone": "045 1234567"},
        "c3": {"name": "Ida", "email": "home@x.test"},
    }
    right: dict[str, Fields] = {
        "b1": {"name": "ADA", "email": "home@x.test"},
        "b2": {"name": "eva", "email": "home@x.test", "office": "+39 045 1234567"},
    }
    pairing = _pair(left, right)
    assert _found(pairing) == {"c1": "b1", "c2": "b2"}
    assert pairing.waiting == {}
    assert "same name and e-mail" in pairing.pairs["c1"].reason
    assert "number and name and the same e-mail" in pairing.pairs["c2"].reason


def test_G07_who_is_left_over_of_those_who_share_an_address_is_not_taken_for_another_one_left_over() -> None:
    left: dict[str, Fields] = {
        "c1": {"name": "Ada", "email": "home@x.test"},
        "c2": {"name": "Eva", "email": "home@x.test"},
    }
    right: dict[str, Fields] = {
        "b1": {"name": "Ada", "email": "home@x.test"},
        "b2": {"name": "Bob", "email": "home@x.test"},
    }
    pairing = _pair(left, right)
    assert _found(pairing) == {"c1": "b1"}
    assert pairing.waiting["c2"].candidates == ("b2",)
    assert "others share that too" in pairing.waiting["c2"].reason


def test_S06_two_candidates_and_two_claims_wait_and_are_out_of_the_later_ways() -> None:
    two = _pair(
        {"c": {"name": "Ada", "email": "info@x.test", "company": "Ex"}},
        {
            "b1": {"name": "Ida", "email": "info@x.test"},
            "b2": {"name": "Eva", "email": "info@x.test"},
            "b3": {"name": "Ada", "organization": "Ex"},
        },
    )
    assert two.pairs == {}
    assert two.waiting["c"].candidates == ("b1", "b2")
    claims = _pair(
        {"c1": {"name": "Ada", "email": "info@x.test"}, "c2": {"name": "Eva", "email": "info@x.test"}},
        {"b": {"name": "Info", "email": "info@x.test"}},
    )
    assert claims.pairs == {}
    assert set(claims.waiting) == {"c1", "c2"}


def test_what_a_person_said_comes_first() -> None:
    left: dict[str, Fields] = {"c": {"name": "Ada", "email": "info@x.test"}}
    right: dict[str, Fields] = {
        "b1": {"name": "Ada", "email": "info@x.test"},
        "b2": {"name": "Eva", "email": "info@x.test"},
    }
    assert _found(_pair(left, right, ALL, Answers(same={"c": "b2"}))) == {"c": "b2"}
    assert _found(_pair(left, right, ALL, Answers(different=frozenset({("c", "b2")})))) == {"c": "b1"}
    neither = Answers(different=frozenset({("c", "b1"), ("c", "b2")}))
    assert _pair(left, right, ALL, neither) == Pairing({}, {})
    assert _found(_pair(left, {"b1": right["b1"]}, ALL, Answers(same={"c": "gone"}))) == {"c": "b1"}


def test_one_address_on_thousands_of_records_stays_quick_and_unsure() -> None:
    crowd = Evidence("", frozenset(), (), frozenset({"info@x.test"}), ())
    many = {str(number): crowd for number in range(5_000)}
    pairing = pair(many, dict(many), ALL)
    assert pairing.pairs == {}
    assert len(pairing.waiting) == len(many)
    assert {len(unsure.candidates) for unsure in pairing.waiting.values()} == {MOST_CANDIDATES}


def test_G11_a_holder_is_adopted_only_if_it_passes_the_rules_of_pairing() -> None:
    ada = Record("c", {"name": "Ada Example", "email": "ada@x.test", "phone": "045 1234567"})
    holder = Record("b", {"name": "Ada Example", "office": "+390451234567"})
    assert adoptable(ada, CRM, holder, BOOK, ALL)
    assert not adoptable(ada, CRM, holder, BOOK, (PairBy.EMAIL,))
    assert not adoptable(
        ada, CRM, replace(holder, fields={"name": "Bob", "office": "045 1234567"}), BOOK, ALL
    )
    assert not adoptable(ada, CRM, replace(holder, state=RecordState.DELETED), BOOK, ALL)


people = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Ada", "Eva", "Bob"]),
        "email": st.sampled_from(["a@x.test", "b@x.test"]),
        "mobile": st.sampled_from(["333 1234567", "333 7654321"]),
        "external_id": st.sampled_from(["ld-1", "ld-2", "theirs"]),
        "document_id": st.sampled_from(["ld-1", "ld-2", "theirs"]),
        "company": st.just("Ex"),
        "organization": st.just("Ex"),
    },
)
books = st.dictionaries(st.sampled_from("pqrstu"), people, max_size=6)


def _plainly(left: dict[str, Fields], right: dict[str, Fields]) -> tuple[dict[str, str], set[str]]:
    """The rules once more, slow and plain: all with all, step by step."""
    offered = {key: evidence(Record(key, fields), CRM) for key, fields in left.items()}
    looked_for = {key: evidence(Record(key, fields), BOOK) for key, fields in right.items()}
    pairs: dict[str, str] = {}
    waiting: set[str] = set()

    def edges(*ways: PairBy) -> set[tuple[str, str]]:
        return {
            (one, other)
            for one in offered
            for other in looked_for
            if all(offered[one].keys(by) & looked_for[other].keys(by) for by in ways)
        }

    def is_sure(edge: tuple[str, str], found: set[tuple[str, str]]) -> bool:
        return not any((a == edge[0]) != (b == edge[1]) for a, b in found)

    def settle(found: set[tuple[str, str]], doubtful: set[tuple[str, str]]) -> None:
        for one, other in found:
            if is_sure((one, other), found) and not any(one == a or other == b for a, b in doubtful):
                pairs[one] = other
            else:
                waiting.add(one)
            offered.pop(one, None)
            looked_for.pop(other, None)

    settle(edges(PairBy.EXTERNAL_ID), set())
    by_way = [edges(PairBy.NUMBER_AND_NAME), edges(PairBy.EMAIL)]
    confirmed = {
        (one, other)
        for one, other in by_way[1]
        if (one, other) in by_way[0] or offered[one].name == looked_for[other].name != ()
    }
    sure = {edge for edge in confirmed if is_sure(edge, confirmed)}
    settle(sure, set())
    doubtful: set[tuple[str, str]] = set()
    for way in by_way:
        kept = {edge for edge in way if not any(edge[0] == a or edge[1] == b for a, b in sure)}
        doubtful |= {(one, "") for one, _ in kept if any(one == a for a, _ in way - kept)}
        doubtful |= {("", other) for _, other in kept if any(other == b for _, b in way - kept)}
    settle(edges(PairBy.NUMBER_AND_NAME) | edges(PairBy.EMAIL), doubtful)
    settle(edges(PairBy.NAME_AND_COMPANY), set())
    return pairs, waiting


@settings(max_examples=120, deadline=None)
@given(books, books)
def test_S06_the_indexes_find_what_comparing_all_with_all_finds(
    left: dict[str, Fields], right: dict[str, Fields]
) -> None:
    pairing = _pair(left, right)
    pairs, waiting = _plainly(left, right)
    assert _found(pairing) == pairs
    assert set(pairing.waiting) == waiting
    assert len(set(pairs.values())) == len(pairs)


@settings(max_examples=60, deadline=None)
@given(books, books)
def test_S09_S06_pairs_and_doubts_are_the_same_from_either_side(
    left: dict[str, Fields], right: dict[str, Fields]
) -> None:
    offered = {key: evidence(Record(key, fields), CRM) for key, fields in left.items()}
    looked_for = {key: evidence(Record(key, fields), BOOK) for key, fields in right.items()}
    there, back = pair(offered, looked_for, ALL), pair(looked_for, offered, ALL)
    assert _found(there) == {match.id: one for one, match in back.pairs.items()}
    assert (there.waiting, there.claimed) == (back.claimed, back.waiting)
    asked = {other for unsure in there.waiting.values() for other in unsure.candidates}
    assert asked == set(there.claimed)


def test_S06_nobody_is_free_to_be_made_who_may_be_one_of_a_crowd() -> None:
    one: dict[str, Fields] = {"c": {"name": "Ada", "email": "info@x.test"}}
    crowd: dict[str, Fields] = {
        f"b{number}": {"name": f"N{number}", "email": "info@x.test"} for number in range(100)
    }
    pairing = _pair(one, crowd)
    assert set(pairing.claimed) == set(crowd)
    assert len(pairing.waiting["c"].candidates) == MOST_CANDIDATES
