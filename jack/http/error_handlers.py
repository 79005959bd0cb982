"""Exceptions become the envelope of an error, or for browsers an error page."""

from __future__ import annotations

import logging
import os
import re
import traceback
from typing import TYPE_CHECKING

import orjson
from flask import Request, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from jack.core import errors
from jack.core.errors import JackError
from jack.http.context import PREFIX, app_state, current_request, request_state
from jack.http.responses import JsonResponse

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from jack.http.context import RequestState


log = logging.getLogger("jack")
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
BY_STATUS = {
    400: errors.Invalid,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    412: errors.PreconditionFailed,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    429: errors.RateLimited,
    503: errors.Unavailable,
}
MESSAGES = {
    404: "No such path.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
    415: "Send the body as application/json.",
}


def is_api() -> bool:
    """Whether the request at hand is for the API, and so gets JSON whatever happens."""
    return request.path.startswith(PREFIX)


def request_id() -> str:
    """The client's id of the request at hand if it is sane, else one of ours."""
    return request_id_of(current_request(), request_state())


def request_id_of(sent: Request, state: RequestState) -> str:
    """The same, of this request and its state."""
    found = state.request_id
    if found is None:
        found = sent.environ.get("HTTP_X_REQUEST_ID")
        if found is None or not SANE_REQUEST_ID.fullmatch(found):
            found = os.urandom(12).hex()
        state.request_id = found
    return found


def answer_error(error: JackError) -> Response:
    """The envelope of an error, with the headers its status needs; an error page outside the API."""
    if not is_api():
        return app_state().error_page(error.status, error.retry_after)
    body = {"success": False, "error": {**error.body(), "requestId": request_id()}}
    headers = []
    if error.retry_after is not None:
        headers.append(("Retry-After", str(error.retry_after)))
    if error.status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    return JsonResponse(orjson.dumps(body), error.status, headers)


def answer_http_error(error: HTTPException) -> AnyResponse:
    """Flask's own errors (unknown path, wrong method, large body, …), in the envelope for the API."""
    status = error.code or 500
    if not is_api():
        return app_state().error_page(status, was=error.get_response(request.environ))
    if isinstance(error, MethodNotAllowed):
        response = answer_error(_coded(405, "METHOD_NOT_ALLOWED"))
        response.headers["Allow"] = ", ".join(sorted(_allowed(error)))
        return response
    if status in BY_STATUS:
        return answer_error(
            BY_STATUS[status](MESSAGES.get(status) or error.description or error.name)
        )
    if status < 400:
        return error.get_response(request.environ)
    return answer_error(_coded(status, error.name.upper().replace(" ", "_")))


def _allowed(error: MethodNotAllowed) -> set[str]:
    """The methods of the path. Those of `/guests/bulk` are its own, not those of `/guests/<guest_id>` as well."""
    own = current_app.config["JACK_FIXED_PATHS"].get(request.path)
    return own or set(error.valid_methods or ())


def _coded(status: int, code: str) -> JackError:
    error = JackError(MESSAGES.get(status, "The request could not be answered."))
    error.status, error.code = status, code  # type: ignore[misc]
    return error


def answer_crash(error: Exception) -> Response:
    """Answer 500, and log where it happened; never values, which may be a guest's."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s crashed: %s\n%s", request_id(), type(error).__name__, where)
    return answer_error(JackError("Something went wrong on our side. It has been logged."))
