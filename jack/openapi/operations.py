"""One route as an operation of the API's description: all it takes, all it may answer, who may call it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from jack.http.access import ADMIN, MANAGER, PUBLIC, STAFF, VISITOR
from jack.http.responses import JSON
from jack.http.schema import camel
from jack.http.uploads import FIELD
from jack.openapi import error_responses, examples, prose
from jack.openapi.json_schema import contents, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apispec import APISpec
    from marshmallow import Schema
    from werkzeug.routing import Rule

SCHEMES: dict[str, list[dict[str, list[str]]]] = {
    PUBLIC: [],
    VISITOR: [{"visitor": []}],
    **dict.fromkeys((STAFF, MANAGER, ADMIN), [{"staff": []}]),
}
# Beside every POST, whose Idempotency-Key may have been used for something else.
MAY_CONFLICT = {"changeGuest", "changeMember"}

REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Makes it safe to repeat the request for 24 hours: the first answer is sent again",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "pattern": "^[!-~]([ -~]*[!-~])?$",
        },
    },
    "IfMatch": {
        "name": "If-Match",
        "description": "The `ETag` of what is to be changed: 412 when it is no longer like that",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": "The `ETag` of the last answer: 304 when nothing has changed",
        "schema": {"type": "string"},
    },
    "RequestId": {
        "name": "X-Request-Id",
        "description": "An id for this request, for the answer and the log: up to 64 of A-Z a-z 0-9 . _ : -",
        "schema": {"type": "string"},
    },
}


# As 3.1 says it, and as it was said before: not every tool has learned the new words.
BYTES = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
FILE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "properties": {FIELD: BYTES},
                "additionalProperties": False,
            }
        }
    },
}


class Operation:
    """A view under one method of one path."""

    def __init__(self, spec: APISpec, rule: Rule, method: str, view: Any) -> None:
        self.spec = spec
        self.rule, self.method, self.view = rule, method, view
        self.id = camel(view.__name__)
        self.access: str = getattr(view, "access", STAFF)
        taken = view._apidoc.get("arguments", {}).get("parameters", ())
        self.takes: dict[str, Any] = {argument["in"]: argument["schema"] for argument in taken}

    def described(self) -> dict[str, Any]:
        """The operation object."""
        summary, _, more = inspect.cleandoc(self.view.__doc__).partition("\n\n")
        bulk = prose.BULK if getattr(self.view, "bulk", False) else ""
        found: dict[str, Any] = {
            "operationId": self.id,
            "tags": [self.rule.endpoint.partition(".")[0]],
            "summary": summary,
            "description": "\n\n".join(filter(None, (more, prose.FOR_WHOM[self.access], bulk))),
            "security": SCHEMES[self.access],
            "parameters": list(self._parameters()),
            "responses": dict(self._responses()),
        }
        if "json" in self.takes:
            found["requestBody"] = self._body()
        if hasattr(self.view, "takes_file"):
            found["requestBody"] = FILE_BODY
        return found

    def _parameters(self) -> Iterator[dict[str, Any] | str]:
        for name in sorted(self.rule.arguments):
            yield in_path(name)
        if "query" in self.takes:
            yield {"in": "query", "schema": self.takes["query"]}
        if self._once:
            yield "IdempotencyKey"
        if self.view.conditional:
            yield "IfMatch"
        if self._cacheable:
            yield "IfNoneMatch"
        yield "RequestId"

    @property
    def _once(self) -> bool:
        return bool(self.method == "POST" and getattr(self.view, "access", STAFF) != PUBLIC)

    @property
    def _cacheable(self) -> bool:
        return bool(self.method == "GET" and self.view.tagged)

    def _body(self) -> dict[str, Any]:
        shown = examples.SENT[self.id]
        several = {
            camel(name.replace(" ", "_").replace(".", "_")): {"summary": name, "value": value}
            for name, value in shown.items()
        }
        return {
            "required": True,
            "content": {JSON: {"schema": self.takes["json"], "examples": several}},
        }

    def _responses(self) -> Iterator[tuple[str, dict[str, Any] | str]]:
        for status, [answer] in self.view._apidoc["response"]["responses"].items():
            says = answer["description"]
            if hasattr(self.view, "kinds"):
                yield str(status), self._file(says)
            else:
                yield str(status), self._answer(status, answer["schema"], says)
        if self._cacheable:
            says = "Not changed since `If-None-Match`"
            yield "304", {"description": says, "headers": error_responses.headers(["ETag"])}
        for status in self._refusals():
            yield str(status), error_responses.REFUSALS[status].name

    def _answer(self, status: int, envelope: Schema, says: str) -> dict[str, Any]:
        name = name_of(envelope)
        if name not in self.spec.components.schemas:
            self.spec.components.schema(name, schema=envelope)
        own = {
            "ETag": self.view.tagged,
            "Location": self.view.located and status == 201,
            "Idempotency-Replayed": self._once,
        }
        return {
            "description": says,
            "headers": error_responses.headers(header for header, there in own.items() if there),
            "content": {JSON: {"schema": ref(name), "example": _example(envelope)}},
        }

    def _file(self, says: str) -> dict[str, Any]:
        """An answer that is a file."""
        return {
            "description": says,
            "headers": error_responses.headers(("Content-Disposition", "ETag")),
            "content": dict.fromkeys(self.view.kinds, {}),
        }

    def _refusals(self) -> list[int]:
        """Every error status it may answer."""
        writes = self.method != "GET"
        when = {
            400: True,
            401: self.access != PUBLIC or self.view.secret,
            403: self.access in (MANAGER, ADMIN),
            404: bool(self.rule.arguments),
            409: self.method == "POST" or self.id in MAY_CONFLICT,
            412: self.view.conditional,
            413: writes,
            415: writes,
            429: True,
            500: True,
            503: True,
        }
        return [status for status, may in when.items() if may]


def in_path(name: str) -> dict[str, Any]:
    """A part of a path."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
    if name == "key":
        schema["pattern"] = "^[a-z][a-z0-9._-]{0,63}$"
    return {
        "in": "path",
        "name": camel(name),
        "required": True,
        "description": prose.IN_PATH[name],
        "schema": schema,
        "example": examples.IDS[name],
    }


def ref(name: str) -> dict[str, str]:
    """The schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _example(envelope: Schema) -> dict[str, Any]:
    held, many = contents(envelope)
    meta: Any = envelope.fields["meta"] if many else None
    return examples.answered(name_of(held), name_of(meta.schema) if many else None)
