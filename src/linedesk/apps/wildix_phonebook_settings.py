"""The keys of a phonebook's account. What the PBX's maker leaves open is a key with the likely default."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from linedesk.apps.kind import AppSettings


class PhonebookSettings(AppSettings):
    """The keys of a phonebook's account, beside those of every account."""

    pbx: str = Field(default="", description="Name of the PBX account on which the phonebook is.")
    phonebook: str = Field(default="", description="Name or id of the phonebook.")
    create_phonebook: bool = Field(
        default=False, description="Make the phonebook at the first write if it is missing."
    )
    external_ids: bool = Field(
        default=True,
        description="Keep Linedesk's own id in the contact's document number, while that is empty.",
    )
    changes_by_time: bool = Field(
        default=True, description="Read only what changed lately, and everything each `complete_scan_s`."
    )
    complete_scan_s: int = Field(
        default=3600,
        ge=60,
        description="Seconds between two readings of the whole phonebook, which show deletes.",
    )
    stamp_timezone: str = Field(
        default="UTC", description="Time zone in which the PBX writes times of change."
    )
    empty_clears: bool = Field(default=True, description="The PBX clears a field that is sent empty.")
    filled_type: int = Field(
        default=3, description="Type number of phonebooks that the PBX fills from LDAP or its colleagues."
    )

    @field_validator("stamp_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is not a time zone; write it like Europe/Rome") from None
        return name
