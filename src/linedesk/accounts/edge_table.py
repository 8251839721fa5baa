"""The base of the tables of the file of `linedesk apply`: keys are checked, and those given are known."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A key that is left out changes nothing, so what was given counts, not the defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def given(self) -> dict[str, Any]:
        """The keys that stand in the file, with their values."""
        # In the order of the table: that of a set would differ from run to run, and with it the shown diff.
        given = (name for name in type(self).model_fields if name in self.model_fields_set)
        return {name: getattr(self, name) for name in given if name != "remove"}
