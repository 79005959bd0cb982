"""Flask with a faster JSON, and without the parts that Jack does not use."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import orjson
from flask import Flask, Response
from flask.ctx import RequestContext
from flask.json.provider import JSONProvider
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from jack.http.context import RequestState, current_request
from jack.http.route_table import RouteTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request
    from flask.sessions import SessionMixin
    from flask.typing import ResponseReturnValue
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import Rule


P = ParamSpec("P")
R = TypeVar("R")
HOSTS_KEPT = 64


class OrjsonProvider(JSONProvider):
    """orjson in place of the standard library's json."""

    def dumps(self, obj: object, **kwargs: object) -> str:
        """A value as JSON text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: object) -> object:
        """The value of JSON text."""
        return orjson.loads(s)


class NoSessions(SessionInterface):
    """No cookie sessions: one empty session serves every request, and none is saved."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """The empty session."""
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save."""


class Context(RequestContext):
    """The context of a request, whose route is looked up in the app's table."""

    app: Application

    def match_request(self) -> None:
        """As Flask's; what the table does not know is left to Werkzeug."""
        sent = self.request
        found = self.app.route_table.find(sent.method, sent.path)
        if found is None or "HTTP_UPGRADE" in sent.environ:
            super().match_request()
        else:
            sent.url_rule, sent.view_args = found


class Application(Flask):
    """Flask without what Jack does not use: coroutines, cookie sessions, signals, hooks of single blueprints."""

    json_provider_class = OrjsonProvider
    session_interface = NoSessions()
    app_ctx_globals_class = RequestState  # type: ignore[assignment]

    def __init__(
        self, import_name: str, *, static_folder: str | None = None, root_path: str | None = None
    ) -> None:
        super().__init__(import_name, static_folder=static_folder, root_path=root_path)
        self._hosts: dict[tuple[str, str, str], tuple[str, str]] = {}

    @functools.cached_property
    def route_table(self) -> RouteTable:
        """The routes, as they are when the first request comes."""
        return RouteTable(self.url_map.iter_rules())

    def request_context(self, environ: WSGIEnvironment) -> Context:
        """The context of a request."""
        return Context(self, environ)

    def full_dispatch_request(self) -> Response:
        """As Flask's, without its signals."""
        self._got_first_request = True
        try:
            result = self.preprocess_request()
            if result is None:
                result = self.dispatch_request()
        except Exception as error:
            result = self.handle_user_exception(error)
        return self.finalize_request(result)

    def dispatch_request(self) -> ResponseReturnValue:
        """As Flask's, without looking twice for what every rule has."""
        sent = current_request()
        if sent.routing_exception is not None:
            self.raise_routing_exception(sent)
        rule = cast("Rule", sent.url_rule)
        if sent.method == "OPTIONS" and rule.provide_automatic_options:  # type: ignore[attr-defined]
            return self.make_default_options_response()
        view = self.view_functions[rule.endpoint]
        return cast("ResponseReturnValue", view(**(sent.view_args or {})))

    def finalize_request(
        self, rv: ResponseReturnValue | HTTPException, from_error_handler: bool = False
    ) -> Response:
        """As Flask's, without its signals. An error while an error is answered is logged only."""
        response = rv if isinstance(rv, Response) else self.make_response(rv)
        try:
            return self.process_response(response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("an error could not be answered as it should be")
            return response

    def ensure_sync(self, func: Callable[P, R]) -> Callable[P, R]:
        """Every view is a plain function."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's, but a host is checked once, and not again with every request that names it."""
        if request is None and self.config["SERVER_NAME"] is None:
            return None  # of the app's own context
        environ = request.environ if request else {}
        if request is None or "HTTP_HOST" not in environ or "HTTP_UPGRADE" in environ:
            return super().create_url_adapter(request)
        named = (environ["HTTP_HOST"], request.scheme, request.root_path)
        known = self._hosts.get(named)
        if known is None:
            adapter = super().create_url_adapter(request)
            if len(self._hosts) >= HOSTS_KEPT:
                self._hosts.clear()
            if adapter is not None:
                self._hosts[named] = (request.host, adapter.server_name)
            return adapter
        request.host, server_name = known
        return MapAdapter(
            self.url_map,
            server_name,
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            environ.get("QUERY_STRING", ""),
        )

    def preprocess_request(self) -> ResponseReturnValue | None:
        """The hooks of the app are all there are."""
        for hook in self.before_request_funcs.get(None, ()):
            refused = cast("ResponseReturnValue | None", hook())
            if refused is not None:
                return refused
        return None

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """The hooks of the app are all there are."""
        for hook in reversed(self.teardown_request_funcs.get(None, ())):
            hook(exc)

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """As Flask's, without its signal."""
        for hook in reversed(self.teardown_appcontext_funcs):
            hook(exc)

    def process_response(self, response: Response) -> Response:
        """The hooks of the app are all there are."""
        for hook in reversed(self.after_request_funcs.get(None, ())):
            response = hook(response)
        return response
