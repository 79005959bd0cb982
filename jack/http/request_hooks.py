"""What happens to every request: who asks, whether they may and how often, and an answer in the envelope whatever happens."""

from __future__ import annotations

import logging
import os
import re
import traceback
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from jack.core import errors
from jack.core.errors import Forbidden, JackError, RateLimited
from jack.http import arguments, rate_limits
from jack.http.blueprint import PREFIX, PUBLIC, STAFF, AppState, Caller, app_state
from jack.http.responses import JsonResponse, add_plain
from jack.http.uploads import WRAPPING

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

log = logging.getLogger("jack")

BODY_LIMIT = 256 * 1024
BULK_BODY_LIMIT = 2 * 1024 * 1024
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
# For what is made for other sites to load and to show.
FOR_OTHERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
FOR_ANSWERS = (*ALWAYS, ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
FOR_DATA = (*FOR_ANSWERS, ("Cache-Control", "private, no-cache"))
FOR_SECRETS = (*FOR_ANSWERS, ("Cache-Control", "no-store"))
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
SAYS = {
    404: "No such path.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
    415: "Send the body as application/json.",
}


def init_app(app: Flask) -> None:
    """Put the hooks round every request of the app."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.before_request(open_request)
    app.after_request(close_request)
    app.register_error_handler(JackError, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_crash)


def is_api() -> bool:
    """Whether this request is for the API, and so gets JSON whatever happens."""
    return request.path.startswith(PREFIX)


def request_id() -> str:
    """The client's id of this request if it is sane, else one of ours."""
    return _named(request._get_current_object(), g._get_current_object())  # type: ignore[attr-defined]


def _named(asked: Request, mine: Any) -> str:
    """The same, of this request and its `g`."""
    found: str | None = mine.get("request_id")
    if found is None:
        sent: str | None = asked.environ.get("HTTP_X_REQUEST_ID")
        if sent is None or not SANE_REQUEST_ID.fullmatch(sent):
            sent = os.urandom(12).hex()
        found = mine.request_id = sent
    return found


def open_request() -> None:
    """Find out who asks, take one from their budget, refuse what they may not do. In this order."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    if not asked.path.startswith(PREFIX):
        return
    home = app_state()
    view = current_app.view_functions.get(asked.endpoint) if asked.endpoint else None
    access = getattr(view, "access", STAFF) if view and asked.method != "OPTIONS" else PUBLIC
    bulk = getattr(view, "bulk", False)
    asked.max_content_length = _body_limit(view, bulk)
    found, refusal = _caller(home, access)
    mine = g._get_current_object()
    mine.caller = found
    spent = mine.spent = _spend(home, asked, found, bulk)
    if spent.exceeded:
        raise RateLimited("Too many requests.", retry_after=rate_limits.wait(spent))
    if refusal is not None:
        raise refusal
    if found is not None and not found.may(access):
        raise Forbidden("You are not allowed to do this.")
    if asked.method != "OPTIONS":
        _refuse_untaken(view, asked)


def _body_limit(view: object, bulk: bool) -> int:
    """How large the body may be. A route that takes a file counts that itself, as it writes it."""
    if hasattr(view, "takes_file"):
        return int(view.takes_file[1]) + WRAPPING
    return BULK_BODY_LIMIT if bulk else BODY_LIMIT


def _refuse_untaken(view: object, asked: Request) -> None:
    """What a route does not take is a mistake of the caller's, who believes it does something."""
    if asked.query_string and not getattr(view, "takes_query", True):
        arguments.refuse_query()
    if hasattr(view, "takes_file"):
        return
    if asked.method not in ("GET", "HEAD") and not getattr(view, "takes_json", True):
        arguments.refuse_body()


def _caller(home: AppState, access: str) -> tuple[Caller | None, JackError | None]:
    """Who asks; or why we do not know, to be said after the request has been counted."""
    if access == PUBLIC:
        return None, None
    authenticators = home.authenticators
    try:
        return authenticators.get(access, authenticators[STAFF])(), None
    except JackError as error:
        return None, error


def _spend(home: AppState, asked: Request, found: Caller | None, bulk: bool) -> rate_limits.Spent:
    item = home.config.rate_limit_bulk if bulk else home.config.rate_limit
    key = found.key if found else rate_limits.address_key(asked.remote_addr)
    return home.limits.spend(item, f"bulk:{key}" if bulk else key)


def close_request(response: Response) -> Response:
    """The headers every answer carries. What is no answer of the API's brings a `g.protection` of its own."""
    asked, mine = request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]
    named = ("X-Request-Id", _named(asked, mine))
    if not asked.path.startswith(PREFIX):
        add_plain(response.headers, (named, *mine.get("protection", ALWAYS)))
        return response
    if "cookie" in mine:
        add_plain(response.headers, (("Set-Cookie", mine.cookie),))
    usual = FOR_SECRETS if "secret" in mine else FOR_DATA
    add_plain(
        response.headers, (named, *mine.get("protection", usual), *_budget(mine.get("spent")))
    )
    if asked.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
    return response


def _budget(spent: rate_limits.Spent | None) -> tuple[tuple[str, str], ...]:
    """The reference's three headers; none where counting itself failed."""
    if spent is None:
        return ()
    return (
        ("X-RateLimit-Limit", str(spent.limit)),
        ("X-RateLimit-Remaining", str(spent.remaining)),
        ("X-RateLimit-Reset", str(spent.reset)),
    )


# ------------------------------------------------------------------------------------------------ errors


def answer_error(error: JackError) -> Response:
    """The envelope of an error, with the headers its status asks for; a page where a page was asked for."""
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
    """Flask's own refusals (unknown path, wrong method, large body, …), told as ours where JSON is spoken."""
    status = error.code or 500
    if not is_api():
        return app_state().error_page(status, was=error.get_response(request.environ))
    if isinstance(error, MethodNotAllowed):
        response = answer_error(_coded(405, "METHOD_NOT_ALLOWED"))
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response
    if status in BY_STATUS:
        return answer_error(BY_STATUS[status](SAYS.get(status) or error.description or error.name))
    if status < 400:
        return error.get_response(request.environ)
    return answer_error(_coded(status, error.name.upper().replace(" ", "_")))


def _coded(status: int, code: str) -> JackError:
    error = JackError(SAYS.get(status, "The request could not be answered."))
    error.status, error.code = status, code  # type: ignore[misc]
    return error


def answer_crash(error: Exception) -> Response:
    """500 for the caller, the place (never the values, they may be a guest's) for the log."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s crashed: %s\n%s", request_id(), type(error).__name__, where)
    return answer_error(JackError("Something went wrong on our side. It has been logged."))
