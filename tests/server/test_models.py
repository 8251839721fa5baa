"""What comes in is bounded: no number and no text reaches a service that it can't hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ValidationError

from calls.desk_house import ADA, LUCA, body, open_house
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


def described(annotation: Any) -> type[BaseModel] | None:
    """The model of a field, also where it stands in a list or may be null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := described(each))), None)


def differences(document: Any, model: type[BaseModel], at: str = "") -> Iterator[str]:
    """The fields of an answer that its model does not name, and those it demands in vain."""
    needed = {name for name, info in model.model_fields.items() if info.is_required()}
    yield from (
        f"{at}{name}" for name in (set(document) - set(model.model_fields)) | (needed - set(document))
    )
    for name in set(document) & set(model.model_fields):
        inner = described(model.model_fields[name].annotation)
        parts = document[name] if isinstance(document[name], list) else [document[name]]
        for part in parts if inner is not None else ():
            if part is not None:
                assert inner is not None
                yield from differences(part, inner, f"{at}{name}.")


async def test_the_description_names_every_field_of_what_goes_out(tmp_path: Path) -> None:
    async with open_house(tmp_path) as home:
        await home.post(body("w.1", "start", 0))
        await home.post(body("w.1", "end", 9_000, status="CONNECTING"))
        await home.work()
        chosen = await home.choosing.choose(LUCA, ADA, "crm:1")
        lookup = {**await home.people.lookup(LUCA, ADA), "picked": None}
        lookup["explain"] = await home.people.explain(LUCA, ADA)
        answers: list[tuple[Any, type[BaseModel]]] = [
            (await home.people.search(LUCA, "ada", 5), models.SearchAnswer),
            (lookup, models.LookupAnswer),
            (chosen, models.PickAnswer),
            (await home.recent.list(LUCA, 5, None, False), models.HistoryAnswer),
        ]
        for answer, model in answers:
            assert list(differences(answer, model)) == [], model.__name__
            model.model_validate(answer)
