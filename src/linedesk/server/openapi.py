"""The OpenAPI document, made from the route table: what is served is what is described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from linedesk import __version__
from linedesk.server.models import ErrorAnswer

if TYPE_CHECKING:
    from linedesk.server.routes import Route

DOCUMENT: web.AppKey[dict[str, Any]] = web.AppKey("openapi", dict)

_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An agent's token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-linedesk"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Signature",
        "description": "Lower-case hex HMAC-SHA256 of the raw body with the webhook's secret.",
    },
}


async def serve(request: web.Request) -> web.Response:
    """`GET /api/openapi.json`."""
    return web.json_response(request.app[DOCUMENT])


def document(routes: tuple[Route, ...], base_url: str) -> dict[str, Any]:
    """The document for the routes that are meant for programs."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.documented:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    api = OpenAPI.model_validate(
        {
            "openapi": "3.1.1",
            "info": {
                "title": "Linedesk",
                "version": __version__,
                "description": "Caller popups and click-to-call for the Wildix PBX. Times are epoch ms.",
            },
            "servers": [{"url": base_url}],
            "paths": paths,
            "components": {"securitySchemes": _SECURITY},
        }
    )
    whole = construct_open_api_with_schema_class(api)
    return whole.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_header_parameters(route), *_query_parameters(route)],
        "responses": _responses(route),
        "security": [] if route.auth == "none" else [{route.auth: []}],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body)}
    elif route.auth == "signature":
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {}}}}
    return operation


def _responses(route: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, model in route.answers.items():
        responses[str(status)] = {"description": "Done."}
        if model is not None:
            responses[str(status)]["content"] = _content(model)
    own = {"token": (401, 403), "session": (401,), "signature": ()}.get(route.auth, ())
    takes_input = route.query is not None or route.body is not None or route.auth == "signature"
    for status in sorted({*own, *route.errors, *((400,) if takes_input else ())}):
        responses[str(status)] = {
            "description": "Refused; `error` says why.",
            "content": _content(ErrorAnswer),
        }
    return responses


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": PydanticSchema.model_validate({"schema_class": model})}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    # A header that a security scheme names is described there.
    return [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in route.headers
        if route.auth != "signature"
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _plain(each)}
        for name, each in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}
