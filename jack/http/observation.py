"""Requests as they are counted (JACK_METRICS) and logged (JACK_LOG=json): by route, never by path, address or person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jack.core import json_log
from jack.http.context import PREFIX, current_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask, Response

    from jack.core.request_counts import RequestCounts

BEGUN = "jack.begun"


def init_app(app: Flask, counts: RequestCounts | None, *, logged: bool) -> None:
    """Observe the requests of an app. Its hook is the first, so that it is called last after a request."""
    app.wsgi_app = _timed(app.wsgi_app)  # type: ignore[method-assign, assignment]

    def observe(response: Response) -> Response:
        sent = current_request()
        seconds = time.perf_counter() - sent.environ.get(BEGUN, time.perf_counter())
        if counts is not None:
            counts.add(_kind(sent.path, sent.endpoint), response.status_code, seconds)
        if logged:
            fields = {
                "requestId": response.headers.get("X-Request-Id"),
                "method": sent.method,
                "route": sent.url_rule.rule if sent.url_rule else None,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
            }
            json_log.note_request(fields)
        return response

    app.after_request(observe)


def _timed(inner: WSGIApplication) -> WSGIApplication:
    def timed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[BEGUN] = time.perf_counter()
        return inner(environ, start_response)

    return timed


def _kind(path: str, endpoint: str | None) -> str:
    if path.startswith(PREFIX):
        return "api"
    if path.startswith("/webhooks/"):
        return "webhook"
    return "page" if endpoint is not None else "other"
