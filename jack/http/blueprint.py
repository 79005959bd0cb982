"""The border: the envelope, camelCase, paging, ETags and access, said once for every route.

A view returns what its store returned (a row, a `Listed`, a `Series`) and `@blp.response` turns it into the documented
answer: only the fields its schema names go out. flask-smorest makes the API's description from the same decorators.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import flask_smorest
import marshmallow as ma
from flask import Response, g, request

from jack.core import idempotency
from jack.core.db import transaction
from jack.core.errors import PreconditionFailed
from jack.http import downloads
from jack.http.access import PUBLIC, STAFF
from jack.http.arguments import StrictParser
from jack.http.context import PREFIX, app_state, caller, get_db
from jack.http.json_body import raw_body
from jack.http.responses import JsonResponse, Status, dumper, enveloped, etag, matches, rendered
from jack.http.uploads import received

if TYPE_CHECKING:
    from jack.core.query import AnyRow

View = Callable[[Any], Any]
# The headers that are part of an answer kept for its `Idempotency-Key`.
KEPT_HEADERS = ("Location", "ETag")


def _demand_match(current: Callable[..., AnyRow], dump: Callable[[Any], Any]) -> None:
    """412 unless `If-Match` names the resource as it is now. Runs inside the transaction of the change."""
    now = etag(rendered(current(get_db(), *(request.view_args or {}).values()), dump))
    if not matches(request.headers.get("If-Match"), now):
        raise PreconditionFailed(
            "It has been changed since you read it. Read it again, then change it."
        )


# ------------------------------------------------------------------------------------------------ blueprints


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A resource's routes under `/api/v1`. Every route is for signed-in staff unless it says otherwise."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, under: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX + under, description=description)

    def access(self, who: str) -> View:
        """Say who may call a route, when it is not all signed-in staff."""
        return _marked("access", who)

    def bulk(self, view: Any) -> Any:
        """Count a route against the bulk limit and allow it the larger body."""
        return _marked("bulk", True)(view)

    def get(self, rule: str, **options: Any) -> View:
        """A route that reads."""
        return cast("View", super().get(rule, **options))

    def post(self, rule: str, **options: Any) -> View:
        """A route that makes something."""
        return cast("View", super().post(rule, **options))

    def put(self, rule: str, **options: Any) -> View:
        """A route that replaces."""
        return cast("View", super().put(rule, **options))

    def patch(self, rule: str, **options: Any) -> View:
        """A route that changes some of it."""
        return cast("View", super().patch(rule, **options))

    def delete(self, rule: str, **options: Any) -> View:
        """A route that deletes."""
        return cast("View", super().delete(rule, **options))

    def arguments(
        self, schema: type[ma.Schema] | ma.Schema, *, location: str = "json", **options: Any
    ) -> View:
        """What a route takes: the body, or with `location="query"` the query string, as its first argument."""
        read = super().arguments(schema, location=location, **options)
        return lambda view: _marked(f"takes_{location}", True)(read(view))

    def upload(self, *, into: str, limit: int) -> View:
        """What a route takes that takes a file, as its first argument: an `Upload` of at most `limit` bytes.

        It is written into the folder `into` of the instance, and is gone again unless the view keeps it.
        """

        def decorate(view: Any) -> Any:
            @functools.wraps(view)
            def with_upload(*args: Any, **kwargs: Any) -> Any:
                return view(g.upload, *args, **kwargs)

            with_upload.takes_file = (into, limit)  # type: ignore[attr-defined]
            return with_upload

        return decorate

    def before_transaction(self, work: Callable[..., Any]) -> View:
        """What takes a while, such as asking a provider: done before any transaction, its result the first argument."""

        def decorate(view: Any) -> Any:
            @functools.wraps(view)
            def with_result(*args: Any, **kwargs: Any) -> Any:
                return view(g.before_transaction, *args, **kwargs)

            with_result.before_transaction = work  # type: ignore[attr-defined]
            return with_result

        return decorate

    def download(self, kinds: Sequence[str]) -> View:
        """What a route answers that answers a file, of one of these media types: its view returns a row as `jack.downloads` reads it."""
        document = super().response(200, description="The file, to be saved")

        def decorate(view: Any) -> Any:
            @functools.wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Response:
                return downloads.answer(view(*args, **kwargs))

            answer._apidoc = document(view)._apidoc  # type: ignore[attr-defined]
            answer.tagged, answer.conditional = True, False  # type: ignore[attr-defined]
            answer.located, answer.secret = False, False  # type: ignore[attr-defined]
            answer.kinds = tuple(kinds)  # type: ignore[attr-defined]
            return answer

        return decorate

    def alt_response(self, status_code: int, *, schema: type[ma.Schema], **options: Any) -> View:
        """Another answer, for the description only."""
        shape = enveloped(schema(), None)
        return cast("View", super().alt_response(status_code, schema=shape, **options))

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        *args: Any,
        **options: Any,
    ) -> None:
        """As Flask's; POST routes answer to `Idempotency-Key`, and a route takes nothing that it does not say.

        Public ones do not: there is no telling one stranger from another, and no answer of one may reach the other.
        """
        for name in ("takes_query", "takes_json"):
            setattr(view_func, name, hasattr(view_func, name))
        public = getattr(view_func, "access", STAFF) == PUBLIC
        if "POST" in (options.get("methods") or ()) and not public:
            view_func = _once(view_func)
        if hasattr(view_func, "takes_file"):
            view_func = _receiving(view_func)
        if hasattr(view_func, "before_transaction"):
            view_func = _prepared(view_func)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def response(
        self,
        status_code: int,
        schema: type[ma.Schema] | ma.Schema,
        *,
        location: str | None = None,
        current: Callable[..., AnyRow] | None = None,
        of: type[ma.Schema] | None = None,
        meta: type[ma.Schema] | None = None,
        polled: bool = False,
        secret: bool = False,
        **documented: Any,
    ) -> View:
        """What a route answers.

        `location` is the path of what was created, with `{id}` of it. `current` reads the resource as it is now, for
        `If-Match`; `of` is its schema where the answer has another. A `polled` list has an ETag, as every single resource has.
        `secret` answers carry a secret: no ETag, never cached, kept encrypted if kept for a replay.
        """
        shape = schema() if isinstance(schema, type) else schema
        dump = dumper(shape)
        dump_current = dumper(of()) if of else dump
        tagged = not secret and (polled or not shape.many)
        document = super().response(status_code, enveloped(shape, meta), **documented)

        def decorate(view: Any) -> Any:
            @functools.wraps(view)
            def answer(*args: Any, **kwargs: Any) -> Response:
                if current is not None and "HTTP_IF_MATCH" in request.environ:
                    with transaction(get_db()):
                        _demand_match(current, dump_current)
                        result = view(*args, **kwargs)
                else:
                    result = view(*args, **kwargs)
                status, result = result if isinstance(result, Status) else (status_code, result)
                return _answer(status, rendered(result, dump), location, result, tagged, secret)

            answer._apidoc = document(view)._apidoc  # type: ignore[attr-defined]
            answer.tagged = tagged  # type: ignore[attr-defined]
            answer.conditional = current is not None  # type: ignore[attr-defined]
            answer.located = location is not None  # type: ignore[attr-defined]
            answer.secret = secret  # type: ignore[attr-defined]
            return answer

        return decorate


def _marked(name: str, value: object) -> Callable[[Any], Any]:
    def mark(view: Any) -> Any:
        setattr(view, name, value)
        return view

    return mark


def _answer(
    status: int, body: bytes, location: str | None, result: Any, tagged: bool, secret: bool
) -> Response:
    headers: list[tuple[str, str]] = []
    if tagged:
        tag = etag(body)
        headers.append(("ETag", tag))
        if matches(request.environ.get("HTTP_IF_NONE_MATCH"), tag) and request.method in (
            "GET",
            "HEAD",
        ):
            return Response(status=304, headers=headers)
    if location is not None and status == 201:
        headers.append(("Location", PREFIX + location.format_map(result)))
    if secret:
        g.secret = True
    return JsonResponse(body, status, headers)


def _once(view: Any) -> Any:
    """A POST view that does its work once for an `Idempotency-Key`, and afterwards repeats its first answer."""

    @functools.wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return cast("Response", view(*args, **kwargs))
        db, secret = get_db(), app_state().secret
        body = g.upload.fingerprint if "upload" in g else raw_body()
        asked = idempotency.KeyedRequest.of(caller().id, key, request.full_path, body, secret)
        with transaction(db):
            kept = idempotency.replay(db, asked, secret)
            if kept is not None:
                if kept.sealed:
                    g.secret = True
                headers = [*kept.headers.items(), ("Idempotency-Replayed", "true")]
                return JsonResponse(kept.body, kept.status, headers)
            response = cast("Response", view(*args, **kwargs))
            found = {
                name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
            }
            body = response.get_data()
            first = idempotency.StoredResponse(
                response.status_code, found, body, sealed="secret" in g
            )
            idempotency.store(db, asked, first, secret)
            return response

    return answer


def _receiving(view: Any) -> Any:
    """A view whose file is read before anything else: no transaction waits for a slow sender or a slow disk."""
    into, limit = view.takes_file

    @functools.wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        with received(app_state().config.instance / into, limit) as g.upload:
            return cast("Response", view(*args, **kwargs))

    return answer


def _prepared(view: Any) -> Any:
    """A view part of whose work is done before anything else."""

    @functools.wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        g.before_transaction = view.before_transaction(*args, **kwargs)
        return cast("Response", view(*args, **kwargs))

    return answer
