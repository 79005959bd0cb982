"""What happens to every request: who asks, whether they may and how often, and an answer in the envelope whatever happens."""

from __future__ import annotations

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from jack.core.errors import Forbidden, JackError, RateLimited
from jack.http import arguments, rate_limits
from jack.http.access import PUBLIC, STAFF, Caller
from jack.http.context import PREFIX, AppState, app_state
from jack.http.error_handlers import answer_crash, answer_error, answer_http_error, request_id_of
from jack.http.responses import add_plain
from jack.http.security_headers import ALWAYS, FOR_DATA, FOR_SECRETS
from jack.http.uploads import WRAPPING

BODY_LIMIT = 256 * 1024
BULK_BODY_LIMIT = 2 * 1024 * 1024


def init_app(app: Flask) -> None:
    """Put the hooks round every request of the app."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.before_request(open_request)
    app.after_request(close_request)
    app.register_error_handler(JackError, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_crash)


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
    named = ("X-Request-Id", request_id_of(asked, mine))
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
