"""Answers: the envelope, camelCase and ETags, said once. Rows → the fields a schema names → bytes."""

from __future__ import annotations

import hashlib
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import marshmallow as ma
import orjson
from flask import Response
from werkzeug.datastructures import Headers

from jack.core.errors import CODES
from jack.core.paging import COUNTED, Listed
from jack.http.schema import ResponseSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from jack.core.query import AnyRow

JSON = "application/json"


class Series(NamedTuple):
    """A list with a `meta` of its own instead of pages."""

    rows: Sequence[AnyRow]
    meta: dict[str, Any]


class Status(NamedTuple):
    """A result with another status than the route's usual one."""

    code: int
    result: Any


class JsonResponse(Response):
    """JSON with headers that are ours and known to be well formed: nothing is parsed, checked or copied again.

    What Werkzeug does with headers for everybody's sake costs a third of a small answer.
    """

    def __init__(
        self, body: bytes, status: int = 200, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        plain = Headers()
        add_plain(plain, (("Content-Type", JSON), ("Content-Length", str(len(body))), *headers))
        self._body = [body]
        super().__init__(self._body, status, plain)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer as it is, for HEAD without its body."""
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self._body


def add_plain(headers: Headers, pairs: Iterable[tuple[str, str]]) -> None:
    """Add headers that need no check."""
    headers._list.extend(pairs)


class PageMeta(ResponseSchema):
    """Where in the list this page is."""

    page = ma.fields.Integer()
    limit = ma.fields.Integer()
    total = ma.fields.Integer()
    pages = ma.fields.Integer()
    total_is_at_least = ma.fields.Boolean(
        data_key="totalIsAtLeast",
        metadata={
            "enum": [True],
            "description": "Only where a search has not looked at everything: `total` and `pages` are what has been "
            f"counted so far, and grow as later pages are asked for. One search alone is counted exactly up to {COUNTED}; "
            "beside other filters or words of one or two letters it may stop earlier",
        },
    )

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        """All of it is always there but the last."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name != "total_is_at_least"


class Problem(ResponseSchema):
    """A field that is wrong."""

    field = ma.fields.String(
        metadata={
            "description": "Its path as the client wrote it: `items.3.email`; `body` is the whole"
        }
    )
    message = ma.fields.String()
    code = ma.fields.String(
        metadata={
            "enum": list(CODES),
            "description": "For programs; it never changes its meaning. There may be new ones.\n\n"
            + "\n".join(f"- `{code}`: {meaning}" for code, meaning in CODES.items()),
        }
    )


class Error(ma.Schema):
    """What went wrong."""

    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    requestId = ma.fields.String(required=True)
    details = ma.fields.List(ma.fields.Nested(Problem))
    reason = ma.fields.String()


def dumper(schema: ma.Schema) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A function from a row to the answer the schema describes: its fields, under their outside names."""
    shown = [
        (field.data_key or name, field.attribute or name, field)
        for name, field in schema.fields.items()
    ]
    if len(shown) == 1:
        key, attribute, _ = shown[0]
        return lambda row: {key: row[attribute]}
    if not all(field.required for _, _, field in shown):
        return _sparse(shown)
    keys = tuple(key for key, _, _ in shown)
    values = itemgetter(*(attribute for _, attribute, _ in shown))
    special = [
        (key, convert) for key, _, field in shown if (convert := _converter(field)) is not None
    ]

    def dump(row: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(zip(keys, values(row), strict=True))
        for key, convert in special:
            if found[key] is not None:
                found[key] = convert(found[key])
        return found

    return dump


def _sparse(
    shown: list[tuple[str, str, ma.fields.Field[Any]]],
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """As `dumper`, for a schema whose fields are not all required: what a row does not have is left out."""
    parts = [
        (key, attribute, _converter(field) or (lambda value: value))
        for key, attribute, field in shown
    ]
    return lambda row: {
        key: convert(row[attribute]) for key, attribute, convert in parts if attribute in row
    }


def _converter(field: ma.fields.Field[Any]) -> Callable[[Any], Any] | None:
    """How a stored value becomes a shown one; None when it is shown as it is."""
    if isinstance(field, ma.fields.Boolean):
        return bool
    if isinstance(field, ma.fields.Nested):
        return dumper(field.schema)
    if isinstance(field, ma.fields.List) and (inner := _converter(field.inner)) is not None:
        return lambda values: [inner(value) for value in values]
    return None


def etag(body: bytes) -> str:
    """The strong ETag of an answer."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _listed(found: Listed[Any], dump: Callable[[Any], Any]) -> bytes:
    page, limit = found.page
    meta = {"page": page, "limit": limit, "total": found.total, "pages": -(-found.total // limit)}
    if found.at_least:
        meta["totalIsAtLeast"] = True
    return orjson.dumps({"success": True, "data": [dump(row) for row in found.rows], "meta": meta})


def rendered(result: Any, dump: Callable[[Any], Any]) -> bytes:
    if isinstance(result, Listed):
        return _listed(result, dump)
    if isinstance(result, Series):
        return orjson.dumps(
            {"success": True, "data": [dump(row) for row in result.rows], "meta": result.meta}
        )
    return orjson.dumps({"success": True, "data": dump(result)})


def matches(header: str | None, tag: str) -> bool:
    """Whether `If-Match` or `If-None-Match` names this ETag."""
    if header is None:
        return False
    return header.strip() == "*" or tag in (
        part.strip().removeprefix("W/") for part in header.split(",")
    )


def enveloped(shape: ma.Schema, meta: type[ma.Schema] | None) -> ma.Schema:
    """The schema of the whole answer, for the API's description."""
    name = type(shape).__name__
    success = ma.fields.Boolean(required=True, metadata={"enum": [True]})
    if not shape.many:
        fields = {"success": success, "data": ma.fields.Nested(type(shape), required=True)}
        return ma.Schema.from_dict(fields, name=f"{name}Answer")()
    fields = {
        "success": success,
        "data": ma.fields.List(ma.fields.Nested(type(shape)), required=True),
        "meta": ma.fields.Nested(meta or PageMeta, required=True),
    }
    return ma.Schema.from_dict(fields, name=f"{name}List")()
