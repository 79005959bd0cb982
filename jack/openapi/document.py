"""The whole of the API's description: OpenAPI 3.1, made from the routes as they are registered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from apispec import APISpec

from jack.core.version import __version__
from jack.http.arguments import MAX_DETAILS
from jack.http.context import PREFIX
from jack.http.envelope import ApiError
from jack.http.responses import JSON
from jack.http.schema import camel
from jack.http.scopes import OPEN
from jack.openapi import error_responses, prose
from jack.openapi.json_schema import Shapes, open_vocabulary
from jack.openapi.operations import REQUEST_HEADERS, Operation, ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from flask import Flask

    from jack.http.blueprint import Blueprint

OPENAPI = "3.1.0"
PATH = f"{PREFIX}/openapi.json"
IN_PATH = re.compile(r"<(?:\w+:)?(\w+)>")


# The operations of each path by their method; the responses of one by their status.
Paths = dict[str, dict[str, dict[str, object]]]
Responses = dict[str, dict[str, object]]


def document(app: Flask, blueprints: Iterable[Blueprint]) -> dict[str, object]:
    """The description of the routes of these blueprints."""
    spec = APISpec(
        title=prose.TITLE,
        version=__version__,
        openapi_version=OPENAPI,
        plugins=[Shapes()],
        info={
            "summary": prose.SUMMARY,
            "description": prose.ABOUT,
            "license": prose.LICENSE,
            "contact": prose.CONTACT,
        },
        servers=[{"url": app.extensions["jack"].config.public_path or "/"}],
        tags=[
            *({"name": blp.name, "description": blp.description} for blp in blueprints),
            {"name": "description", "description": "This description itself"},
        ],
    )
    _add_components(spec)
    _add_paths(spec, app)
    found: dict[str, object] = spec.to_dict()
    _add_links(cast("Paths", found["paths"]))
    return found


def _add_components(spec: APISpec) -> None:
    for name, scheme in prose.SECURITY.items():
        spec.components.security_scheme(name, scheme)
    for name, parameter in REQUEST_HEADERS.items():
        spec.components.parameter(name, "header", parameter)
    spec.components.schema("ApiError", schema=ApiError)
    error = spec.components.schemas["ApiError"]["properties"]
    error["code"]["enum"] = list(error_responses.CODES)
    open_vocabulary(error["code"])
    error["details"]["maxItems"] = MAX_DETAILS
    envelope = {"success": {"type": "boolean"}, "error": ref("ApiError")}
    required = sorted(envelope)
    spec.components.schema(
        "ErrorAnswer", {"type": "object", "required": required, "properties": envelope}
    )
    error_responses.add_to(spec)


def _add_paths(spec: APISpec, app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "_apidoc"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = Operation(spec, rule, method, view).described()
            spec.path(path_of(rule.rule), operations={method.lower(): operation})
    spec.path(PATH, operations={"get": _itself()})


def _add_links(paths: Paths) -> None:
    """From what creates a thing to what can be done with it: the id of the response is the one in their path."""
    for path, operations in paths.items():
        responses = cast("Responses", operations.get("post", {}).get("responses", {}))
        created = responses.get("201", {})
        links = dict(_links(paths, f"{path}/{{"))
        if links and "Location" in cast("Collection[str]", created.get("headers", ())):
            created["links"] = links


def _links(paths: Paths, beginning: str) -> Iterator[tuple[str, dict[str, object]]]:
    for path, operations in paths.items():
        if path.startswith(beginning):
            name = path.removeprefix(beginning).partition("}")[0]
            for operation in operations.values():
                there = str(operation["operationId"])
                parameters = {name: "$response.body#/data/id"}
                yield there, {"operationId": there, "parameters": parameters}


def path_of(rule: str) -> str:
    """`/guests/<guest_id>` → `/guests/{guestId}`."""
    return IN_PATH.sub(lambda found: f"{{{camel(found[1])}}}", rule)


def _itself() -> dict[str, object]:
    """The operation that answers with this description."""
    parts = {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}}
    content = {"schema": {"type": "object", "required": list(parts), "properties": parts}}
    refused = {str(status): error_responses.REFUSALS[status].name for status in (429, 500)}
    return {
        "operationId": "getDescription",
        "x-required-scope": OPEN,
        "tags": ["description"],
        "summary": "The description of this API",
        "description": f"OpenAPI 3.1, without an envelope.\n\n{prose.FOR_WHOM['public']}",
        "security": [],
        "parameters": ["IfNoneMatch", "RequestId"],
        "responses": {
            "200": {
                "description": "OK",
                "headers": error_responses.headers(["ETag"]),
                "content": {JSON: content},
            },
            "304": {
                "description": "Not changed since `If-None-Match`",
                "headers": error_responses.headers(["ETag"]),
            },
            **refused,
        },
    }
