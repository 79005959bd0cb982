"""One route as an operation of the API's description: all it takes, all it may answer, who may call it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from marshmallow.fields import Nested

from jack.core.patterns import EXTERNAL_ID, MAX_EXTERNAL_ID
from jack.http.access import ADMIN, MANAGER, PUBLIC, STAFF, VISITOR
from jack.http.responses import JSON
from jack.http.route_options import api_doc, options_of
from jack.http.schema import camel
from jack.http.scopes import ANY_KEY, NOT_FOR_KEYS
from jack.http.uploads import FIELD
from jack.openapi import error_responses, examples, prose
from jack.openapi.examples import common
from jack.openapi.json_schema import contents, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apispec import APISpec
    from marshmallow import Schema
    from werkzeug.routing import Rule

    from jack.http.route_options import SchemaOrClass, View
    from jack.http.smorest_types import Argument, DocumentedResponse

SCHEMES: dict[str, list[dict[str, list[str]]]] = {
    PUBLIC: [],
    VISITOR: [{"visitor": []}],
    **dict.fromkeys((STAFF, MANAGER, ADMIN), [{"staff": []}]),
}
# Beside every POST, whose Idempotency-Key may have been used for something else.
MAY_CONFLICT = {
    "changeApiKey",
    "changeGuest",
    "changeStay",
    "changeTask",
    "changeEntry",
    "changeAutomation",
    "changeTemplate",
    "changeMember",
    "removeSecondFactor",
    "resetSecondFactor",
    "exportConversations",
    "exportGuests",
    "exportKnowledge",
    "exportMessages",
    "exportStays",
    "exportTasks",
    "getBackupFile",
    "getExportFile",
    "getImportErrors",
}

REQUEST_HEADERS: dict[str, dict[str, object]] = {
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


# `contentMediaType` is for OpenAPI 3.1; `format` is of 3.0, which tools that are not up to date still read.
BYTES = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
# Of a response the media type is its key's; without any schema generators make nothing of it.
FILE = {"type": "string", "format": "binary"}
FILE_BODY: dict[str, object] = {
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
    """A view of a Blueprint under one method of one path."""

    def __init__(self, spec: APISpec, rule: Rule, method: str, view: View) -> None:
        self.spec = spec
        self.rule, self.method, self.options = rule, method, options_of(view)
        self.id = camel(view.__name__)
        self.docstring = inspect.getdoc(view) or ""
        self.takes, self.answers = _noted(view)

    def described(self) -> dict[str, object]:
        """The operation object."""
        summary, _, more = self.docstring.partition("\n\n")
        access = self.options.access
        with_body = self.options.takes_json
        bulk = (prose.BULK if with_body else prose.BULK_FILE) if self.options.bulk else ""
        scope = self.options.scope or NOT_FOR_KEYS
        keys = "" if access == VISITOR else prose.for_keys(scope)
        found: dict[str, object] = {
            "operationId": self.id,
            "tags": [self.rule.endpoint.partition(".")[0]],
            "summary": summary,
            "description": "\n\n".join(filter(None, (more, prose.FOR_WHOM[access], keys, bulk))),
            "x-required-scope": scope,
            "security": SCHEMES[access],
            "parameters": list(self._parameters()),
            "responses": dict(self._responses()),
        }
        if "json" in self.takes:
            found["requestBody"] = self._body()
        if self.options.upload is not None:
            form = self.options.upload.form
            found["requestBody"] = FILE_BODY if form is None else _form(form)
        return found

    def _parameters(self) -> Iterator[dict[str, object] | str]:
        for name in sorted(self.rule.arguments):
            yield in_path(name)
        if "query" in self.takes:
            yield {"in": "query", "schema": self.takes["query"]}
        if self._once:
            yield "IdempotencyKey"
        if self.options.conditional:
            yield "IfMatch"
        if self._cacheable:
            yield "IfNoneMatch"
        yield "RequestId"

    @property
    def _once(self) -> bool:
        """Whether it answers to an Idempotency-Key."""
        return self.method == "POST" and self.options.access != PUBLIC

    @property
    def _cacheable(self) -> bool:
        """Whether it answers to If-None-Match."""
        return self.method == "GET" and self.options.tagged

    def _body(self) -> dict[str, object]:
        shown = examples.SENT[self.id]
        several = {
            camel(name.replace(" ", "_").replace(".", "_")): {"summary": name, "value": value}
            for name, value in shown.items()
        }
        return {
            "required": True,
            "content": {JSON: {"schema": self.takes["json"], "examples": several}},
        }

    def _responses(self) -> Iterator[tuple[str, dict[str, object] | str]]:
        for status, [answer] in self.answers.items():
            yield str(status), self._response(status, answer)
        if self._cacheable:
            text = "Not changed since `If-None-Match`"
            yield "304", {"description": text, "headers": error_responses.headers(["ETag"])}
        for status in self._refusals():
            yield str(status), error_responses.REFUSALS[status].name

    def _response(self, status: int, answer: DocumentedResponse) -> dict[str, object]:
        """A success: a file, or the envelope of its schema."""
        envelope = answer.get("schema")
        if envelope is None:
            return self._file(answer["description"])
        name = name_of(envelope)
        if name not in self.spec.components.schemas:
            self.spec.components.schema(name, schema=envelope)
        own = {
            "ETag": self.options.tagged,
            "Location": self.options.located and status == 201,
            "Link": _is_read_on(envelope),
            "Idempotency-Replayed": self._once,
        }
        files = dict.fromkeys(self.options.media_types or (), {"schema": FILE})
        return {
            "description": answer["description"],
            "headers": error_responses.headers(header for header, there in own.items() if there),
            "content": {JSON: {"schema": ref(name), "example": _example(envelope)}, **files},
        }

    def _file(self, description: str) -> dict[str, object]:
        """A response that is a file."""
        counted = ("X-Row-Count",) if self.options.counts_rows else ()
        return {
            "description": description,
            "headers": error_responses.headers(("Content-Disposition", "ETag", *counted)),
            "content": dict.fromkeys(self.options.media_types or (), {"schema": FILE}),
        }

    def _refusals(self) -> list[int]:
        """Every error status it may answer."""
        writes = self.method != "GET"
        when = {
            400: True,
            401: self.options.access != PUBLIC or self.options.secret,
            403: self._may_be_forbidden(),
            404: bool(self.rule.arguments) and "external_id" not in self.rule.arguments,
            409: self.method == "POST"
            or self.id in MAY_CONFLICT
            or "external_id" in self.rule.arguments,
            410: "guest_id" in self.rule.arguments,
            412: self.options.conditional,
            413: writes,
            415: writes,
            429: True,
            500: True,
            503: True,
        }
        return [status for status, may in when.items() if may]

    def _may_be_forbidden(self) -> bool:
        """Whether somebody may be refused: by their role or the scopes of their key, or before their second factor is set up."""
        if self.options.access not in (STAFF, MANAGER, ADMIN):
            return False
        return not self.options.without_totp or self.options.scope != ANY_KEY


def _form(schema: type[Schema]) -> dict[str, object]:
    """A file with fields beside it."""
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _noted(
    view: View,
) -> tuple[Mapping[str, SchemaOrClass], Mapping[int, list[DocumentedResponse]]]:
    """What flask-smorest's decorators have noted of a view: its schemas by where they are read, its responses by status."""
    found = api_doc(view)
    if found is None:
        return {}, {}
    taken: list[Argument] = found["arguments"]["parameters"] if "arguments" in found else []
    return {argument["in"]: argument["schema"] for argument in taken}, found["response"][
        "responses"
    ]


def in_path(name: str) -> dict[str, object]:
    """A part of a path."""
    schema: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": 64}
    if name == "external_id":
        schema |= {"maxLength": MAX_EXTERNAL_ID, "pattern": f"^{EXTERNAL_ID.pattern}$"}
    if name == "key":
        schema["pattern"] = "^[a-z][a-z0-9._-]{0,63}$"
    return {
        "in": "path",
        "name": camel(name),
        "required": True,
        "description": prose.IN_PATH[name],
        "schema": schema,
        "example": common.IDS[name],
    }


def ref(name: str) -> dict[str, str]:
    """The schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _is_read_on(envelope: Schema) -> bool:
    """Whether an answer is a part of a list that has a next one."""
    meta = envelope.fields.get("meta")
    return isinstance(meta, Nested) and name_of(meta.schema) in ("PageMeta", "ListMeta")


def _example(envelope: Schema) -> dict[str, object]:
    held, many = contents(envelope)
    meta = envelope.fields["meta"] if many else None
    return examples.answered(
        name_of(held), name_of(meta.schema) if isinstance(meta, Nested) else None
    )
