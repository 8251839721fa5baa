"""Extension, then e-mail, then user id; within the account; in doubt nobody."""

from __future__ import annotations

from linedesk.calls.model import Party
from linedesk.calls.who import AgentEntry, AgentIndex


def _party(extension: str | None = None, email: str | None = None, user_id: str | None = None) -> Party:
    return Party(local=True, extension=extension, email=email, user_id=user_id)


def test_email_is_compared_without_case_and_only_in_its_account() -> None:
    index = AgentIndex([AgentEntry("a", "201", email=" Mia@Example.TEST ")])
    assert index.resolve("a", _party(email="mia@example.test")) == "201"
    assert index.resolve("b", _party(email="mia@example.test")) is None


def test_an_ambiguous_email_names_nobody_and_the_user_id_decides() -> None:
    index = AgentIndex(
        [AgentEntry("a", "201", "team@x.test", "1"), AgentEntry("a", "202", "team@x.test", "2")]
    )
    assert index.resolve("a", _party(email="team@x.test")) is None
    assert index.resolve("a", _party(email="team@x.test", user_id="2")) == "202"


def test_an_unknown_extension_stands_for_itself() -> None:
    assert AgentIndex().resolve("a", _party(extension="999")) == "999"


def test_empty_fields_match_nobody() -> None:
    index = AgentIndex([AgentEntry("a", "201", email="", user_id=" ")])
    assert index.resolve("a", _party(email="", user_id="")) is None
