"""Flask with a faster JSON, and without the parts that Jack does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from jack.http.context import RequestState

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request, Response
    from flask.sessions import SessionMixin
    from flask.typing import ResponseReturnValue


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


class Application(Flask):
    """Flask without what Jack does not use: coroutines, cookie sessions, hooks of single blueprints."""

    json_provider_class = OrjsonProvider
    session_interface = NoSessions()
    app_ctx_globals_class = RequestState  # type: ignore[assignment]

    def __init__(
        self, import_name: str, *, static_folder: str | None = None, root_path: str | None = None
    ) -> None:
        super().__init__(import_name, static_folder=static_folder, root_path=root_path)
        self._hosts: dict[tuple[str, str, str], tuple[str, str]] = {}

    def ensure_sync(self, func: Callable[P, R]) -> Callable[P, R]:
        """Every view is a plain function."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's, but a host is checked once, and not again with every request that names it."""
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

    def process_response(self, response: Response) -> Response:
        """The hooks of the app are all there are."""
        for hook in reversed(self.after_request_funcs.get(None, ())):
            response = hook(response)
        return response
