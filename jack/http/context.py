"""What a view reads of its surroundings: the process's state, the request's state, this thread's connection, the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, Request, Response
from flask.globals import _cv_app, _cv_request

from jack.core.errors import Forbidden, Unauthorized
from jack.http.access import Caller, check_scope

if TYPE_CHECKING:
    from jack.core.config import Config
    from jack.core.databases import Databases
    from jack.core.db import Database
    from jack.http.rate_limits import Limits, Spent
    from jack.http.uploads import Upload


PREFIX = "/api/v1"
MAX_TOKEN = 2048


@dataclass(frozen=True)
class AppState:
    """What a request needs of the process it runs in."""

    config: Config
    databases: Databases
    limits: Limits
    secret: str
    authenticators: Mapping[str, Callable[[], Caller]]
    error_page: Callable[..., Response]


class RequestState:
    """What is kept for the request at hand: the class of Flask's `g`, a new one with every request.

    Defaults are the class's, so that making one costs nothing.
    """

    # Who asks; None on public routes, and before that is known.
    caller: Caller | None = None
    # The id of the request in answers and in the log; made when it is first needed.
    request_id: str | None = None
    # What is left of the caller's budget; None where it could not be counted.
    spent: Spent | None = None
    # Security headers in place of the usual ones.
    protection: tuple[tuple[str, str], ...] | None = None
    # The value of a Set-Cookie header.
    cookie: str | None = None
    # Whether the response carries a secret: never cached, encrypted if kept for a replay.
    carries_secret: bool = False
    # The file of the request, where its route takes one.
    upload: Upload | None = None


def current_application() -> Flask:
    """The app itself, not Flask's proxy."""
    return _cv_app.get().app


def app_state() -> AppState:
    """What this process keeps for its requests."""
    found: AppState = _cv_app.get().app.extensions["jack"]
    return found


def request_state() -> RequestState:
    """What is kept for the request at hand."""
    state: RequestState = _cv_app.get().g  # type: ignore[assignment]
    return state


def current_request() -> Request:
    """The request at hand itself, not Flask's proxy, which takes 2 µs for every attribute."""
    return _cv_request.get().request


def get_db() -> Database:
    """This thread's connection."""
    return app_state().databases.get()


def caller() -> Caller:
    """Who asks. Only for routes that are not public."""
    found = request_state().caller
    if found is None:
        raise RuntimeError("a public route has no caller")
    return found


def demand_scope(scope: str) -> None:
    """Raise Forbidden for an API key without this scope; for a route whose scope depends on what it is sent or finds."""
    rights = caller().rights
    if rights is not None:
        check_scope(rights, scope)


def demand_access(access: str) -> None:
    """Raise Forbidden for a caller below this level; for a route whose level depends on what it is sent or finds."""
    if not caller().may(access):
        raise Forbidden("You are not allowed to do this.")


def bearer() -> str:
    """The token of the request's Authorization header. Raises Unauthorized."""
    header = current_request().environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if not header:
        raise Unauthorized(
            "Sign in first: send Authorization: Bearer <token>.", reason="token_missing"
        )
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN:
        raise Unauthorized(
            "The Authorization header is not a bearer token.", reason="token_invalid"
        )
    return cast("str", token.strip())
