"""What a route is declared to take and to answer: kept on its view function, for the hooks and the API's description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from marshmallow import Schema

from jack.http.access import PUBLIC, STAFF

if TYPE_CHECKING:
    from jack.http.smorest_types import ApiDoc

SchemaOrClass = Schema | type[Schema]
View = Callable[..., object]
V = TypeVar("V", bound=View)
NAME = "route_options"


class UploadRule(NamedTuple):
    """Where the file of a request is written, below the instance, how many bytes it may have, and the schema of the form it stands in."""

    folder: str
    limit: int
    form: type[Schema] | None = None


@dataclass(slots=True)
class RouteOptions:
    """How the decorators of `Blueprint` have declared a route.

    `max_bytes`: of the body, where it is not what others may have. `needs_header`: without it nobody reads the body. `takes_query` and `takes_json`: whether parameters and a body are read; where they are not, any is refused.
    `scope`: what an API key needs for it (`jack.http.scopes`), None where nobody has said: then no key may use it.
    `tagged`: its responses have an ETag. `conditional`: it answers to If-Match. `located`: a 201 has a Location.
    `secret`: its responses carry a secret. `without_totp`: also for a member who must have a second factor and has none yet. `media_types`: those of the file it answers with, None without one. `counts_rows`: it says how many rows the file has.
    """

    access: str = STAFF
    scope: str | None = None
    bulk: bool = False
    takes_query: bool = False
    takes_json: bool = False
    max_bytes: int | None = None
    needs_header: str | None = None
    upload: UploadRule | None = None
    tagged: bool = False
    conditional: bool = False
    located: bool = False
    secret: bool = False
    without_totp: bool = False
    media_types: tuple[str, ...] | None = None
    counts_rows: bool = False


# Of a path that is no route, and of a view that no Blueprint has declared.
NO_ROUTE = RouteOptions(access=PUBLIC, takes_query=True, takes_json=True)
UNDECLARED = RouteOptions(takes_query=True, takes_json=True)


def options_of(view: View) -> RouteOptions:
    """The options of a view, to be read."""
    found: RouteOptions = getattr(view, NAME, UNDECLARED)
    return found


def declare(view: View) -> RouteOptions:
    """The options of a view, to be set. functools.wraps hands them on to what is wrapped round it."""
    found: RouteOptions | None = getattr(view, NAME, None)
    if found is None:
        found = RouteOptions()
        setattr(view, NAME, found)
    return found


def max_bytes(limit: int) -> Callable[[V], V]:
    """A decorator: how many bytes the body of a route may have."""

    def decorate(view: V) -> V:
        declare(view).max_bytes = limit
        return view

    return decorate


def needs_header(name: str) -> Callable[[V], V]:
    """A decorator: a header without which a request is refused before its body is read."""

    def decorate(view: V) -> V:
        declare(view).needs_header = name
        return view

    return decorate


def public(view: V) -> V:
    """Let everybody call a view that is not a Blueprint's; parameters it does not read are ignored."""
    setattr(view, NAME, NO_ROUTE)
    return view


def api_doc(view: View) -> ApiDoc | None:
    """What flask-smorest's decorators have noted of a view; None for a view without them."""
    found: ApiDoc | None = getattr(view, "_apidoc", None)
    return found
