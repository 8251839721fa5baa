"""The document describes what is served: checked as OpenAPI, against the routes, and against answers."""

from __future__ import annotations

from openapi_spec_validator import validate

from linedesk.server import models, routes
from server.house import House


async def test_the_document_is_valid_openapi(house: House) -> None:
    async with house.http.get(f"{house.base}/api/openapi.json") as answer:
        document = await answer.json()
    validate(document)
    assert document["components"]["schemas"]["TokenAnswer"]["properties"]["token"]["type"] == "string"
    dial = document["paths"]["/api/calls"]["post"]
    assert dial["security"] == [{"token": []}]
    assert [each["name"] for each in dial["parameters"]] == ["Idempotency-Key"]
    assert dial["responses"]["409"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ErrorAnswer"
    }


async def test_every_address_for_programs_is_in_the_document(house: House) -> None:
    async with house.http.get(f"{house.base}/api/openapi.json") as answer:
        described = {
            (method.upper(), path)
            for path, operations in (await answer.json())["paths"].items()
            for method in operations
        }
    served = {
        (route.method, route.resource.canonical)
        for route in house.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert {each for each in served if each[1].startswith(("/api/", "/hooks/"))} <= described
    assert described <= served


def test_handlers_have_names_of_their_own() -> None:
    names = [route.handler.__name__ for route in routes.table() if route.documented]
    assert len(set(names)) == len(names)


async def test_answers_have_the_described_shape(house: House) -> None:
    headers = await house.bearer()
    for path, model in (
        ("/api/me", models.MeAnswer),
        ("/api/contacts?q=a", models.SearchAnswer),
        ("/api/lookup?number=1", models.LookupAnswer),
        ("/api/history", models.HistoryAnswer),
        ("/api/colleagues", models.ColleaguesAnswer),
    ):
        async with house.http.get(house.base + path, headers=headers) as answer:
            model.model_validate(await answer.json())
