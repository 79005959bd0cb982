"""The API's description: OpenAPI 3.1, made from the decorators of the routes, and the page to try it out."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import orjson
from flask import Response, request

from jack.http.context import PREFIX
from jack.http.responses import JSON, etag, matches
from jack.http.route_options import public
from jack.openapi import swagger_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask

    from jack.http.blueprint import Blueprint


def init_app(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Register the blueprints and the routes of their description."""
    for blp in blueprints:
        app.register_blueprint(blp)
    app.register_blueprint(swagger_page.blp)
    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", _view(app, blueprints))


def _view(app: Flask, blueprints: Sequence[Blueprint]) -> Callable[[], Response]:
    @functools.cache
    def described() -> tuple[bytes, str]:
        from jack.openapi.document import document  # imported here: most processes never make it

        body = orjson.dumps(document(app, blueprints))
        return body, etag(body)

    @public
    def openapi() -> Response:
        """The description, made once."""
        body, tag = described()
        if matches(request.headers.get("If-None-Match"), tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(body, headers={"ETag": tag}, content_type=JSON)

    return openapi
