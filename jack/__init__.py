"""Jack: the guest-messaging backend a small hotel hosts itself. `create_app()` only wires."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import Flask, request
from flask.json.provider import JSONProvider
from flask.sessions import NullSession, SessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from jack import cli, pages
from jack.core import config
from jack.core.databases import Databases
from jack.core.db import instance_id
from jack.http import blueprint, request_hooks
from jack.http.rate_limits import Limits
from jack.messaging import webhook_routes
from jack.openapi import routes as openapi
from jack.operations import bootstrap, health
from jack.pages.error_page import error_page
from jack.resources.attachments import link_routes
from jack.resources.attachments import routes as attachments
from jack.resources.auth import routes as auth
from jack.resources.auth import tokens
from jack.resources.channel_accounts import routes as accounts
from jack.resources.conversations import routes as conversations
from jack.resources.events import routes as realtime
from jack.resources.guests import routes as guests
from jack.resources.knowledge import routes as knowledge
from jack.resources.settings import routes as settings
from jack.resources.staff import routes as staff
from jack.resources.tasks import routes as tasks
from jack.resources.webchat import routes as webchat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Request, Response
    from flask.sessions import SessionMixin
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as AnyResponse

ROOMS = (
    auth,
    conversations,
    attachments,
    guests,
    tasks,
    knowledge,
    staff,
    settings,
    accounts,
    realtime,
    webchat,
)


HOSTS_KEPT = 64


class OrjsonProvider(JSONProvider):
    """Flask's JSON, several times faster."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """A value as JSON text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of JSON text."""
        return orjson.loads(s)


class NoSessions(SessionInterface):
    """Jack keeps no cookie sessions: one empty one serves every request, and none is saved."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """The empty one."""
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save."""


class Application(Flask):
    """Flask without what Jack does not use: coroutines, cookie sessions, hooks of single blueprints."""

    session_interface = NoSessions()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hosts: dict[tuple[str, str, str], tuple[str, str]] = {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
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


def create_app(
    environment: Mapping[str, str] | None = None, *, clock: Callable[[], float] = time.time
) -> Flask:
    """The application, ready to serve. `environment` stands in for the process's own; `clock` for the wall's."""
    settings_read = config.read(environment)
    secret = config.secret_key(settings_read)
    databases = Databases(settings_read.database, deadline=settings_read.write_deadline, time=clock)
    bootstrap.prepare(settings_read, databases.get())

    app = Application(__name__, static_folder=None, root_path=str(config.ROOT))
    app.json = OrjsonProvider(app)
    app.url_map.merge_slashes = False  # a doubled slash is an unknown path, not a redirect
    if settings_read.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings_read.trusted_hosts)
    if settings_read.trusted_proxies:
        hops = settings_read.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.extensions["jack"] = blueprint.AppState(
        config=settings_read,
        databases=databases,
        limits=Limits(app, settings_read.instance / "limits.bin"),
        secret=secret,
        authenticators={
            blueprint.STAFF: tokens.authenticate,
            blueprint.VISITOR: webchat.authenticate,
        },
        error_page=_error_answer,
    )
    tokens.init_app(app, secret=secret, instance_id=instance_id(databases.get()))
    openapi.init_app(app, [*(room.blp for room in ROOMS), conversations.messages_blp])
    request_hooks.init_app(app)
    app.register_blueprint(health.blp)
    app.register_blueprint(link_routes.blp)
    app.register_blueprint(webhook_routes.blp)
    pages.init_app(app)
    cli.init_app(app)
    if settings_read.cors_origins:
        _allow_origins(app, settings_read.cors_origins)
    return app


def _error_answer(
    status: int, retry_after: int | None = None, *, was: AnyResponse | None = None
) -> Response:
    """What fails outside the API: a few words for a provider, a page for everybody else."""
    is_webhook = request.path.startswith(f"{webhook_routes.UNDER}/")
    answer = webhook_routes.error_answer if is_webhook else error_page
    return answer(status, retry_after, was=was)


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the API. Imported only when asked for: most hotels never do."""
    from flask_cors import CORS

    CORS(
        app,
        resources={f"{blueprint.PREFIX}/*": {"origins": list(origins)}},
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "X-Request-Id",
        ],
        expose_headers=[
            "ETag",
            "Location",
            "Retry-After",
            "X-Request-Id",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "Idempotency-Replayed",
        ],
        max_age=600,
        vary_header=True,
    )
