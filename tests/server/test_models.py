"""What comes in is bounded: no number and no text reaches a service that it can't hold."""

from __future__ import annotations

from typing import get_args

import pytest
from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ValidationError

from linedesk.server import models
from linedesk.server.models import In, Query
from server.house import House

NO_END = "9" * 23


def inputs() -> list[type[BaseModel]]:
    return [each for base in (In, Query) for each in base.__subclasses__()]


@pytest.mark.parametrize("model", inputs(), ids=lambda model: model.__name__)
def test_every_number_and_text_of_a_request_is_bounded(model: type[BaseModel]) -> None:
    for name, info in model.model_fields.items():
        kinds = {info.annotation, *get_args(info.annotation)}
        bounds = {type(each) for each in info.metadata}
        if int in kinds:
            assert {Ge, Le} <= bounds, name
        if str in kinds:
            assert MaxLen in bounds or any(getattr(each, "pattern", None) for each in info.metadata), name


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (models.Credentials, {"user": "\ud800", "password": "x"}),
        (models.Credentials, {"user": "x", "password": "\ud800"}),
        (models.CodeExchange, {"code": "\ud800"}),
        (models.DialBody, {"number": "\udfff"}),
    ],
)
def test_half_a_character_is_no_text(model: type[BaseModel], document: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(document)


@pytest.mark.parametrize("before", [NO_END, "253402300799001", "-1", "9" * 5000])
async def test_a_time_beyond_all_calendars_is_refused(house: House, before: str) -> None:
    url = f"{house.base}/api/history?before={before}"
    async with house.http.get(url, headers=await house.bearer()) as answer:
        assert answer.status == 400
        assert "`before`" in (await answer.json())["error"]["message"]
    assert house.history.asked == []


async def test_the_last_second_of_all_is_taken(house: House) -> None:
    url = f"{house.base}/api/history?before={models.END_OF_TIME_MS}"
    async with house.http.get(url, headers=await house.bearer()) as answer:
        assert answer.status == 200
