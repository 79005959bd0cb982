"""Responses: JSON in the envelope, with ETags; rows become bytes here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote_plus, urlencode

import orjson
from flask import Response
from werkzeug.datastructures import Headers

from jack.core.errors import PreconditionFailed
from jack.core.paging import Gone, Listed, Walked
from jack.http.context import PREFIX, current_request, get_db, request_state
from jack.http.public_path import own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from jack.core.query import AnyRow
    from jack.http.row_dumper import Dump

JSON = "application/json"
STATUSES = {
    status.value: (f"{status.value} {status.phrase.upper()}", status.value) for status in HTTPStatus
}

# A query that may stand in a header as it came: what browsers and URL libraries send.
PLAIN_QUERY = re.compile(r"[A-Za-z0-9._~%+=&:,*-]*")


class Series(NamedTuple):
    """A list with a `meta` of its own instead of pages."""

    rows: Sequence[AnyRow]
    meta: Mapping[str, object]


class Status(NamedTuple):
    """A result with another status than the route's usual one."""

    code: int
    result: object


class AsFile(NamedTuple):
    """A result as a file instead of JSON: a row for `downloads.answer`. Its route has `@blp.also_download`."""

    row: AnyRow


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
        # What Response's own __init__ does with a status and headers that are right already.
        self.headers = plain
        self._status, self._status_code = STATUSES.get(status) or self._clean_status(status)
        self.response = self._body
        self.direct_passthrough = False
        self._on_close = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The response as it is, for HEAD without its body."""
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self._body


def add_plain(headers: Headers, pairs: Iterable[tuple[str, str]]) -> None:
    """Add headers that need no check."""
    headers._list.extend(pairs)


def etag(body: bytes) -> str:
    """The strong ETag of a response with this body."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str | None, tag: str) -> bool:
    """Whether `If-Match` or `If-None-Match` names this ETag."""
    if header is None:
        return False
    return header.strip() == "*" or tag in (
        part.strip().removeprefix("W/") for part in header.split(",")
    )


@dataclass(frozen=True, slots=True)
class ResponseBuilder:
    """Builds the responses of a route from what its view returns.

    `status` is the usual one; a 201 has a Location, `location` with the row filled in; `tagged` responses have an ETag;
    `secret` ones are never cached. `live` are the fields that are no part of the ETag.
    """

    dump: Dump
    live: frozenset[str]
    status: int
    location: str | None
    tagged: bool
    secret: bool

    def build(self, result: object) -> Response:
        """The response to a row, a `Listed`, a `Walked`, a `Series` or a `Status`; 304 where If-None-Match names its ETag."""
        status, result = result if isinstance(result, Status) else (self.status, result)
        body, stable = self._bodies(result)
        headers: list[tuple[str, str]] = []
        if (following := _next(result)) is not None:
            headers.append(("Link", f'<{following}>; rel="next"'))
        if self.tagged:
            tag = etag(stable)
            headers.append(("ETag", tag))
            sent = current_request()
            known = matches(sent.environ.get("HTTP_IF_NONE_MATCH"), tag)
            if known and sent.method in ("GET", "HEAD"):
                return Response(status=304, headers=headers)
        if self.location is not None and status == 201:
            where = self.location.format_map(cast("Mapping[str, object]", result))
            headers.append(("Location", own(PREFIX + where)))
        if self.secret:
            request_state().carries_secret = True
        return JsonResponse(body, status, headers)

    def _bodies(self, result: object) -> tuple[bytes, bytes]:
        """The body, and the one that the ETag is of."""
        if not self.live or not self.tagged:
            body = rendered(result, self.dump)
            return body, body
        shown = self.dump(cast("AnyRow", result))
        lasting = {name: value for name, value in shown.items() if name not in self.live}
        return _enveloped(shown), _enveloped(lasting)


def has_if_match() -> bool:
    """Whether the request at hand asks for a certain version."""
    return "HTTP_IF_MATCH" in current_request().environ


def demand_match(current: Callable[..., AnyRow], dump: Dump) -> None:
    """Raise PreconditionFailed unless `If-Match` names the resource as it is now. Runs inside the change's transaction."""
    sent = current_request()
    now = etag(rendered(current(get_db(), *(sent.view_args or {}).values()), dump))
    if not matches(sent.headers.get("If-Match"), now):
        raise PreconditionFailed(
            "It has been changed since you read it. Read it again, then change it."
        )


def rendered(result: object, dump: Dump) -> bytes:
    """The envelope of a row, a `Listed`, a `Walked` or a `Series`, as JSON."""
    if isinstance(result, Listed):
        return _listed(result, dump)
    if isinstance(result, Walked):
        return _walked(result, dump)
    if isinstance(result, Series):
        return orjson.dumps(
            {"success": True, "data": [dump(row) for row in result.rows], "meta": result.meta}
        )
    return _enveloped(dump(cast("AnyRow", result)))


def _enveloped(data: object) -> bytes:
    return orjson.dumps({"success": True, "data": data})


def _listed(found: Listed[AnyRow], dump: Dump) -> bytes:
    page, limit = found.page
    meta = {"page": page, "limit": limit, "total": found.total, "pages": -(-found.total // limit)}
    return orjson.dumps({"success": True, "data": [dump(row) for row in found.rows], "meta": meta})


def _walked(found: Walked[AnyRow], dump: Dump) -> bytes:
    rows = [_gone(row) if isinstance(row, Gone) else dump(row) for row in found.rows]
    meta = {"limit": found.place.limit, "cursor": found.place.cursor, "hasMore": found.more}
    return orjson.dumps({"success": True, "data": rows, "meta": meta})


def _gone(row: Gone) -> dict[str, object]:
    """A row that was deleted."""
    merged = {} if row.merged_into is None else {"mergedInto": row.merged_into}
    return {"id": row.id, "deleted": True, **merged}


def _next(result: object) -> str | None:
    """Where the next part of a list is, for a `Link` header (RFC 8288); None when there is none yet."""
    if isinstance(result, Listed) and result.page.end < result.total:
        return _with("page", str(result.page.number + 1))
    if isinstance(result, Walked) and result.more:
        return _with("cursor", result.place.cursor)
    return None


def _with(name: str, value: str) -> str:
    """The path and query of the request at hand, with another value of one parameter."""
    sent = current_request()
    query = sent.environ.get("QUERY_STRING", "")
    given = [pair for pair in query.split("&") if pair and not _names(pair, name)]
    if not PLAIN_QUERY.fullmatch(query):
        given = [urlencode([pair]) for pair in sent.args.items(multi=True) if pair[0] != name]
    return f"{own(sent.path)}?{'&'.join([*given, f'{name}={value}'])}"


def _names(pair: str, name: str) -> bool:
    """Whether a part of a query is of the parameter of this name, however it is written."""
    return unquote_plus(pair.partition("=")[0]) == name
