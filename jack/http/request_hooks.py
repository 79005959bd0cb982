"""What happens before and after every request: who calls, whether they may and how often; the headers of the response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from jack.core.errors import Forbidden, JackError, RateLimited
from jack.http import arguments, rate_limits
from jack.http.access import PUBLIC, STAFF, VISITOR, Caller, check_scope
from jack.http.context import (
    PREFIX,
    AppState,
    app_state,
    current_application,
    current_request,
    request_state,
)
from jack.http.error_handlers import answer_crash, answer_error, answer_http_error, request_id_of
from jack.http.responses import add_plain
from jack.http.route_options import NO_ROUTE, RouteOptions, options_of
from jack.http.scopes import NOT_FOR_KEYS, of_path
from jack.http.security_headers import ALWAYS, FOR_DATA, FOR_SECRETS
from jack.http.uploads import WRAPPING

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY_LIMIT = 256 * 1024
BULK_BODY_LIMIT = 2 * 1024 * 1024
FIXED_PATHS = "JACK_FIXED_PATHS"


def init_app(app: Flask) -> None:
    """Register the hooks and the error handlers of the app."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config[FIXED_PATHS] = fixed_paths(app)
    app.before_request(open_request)
    app.after_request(close_request)
    app.register_error_handler(JackError, answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_crash)


def fixed_paths(app: Flask) -> dict[str, set[str]]:
    """The methods of every path without a variable part."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            found.setdefault(rule.rule, set()).update(rule.methods or ())
    return found


def open_request() -> None:
    """Find out who calls, count the request against their budget, refuse what they may not do. In this order."""
    sent = current_request()
    if not sent.path.startswith(PREFIX):
        return
    app, state, options = app_state(), request_state(), _options(sent)
    is_preflight = sent.method == "OPTIONS"
    access = PUBLIC if is_preflight else options.access
    sent.max_content_length = body_limit(options)
    found, refusal = _caller(app, access)
    state.caller = found
    no_route = sent.endpoint is None and not is_preflight
    counted = _anybody(app) if no_route else found
    spent = state.spent = _spend(app, sent, counted, options.bulk)
    if spent.exceeded:
        raise RateLimited("Too many requests.", retry_after=rate_limits.wait(spent))
    if sent.view_args and sent.path in current_application().config[FIXED_PATHS]:
        raise MethodNotAllowed  # GET /guests/bulk asks for no guest
    if refusal is not None:
        raise refusal
    if found is not None:
        _refuse_forbidden(found, options, sent.view_args or {})
    if not is_preflight:
        _refuse_undeclared(options, sent)


def _refuse_forbidden(found: Caller, options: RouteOptions, path: Mapping[str, str]) -> None:
    """Raise Forbidden for a route that the caller may not use."""
    if found.rights is not None:
        check_scope(found.rights, of_path(options.scope or NOT_FOR_KEYS, path))
        return
    if found.lacks_totp and not options.without_totp:
        raise Forbidden(
            "A second factor is required here: set it up first.", reason="totp_setup_required"
        )
    if not found.may(options.access):
        raise Forbidden("You are not allowed to do this.")


def _options(sent: Request) -> RouteOptions:
    """How the request's route is declared."""
    view = current_application().view_functions.get(sent.endpoint) if sent.endpoint else None
    return options_of(view) if view else NO_ROUTE


def body_limit(options: RouteOptions) -> int:
    """How many bytes the body may have. A file's are counted as it is written."""
    if options.upload is not None:
        return options.upload.limit + WRAPPING
    if options.max_bytes is not None:
        return options.max_bytes
    return BULK_BODY_LIMIT if options.bulk else BODY_LIMIT


def _refuse_undeclared(options: RouteOptions, sent: Request) -> None:
    """Raise Invalid for a query or a body that the route does not read: the caller believes it does something."""
    if sent.query_string and not options.takes_query:
        arguments.refuse_query()
    if options.upload is not None:
        return
    if sent.method not in ("GET", "HEAD") and not options.takes_json:
        arguments.refuse_body()


def _caller(app: AppState, access: str) -> tuple[Caller | None, JackError | None]:
    """Who calls; or why we do not know, to be raised after the request has been counted."""
    if access == PUBLIC:
        return None, None
    authenticators = app.authenticators
    try:
        return authenticators.get(access, authenticators[STAFF])(), None
    except JackError as error:
        return None, error


def _anybody(app: AppState) -> Caller | None:
    """Whose valid token the request has, of whatever kind: what is asked for is no route, and nobody is refused."""
    for access in (STAFF, VISITOR):
        found, _ = _caller(app, access)
        if found is not None:
            return found
    return None


def _spend(app: AppState, sent: Request, found: Caller | None, bulk: bool) -> rate_limits.Spent:
    key = found.key if found else rate_limits.address_key(sent.remote_addr)
    budgets = found.rights if found is not None and found.rights is not None else app.config
    if bulk:
        return app.limits.spend(budgets.rate_limit_bulk, f"bulk:{key}")
    if found is not None and found.by_page:
        return app.limits.spend(app.config.rate_limit_page, f"page:{key}")
    return app.limits.spend(budgets.rate_limit, key)


def close_request(response: Response) -> Response:
    """Add the headers every response carries. What is not JSON of the API's has set `RequestState.protection`."""
    sent, state = current_request(), request_state()
    request_id = ("X-Request-Id", request_id_of(sent, state))
    if not sent.path.startswith(PREFIX):
        add_plain(response.headers, (request_id, *(state.protection or ALWAYS)))
        return response
    if state.cookie is not None:
        add_plain(response.headers, (("Set-Cookie", state.cookie),))
    protection = state.protection or (FOR_SECRETS if state.carries_secret else FOR_DATA)
    add_plain(response.headers, (request_id, *protection, *_budget(state.spent)))
    if sent.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
    return response


def _budget(spent: rate_limits.Spent | None) -> tuple[tuple[str, str], ...]:
    """The three headers of the rate limit; none where counting itself failed."""
    if spent is None:
        return ()
    return (
        ("X-RateLimit-Limit", str(spent.limit)),
        ("X-RateLimit-Remaining", str(spent.remaining)),
        ("X-RateLimit-Reset", str(spent.reset)),
    )
