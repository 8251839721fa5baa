"""Tables within the file of `linedesk apply`: rules for numbers and for tags, and how callers are matched."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from linedesk.accounts.patterns import check_tag_pattern
from linedesk.contacts.policy import TagFinds
from linedesk.numbers.model import Certainty

MOST_RULES = 50
_MOST_DIGITS = 24


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Digits = Annotated[int, Field(ge=1, le=_MOST_DIGITS)]


class RuleTable(_Table):
    """As `numbers.model.PrefixRule`."""

    prefix: Annotated[str, Field(pattern=r"^[+0-9]{0,15}$")]
    replace: Annotated[str, Field(pattern=r"^\+?[0-9]{0,15}$")] = ""
    min_digits: Digits = 8
    max_digits: Digits = _MOST_DIGITS

    @model_validator(mode="after")
    def _limited(self) -> RuleTable:
        if self.min_digits > self.max_digits:
            raise ValueError("`max_digits` must not be smaller than `min_digits`")
        if not self.prefix and not {"min_digits", "max_digits"} <= self.model_fields_set:
            raise ValueError(
                "without a `prefix` it needs `min_digits` and `max_digits`, or it fits every number"
            )
        return self


class TagRuleTable(_Table):
    """As `contacts.policy.TagRule`."""

    pattern: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(check_tag_pattern)]
    finds: Annotated[TagFinds, Field(strict=False)] = TagFinds.NUMBER
    book: Annotated[str, Field(max_length=32)] = ""
    certainty: Annotated[Certainty, Field(strict=False)] = Certainty.POSSIBLE


class MatchingTable(_Table):
    """As `contacts.policy.MatchPolicy`."""

    open_first: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=32)]], Field(max_length=100)
    ] = []
