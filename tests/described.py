"""The API's description as the tests ask it: what it says of an operation, and what it has against an answer."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from jack.http.context import PREFIX
from jack.openapi.document import path_of
from tests.sweeps.table import Route

JSON = "application/json"


class Described:
    """The document, and what it says of things."""

    def __init__(self, document: dict[str, Any], *, closed: bool = False) -> None:
        self.document = _closed(document) if closed else document
        resource = Resource(contents=self.document, specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:jack", resource)

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """A part, or what it refers to."""
        found = part
        if "$ref" in part:
            found = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
        return found

    def complaints(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What the schema has against a value."""
        pointed = _pointed(schema)
        validator = Draft202012Validator(
            pointed, registry=self._registry, format_checker=FormatChecker()
        )
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def operation(self, route: Route) -> dict[str, Any]:
        found: dict[str, Any] = self.document["paths"][path_of(PREFIX + route.rule)]
        return dict(found[route.method.lower()])

    def operations(self) -> dict[str, dict[str, Any]]:
        """Every operation by its id."""
        paths = self.document["paths"].values()
        every = [operation for path in paths for operation in path.values()]
        found = {operation["operationId"]: operation for operation in every}
        assert len(found) == len(every)
        return found

    def check(self, route: Route, answer: TestResponse) -> None:
        """The answer is one of those the operation may give."""
        responses = self.operation(route)["responses"]
        assert str(answer.status_code) in responses, answer.get_data(as_text=True)
        described = self.resolved(responses[str(answer.status_code)])
        for name, header in described["headers"].items():
            self._check_header(self.resolved(header), name, answer)
        for name in ("ETag", "Location", "Retry-After", "WWW-Authenticate", "Idempotency-Replayed"):
            assert name in described["headers"] or name not in answer.headers, name
        if answer.mimetype != JSON:
            assert answer.mimetype in described["content"]
            return
        assert self.complaints(described["content"][JSON]["schema"], answer.json) == []

    def _check_header(self, header: dict[str, Any], name: str, answer: TestResponse) -> None:
        value: Any = answer.headers.get(name)
        assert value is not None or not header.get("required"), name
        if value is not None:
            read = int(value) if header["schema"]["type"] == "integer" else value
            assert self.complaints(header["schema"], read) == []


def _pointed(schema: Any) -> Any:
    """A schema of the document whose references find the document."""
    if isinstance(schema, dict):
        return {
            name: f"urn:jack{inner}" if name == "$ref" else _pointed(inner)
            for name, inner in schema.items()
        }
    return [_pointed(inner) for inner in schema] if isinstance(schema, list) else schema


def _closed(node: Any) -> Any:
    """The document as it is today: what a schema does not name, an answer does not have."""
    if isinstance(node, list):
        return [_closed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    found = {name: _closed(inner) for name, inner in node.items()}
    if "x-extensible-enum" in found:
        nullable = [None] if "null" in found.get("type", ()) else []
        found["enum"] = [*found["x-extensible-enum"], *nullable]
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return found
