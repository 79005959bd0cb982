"""What every route of the API has in common: the envelope, camelCase, paging, ETags and access.

A view returns what its store returned (a row, a `Listed`, a `Series`) and `@blp.response` turns it into the documented
response: only the fields its schema names go out. flask-smorest notes what the decorators say for the API's description.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

import flask_smorest
import marshmallow as ma
from flask import Response

from jack.core.db import transaction
from jack.http import downloads, scopes, view_wrappers
from jack.http.access import PUBLIC, VISITOR
from jack.http.arguments import StrictParser
from jack.http.context import PREFIX, get_db, request_state
from jack.http.envelope import enveloped
from jack.http.responses import AsFile, ResponseBuilder, demand_match, has_if_match
from jack.http.route_options import UploadRule, V, View, declare
from jack.http.row_dumper import dumper, live_names, stable_dumper

if TYPE_CHECKING:
    from jack.core.query import AnyRow
    from jack.http.row_dumper import Dump
    from jack.http.uploads import Upload

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A resource's routes under `/api/v1`. Every route is for signed-in staff unless it says otherwise.

    `scope` is the resource that API keys have a scope for: `guests` makes it `guests:read` for what reads and `guests:write` for
    the rest. `scopes.NOT_FOR_KEYS` keeps keys out. A route may say otherwise.
    """

    ARGUMENTS_PARSER = StrictParser()

    def __init__(
        self, name: str, import_name: str, *, under: str, description: str, scope: str | None = None
    ) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX + under, description=description)
        self.scope = scope

    def access(self, who: str) -> Callable[[V], V]:
        """Say who may call a route, when it is not all signed-in staff."""

        def decorate(view: V) -> V:
            declare(view).access = who
            return view

        return decorate

    def needs_scope(self, scope: str) -> Callable[[V], V]:
        """Say which scope an API key needs for a route, when it is not that of its blueprint: `guests:read`, `ANY_KEY`, …

        `{what}:read` takes the resource from the path. Where it depends on the body or on what is found the route is for
        `ANY_KEY`, and its view calls `context.demand_scope`.
        """

        def decorate(view: V) -> V:
            declare(view).scope = scope
            return view

        return decorate

    def not_for_keys(self, view: V) -> V:
        """Keep API keys out of a route, whatever their scopes."""
        declare(view).scope = scopes.NOT_FOR_KEYS
        return view

    def without_totp(self, view: V) -> V:
        """Let a route be used by a member who must have a second factor and has none yet."""
        declare(view).without_totp = True
        return view

    def bulk(self, view: V) -> V:
        """Count a route against the bulk limit and allow it the larger body."""
        declare(view).bulk = True
        return view

    def get(self, rule: str, **options: object) -> Callable[[V], V]:
        """A route that reads."""
        return cast("Callable[[V], V]", super().get(rule, **options))

    def post(self, rule: str, **options: object) -> Callable[[V], V]:
        """A route that creates something."""
        return cast("Callable[[V], V]", super().post(rule, **options))

    def put(self, rule: str, **options: object) -> Callable[[V], V]:
        """A route that replaces."""
        return cast("Callable[[V], V]", super().put(rule, **options))

    def patch(self, rule: str, **options: object) -> Callable[[V], V]:
        """A route that changes some of it."""
        return cast("Callable[[V], V]", super().patch(rule, **options))

    def delete(self, rule: str, **options: object) -> Callable[[V], V]:
        """A route that deletes."""
        return cast("Callable[[V], V]", super().delete(rule, **options))

    def arguments(
        self, schema: type[ma.Schema] | ma.Schema, *, location: str = "json", **options: object
    ) -> Callable[[Callable[Concatenate[T, P], R]], Callable[P, R]]:
        """What a route takes, as its first argument: the body, or with `location="query"` the query string.

        The argument is what the schema has loaded; the view's annotation says which type that is.
        """
        read = super().arguments(schema, location=location, **options)

        def decorate(view: Callable[Concatenate[T, P], R]) -> Callable[P, R]:
            found: Callable[P, R] = read(view)
            declared = declare(found)
            if location == "query":
                declared.takes_query = True
            else:
                declared.takes_json = True
            return found

        return decorate

    def upload(
        self, *, into: str, limit: int, form: type[ma.Schema] | None = None
    ) -> Callable[[Callable[Concatenate[Upload, P], R]], Callable[P, R]]:
        """What a route takes that takes a file, as its first argument: an `Upload` of at most `limit` bytes.

        It is written into the folder `into` of the instance, and is gone again unless the view keeps it. `form` is the schema of all
        that may stand beside the file, and of the file itself.
        """

        def decorate(view: Callable[Concatenate[Upload, P], R]) -> Callable[P, R]:
            @functools.wraps(view)
            def with_upload(*args: P.args, **kwargs: P.kwargs) -> R:
                upload = request_state().upload
                if upload is None:
                    raise RuntimeError("the file has not been read")
                return view(upload, *args, **kwargs)

            declare(with_upload).upload = UploadRule(into, limit, form)
            return with_upload

        return decorate

    def download(
        self, media_types: Sequence[str], *, rows: bool = False
    ) -> Callable[[Callable[P, AnyRow]], Callable[P, Response]]:
        """What a route answers that answers a file of one of these types: its view returns a row for `downloads.answer`.

        `rows`: the file is a table, and the row says how many `rows` that has.
        """
        document = super().response(200, description="The file, to be saved")

        def decorate(view: Callable[P, AnyRow]) -> Callable[P, Response]:
            @functools.wraps(view)
            def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
                return downloads.answer(view(*args, **kwargs))

            declared = declare(answer)
            declared.tagged, declared.media_types = True, tuple(media_types)
            declared.counts_rows = rows
            return _documented(answer, document(view))

        return decorate

    def also_download(self, media_type: str) -> Callable[[V], V]:
        """Say that a route answers with a file of this type where it is asked to: its view returns an `AsFile` then."""

        def decorate(view: V) -> V:
            declare(view).media_types = (media_type,)
            return view

        return decorate

    def alt_response(
        self, status_code: int, *, schema: type[ma.Schema], **options: object
    ) -> Callable[[V], V]:
        """Another answer, for the description only."""
        shape = enveloped(schema(), None)
        return cast("Callable[[V], V]", super().alt_response(status_code, schema=shape, **options))

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None,
        view_func: Callable[P, Response],
        *args: object,
        **options: object,
    ) -> None:
        """As Flask's; POST routes answer to `Idempotency-Key`, and a route takes nothing that it does not say.

        Public ones do not: callers without a sign-in cannot be told apart, and no answer of one may reach another.
        """
        declared = declare(view_func)
        methods = cast("Sequence[str]", options.get("methods") or ())
        if declared.scope is None:
            declared.scope = self._usual_scope(declared.access, methods)
        if "POST" in methods and declared.access != PUBLIC:
            view_func = view_wrappers.once(view_func)
        if declared.upload is not None:
            view_func = view_wrappers.receiving(view_func, declared.upload)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def _usual_scope(self, access: str, methods: Sequence[str]) -> str | None:
        """The scope of a route that does not say which one it takes."""
        if access in (PUBLIC, VISITOR):
            return scopes.OPEN if access == PUBLIC else scopes.NOT_FOR_KEYS
        return None if self.scope is None else scopes.of_method(self.scope, methods)

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
        walked: bool = False,
        secret: bool = False,
        **documented: object,
    ) -> Callable[[Callable[P, object]], Callable[P, Response]]:
        """What a route answers.

        `location` is the path of what was created, with `{id}` of it. `current` reads the resource as it is now, for
        `If-Match`; `of` is its schema where the answer has another. A `polled` list has an ETag, as every single resource has.
        A `walked` list can be read on from a cursor.
        `secret` answers carry a secret: no ETag, never cached, kept encrypted if kept for a replay.
        """
        shape = schema() if isinstance(schema, type) else schema
        tagged = not secret and (polled or not shape.many)
        dump = dumper(shape)
        builder = ResponseBuilder(dump, live_names(shape), status_code, location, tagged, secret)
        dump_current = stable_dumper(of() if of else shape)
        document = super().response(
            status_code, enveloped(shape, meta, walked=walked), **documented
        )

        def decorate(view: Callable[P, object]) -> Callable[P, Response]:
            answer = _answering(view, builder, current, dump_current)
            declared = declare(answer)
            declared.tagged, declared.secret = tagged, secret
            declared.conditional, declared.located = current is not None, location is not None
            return _documented(answer, document(view))

        return decorate


def _answering(
    view: Callable[P, object],
    builder: ResponseBuilder,
    current: Callable[..., AnyRow] | None,
    dump_current: Dump,
) -> Callable[P, Response]:
    """A view that answers with the response to its result; with `If-Match` only if `current` is that version."""

    @functools.wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        if current is None or not has_if_match():
            result = view(*args, **kwargs)
            return (
                downloads.answer(result.row)
                if isinstance(result, AsFile)
                else builder.build(result)
            )
        with transaction(get_db()):
            demand_match(current, dump_current)
            result = view(*args, **kwargs)
        return builder.build(result)

    return answer


def _documented(answer: Callable[P, Response], noted: View) -> Callable[P, Response]:
    """`answer` with what flask-smorest's decorator has noted of the view."""
    answer._apidoc = noted._apidoc  # type: ignore[attr-defined]
    return answer
