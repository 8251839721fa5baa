"""Roles rise, rights are data, an inactive agent has none."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from linedesk.agents.model import Agent, Role
from linedesk.agents.rights import LEAST_ROLE, RISING, Right, may, require, visible_books
from linedesk.errors import Forbidden

AGENT = Agent(id="1", login="luca", name="Luca", role=Role.AGENT)


def granted(role: Role) -> set[Right]:
    return {right for right in Right if may(replace(AGENT, role=role), right)}


def test_every_right_has_a_least_role_and_every_role_a_place() -> None:
    assert set(LEAST_ROLE) == set(Right)
    assert set(RISING) == set(Role)


def test_each_role_has_all_rights_of_the_one_below_and_more() -> None:
    for lower, higher in pairwise(RISING):
        assert granted(lower) < granted(higher)
    assert granted(Role.OWNER) == set(Right)


def test_an_agent_dials_and_searches_but_changes_nothing_for_others() -> None:
    assert granted(Role.AGENT) == {
        Right.SEE_OWN_CALLS,
        Right.READ_OWN_HISTORY,
        Right.SEARCH_CONTACTS,
        Right.DIAL,
        Right.CHANGE_OWN_SETTINGS,
    }


def test_the_stop_switch_needs_an_operator_and_apply_an_owner() -> None:
    assert Right.STOP_DIALLING in granted(Role.OPERATOR) - granted(Role.VIEWER)
    assert Right.CHANGE_SETUP in granted(Role.OWNER) - granted(Role.OPERATOR)


def test_require_says_which_role_is_needed() -> None:
    require(AGENT, Right.DIAL)
    with pytest.raises(Forbidden, match="role owner"):
        require(AGENT, Right.CHANGE_AGENTS)


def test_an_inactive_agent_has_no_right_and_sees_no_book() -> None:
    off = replace(AGENT, role=Role.OWNER, active=False)
    assert not any(may(off, right) for right in Right)
    assert visible_books(off) == frozenset()


def test_books_none_means_all_and_an_empty_list_none() -> None:
    assert visible_books(AGENT) is None
    assert visible_books(replace(AGENT, books=frozenset())) == frozenset()
    assert visible_books(replace(AGENT, books=frozenset({"crm"}))) == frozenset({"crm"})
