"""What a view has at hand: the process's state, this thread's connection, who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, g, request

from jack.core.errors import Unauthorized
from jack.http.access import Caller

if TYPE_CHECKING:
    from jack.core.config import Config
    from jack.core.databases import Databases
    from jack.core.db import Database
    from jack.http.rate_limits import Limits


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


def app_state() -> AppState:
    """What this process keeps for its requests."""
    return cast("AppState", current_app.extensions["jack"])


def get_db() -> Database:
    """This thread's connection."""
    return app_state().databases.get()


def caller() -> Caller:
    """Who asks. Only for routes that are not public."""
    return cast("Caller", g.caller)


def bearer() -> str:
    """The token of the request's Authorization header. Raises Unauthorized."""
    header = request.environ.get("HTTP_AUTHORIZATION", "")
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
