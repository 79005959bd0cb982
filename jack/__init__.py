"""Jack: the guest-messaging backend a small hotel hosts itself. `create_app()` only wires."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from jack import cli, pages
from jack.core import audit_syslog, config, json_log, places
from jack.core.databases import Databases
from jack.core.migrations import instance_id
from jack.core.request_counts import RequestCounts
from jack.core.signing_key import secret_key
from jack.core.version import __version__ as __version__
from jack.http import access, context, cors, observation, request_hooks
from jack.http.application import Application
from jack.http.public_path import BelowPath
from jack.http.rate_limits import Limits
from jack.http.request_origin import request_origin
from jack.messaging import webhook_routes
from jack.openapi import routes as openapi
from jack.operations import bootstrap, health, installation
from jack.pages.error_page import error_page
from jack.resources.api_keys import authentication
from jack.resources.api_keys import routes as api_keys
from jack.resources.attachments import link_routes
from jack.resources.attachments import routes as attachments
from jack.resources.audit import routes as audit
from jack.resources.auth import attempts, tokens
from jack.resources.auth import routes as auth
from jack.resources.auth.second_factor import routes as second_factor
from jack.resources.automations import routes as automations
from jack.resources.backups import routes as backups
from jack.resources.channel_accounts import routes as channel_accounts
from jack.resources.conversations import routes as conversations
from jack.resources.events import routes as events
from jack.resources.exports import routes as exports
from jack.resources.guests import routes as guests
from jack.resources.handover import routes as handover
from jack.resources.imports import routes as imports
from jack.resources.knowledge import routes as knowledge
from jack.resources.privacy import routes as privacy
from jack.resources.push import routes as push
from jack.resources.reports import routes as reports
from jack.resources.settings import routes as settings
from jack.resources.staff import routes as staff
from jack.resources.stay_feeds import routes as stay_feeds
from jack.resources.stays import routes as stays
from jack.resources.tasks import routes as tasks
from jack.resources.templates import routes as templates
from jack.resources.watchdog import routes as watchdog
from jack.resources.webchat import routes as webchat
from jack.resources.webhooks import routes as webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

RESOURCES = (
    auth,
    second_factor,
    api_keys,
    conversations,
    attachments,
    guests,
    stays,
    stay_feeds,
    tasks,
    knowledge,
    templates,
    automations,
    staff,
    settings,
    channel_accounts,
    events,
    reports,
    handover,
    exports,
    imports,
    audit,
    backups,
    privacy,
    webchat,
    webhooks,
    watchdog,
    push,
)

FURTHER = (conversations.messages_blp, conversations.guests_blp, push.notifications_blp)


def create_app(
    environment: Mapping[str, str] | None = None, *, clock: Callable[[], float] = time.time
) -> Flask:
    """The WSGI application. `environment` replaces the process's own, `clock` the time in seconds since 1970."""
    settings_read = config.read(environment)
    installation.check_user(settings_read)
    secret = secret_key(settings_read)
    databases = _databases(settings_read, clock)
    bootstrap.prepare(settings_read, databases.get())
    audit_syslog.init(settings_read.audit_syslog)

    app = Application(__name__, static_folder=None, root_path=str(places.ROOT))
    app.url_map.merge_slashes = False  # a doubled slash is an unknown path, not a redirect
    if settings_read.trusted_hosts:
        app.config["TRUSTED_HOSTS"] = list(settings_read.trusted_hosts)
    _stand_behind_proxies(app, settings_read)
    app.extensions["jack"] = context.AppState(
        config=settings_read,
        databases=databases,
        limits=Limits(app, settings_read.instance / "limits.bin", secret),
        secret=secret,
        authenticators={
            access.STAFF: authentication.authenticate,
            access.VISITOR: webchat.authenticate,
        },
        error_page=_error_answer,
    )
    attempts.init_log()
    _observe(app, settings_read)
    tokens.init_app(app, secret=secret, instance_id=instance_id(databases.get()))
    openapi.init_app(app, [*(resource.blp for resource in RESOURCES), *FURTHER])
    request_hooks.init_app(app)
    app.register_blueprint(health.blp)
    app.register_blueprint(link_routes.blp)
    webhook_routes.init_app(app)
    pages.init_app(app)
    cli.init_app(app)
    if settings_read.cors_origins:
        cors.init_app(app, settings_read.cors_origins)
    return app


def _observe(app: Application, settings_read: config.Config) -> None:
    """Count and log requests, where the settings say so."""
    logged = settings_read.log == "json"
    if logged:
        json_log.init()
    counts = RequestCounts(settings_read.instance) if settings_read.metrics else None
    if logged or counts is not None:
        observation.init_app(app, counts, logged=logged)


def _stand_behind_proxies(app: Application, settings_read: config.Config) -> None:
    """Take from a request what the proxies in front have put into it: the path that Jack is below, and who asks."""
    if settings_read.public_path:
        app.wsgi_app = BelowPath(app.wsgi_app, settings_read.public_path)  # type: ignore[method-assign]
    if settings_read.trusted_proxies:
        hops = settings_read.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def _databases(settings: config.Config, clock: Callable[[], float]) -> Databases:
    """The connections of this process, which know the request that asks for a change."""
    return Databases(
        settings.database, deadline=settings.write_deadline, time=clock, origin=request_origin
    )


def _error_answer(
    status: int, retry_after: int | None = None, *, was: AnyResponse | None = None
) -> Response:
    """The response to an error outside the API: plain text for a provider, a page for everybody else."""
    is_webhook = request.path.startswith(f"{webhook_routes.UNDER}/")
    answer = webhook_routes.error_answer if is_webhook else error_page
    return answer(status, retry_after, was=was)
