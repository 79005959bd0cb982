"""What is done round a view, as its route is declared: files read, first answers repeated."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from flask import Response

from jack.core import idempotency
from jack.core.db import transaction
from jack.http.context import app_state, caller, current_request, get_db, request_state
from jack.http.json_body import comparable_body
from jack.http.responses import JsonResponse
from jack.http.route_options import UploadRule
from jack.http.uploads import FIELD, received

P = ParamSpec("P")
# The headers that are part of an answer kept for its `Idempotency-Key`.
KEPT_HEADERS = ("Location", "ETag")


def once(view: Callable[P, Response]) -> Callable[P, Response]:
    """A POST view that does its work once for an `Idempotency-Key`, and afterwards repeats its first answer."""

    @functools.wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        key: str | None = current_request().environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return view(*args, **kwargs)
        db, state, secret = get_db(), request_state(), app_state().secret
        body = state.upload.fingerprint if state.upload else comparable_body()
        asked = idempotency.KeyedRequest.of(
            caller().id, key, current_request().full_path, body, secret
        )
        with transaction(db):
            kept = idempotency.replay(db, asked, secret)
            if kept is not None:
                return _replayed(kept)
            response = view(*args, **kwargs)
            idempotency.store(db, asked, _to_keep(response), secret)
            return response

    return answer


def _replayed(kept: idempotency.StoredResponse) -> Response:
    if kept.sealed:
        request_state().carries_secret = True
    headers = [*kept.headers.items(), ("Idempotency-Replayed", "true")]
    return JsonResponse(kept.body, kept.status, headers)


def _to_keep(response: Response) -> idempotency.StoredResponse:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    sealed = request_state().carries_secret
    return idempotency.StoredResponse(
        response.status_code, headers, response.get_data(), sealed=sealed
    )


def receiving(view: Callable[P, Response], rule: UploadRule) -> Callable[P, Response]:
    """A view whose file is read before anything else: no transaction waits for a slow sender or a slow disk."""

    @functools.wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        fields = rule.form().fields if rule.form else {}
        names = {field.data_key or name for name, field in fields.items()} - {FIELD}
        with received(app_state().config.instance / rule.folder, rule.limit, names) as upload:
            request_state().upload = upload
            return view(*args, **kwargs)

    return answer
