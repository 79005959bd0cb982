"""Every setting: name, default, check. Read once at the start; for a bad one BadSetting names it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from limits import RateLimitItem, parse

from jack.core import audit_syslog, service_unit, setting_values
from jack.core import public_url as public_urls
from jack.core.places import INSTALLATION, home
from jack.core.url_credentials import without_credentials

T = TypeVar("T")
# Seconds; the counts of a longer window could not be told from those of a clock that was set back.
LONGEST_WINDOW = 86_400
PLACEHOLDERS = {"changeme", "change-me", "secret", "password", "default"}


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what is wrong."""


def _text(value: str) -> str:
    return value.strip()


def _optional(value: str) -> str | None:
    return value.strip() or None


def _folder(value: str) -> Path:
    path = Path(value).expanduser()
    return path if path.is_absolute() else home() / path


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", value) if word)


def _flag(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("write 1 or 0")


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(value)

    return read


def _server(value: str) -> str:
    if value not in {"granian", "gunicorn"}:
        raise ValueError("write granian or gunicorn")
    return value


def _limit(value: str) -> RateLimitItem:
    try:
        item = parse(value)
    except ValueError:
        raise ValueError("write a number and a time, such as 100/minute") from None
    if item.amount < 1:
        raise ValueError("the number must be at least 1")
    if item.get_expiry() > LONGEST_WINDOW:
        raise ValueError("the time must be a day at the most")
    return item


def _location(value: str) -> str:
    if value and not re.fullmatch(r"/[A-Za-z0-9._-]+/", value):
        raise ValueError("write a path such as /.instance/")
    return value


def _origins(value: str) -> tuple[str, ...]:
    found = _words(value)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise ValueError("write origins such as https://www.example.com, separated by commas")
    return found


def _setting(default: str, name: str, parse: Callable[[str], T], help: str) -> T:
    """A field of Config: environment variable `name`, whose text, or `default`, is given to `parse`."""
    made: T = field(metadata={"name": name, "default": default, "parse": parse, "help": help})
    return made


@dataclass(frozen=True)
class Config:
    """What one process runs with."""

    instance: Path = _setting(
        "instance", "JACK_INSTANCE", _folder, "folder of the hotel's own files"
    )
    port: int = _setting("8000", "PORT", _between(1, 65535), "port to serve on")
    host: str = _setting(
        "127.0.0.1", "JACK_HOST", _text, "address to serve on; 0.0.0.0 for every network card"
    )
    server: str = _setting(
        "granian", "JACK_SERVER", _server, "granian; gunicorn only behind a proxy such as nginx"
    )
    public_url: str | None = _setting(
        "", "JACK_PUBLIC_URL", public_urls.read, "address under which the world reaches Jack"
    )
    admin_email: str | None = _setting(
        "", "JACK_ADMIN_EMAIL", _optional, "first administrator, for an unattended start"
    )
    admin_password: str | None = _setting(
        "", "JACK_ADMIN_PASSWORD", _optional, "that administrator's password"
    )
    rate_limit: RateLimitItem = _setting(
        "100/minute", "JACK_RATE_LIMIT", _limit, "requests of one caller"
    )
    rate_limit_page: RateLimitItem = _setting(
        "600/minute", "JACK_RATE_LIMIT_PAGE", _limit, "requests of the staff page for one person"
    )
    rate_limit_bulk: RateLimitItem = _setting(
        "10/minute", "JACK_RATE_LIMIT_BULK", _limit, "bulk requests of one caller"
    )
    rate_limit_chat: RateLimitItem = _setting(
        "30/minute",
        "JACK_RATE_LIMIT_CHAT",
        _limit,
        "messages of one web visitor; ten times that from one address",
    )
    rate_limit_chat_sessions: RateLimitItem = _setting(
        "20/minute", "JACK_RATE_LIMIT_CHAT_SESSIONS", _limit, "new web chats from one address"
    )
    rate_limit_webhooks: RateLimitItem = _setting(
        "30000/minute", "JACK_RATE_LIMIT_WEBHOOKS", _limit, "webhook requests from one address"
    )
    rate_limit_webhooks_refused: RateLimitItem = _setting(
        "60/minute",
        "JACK_RATE_LIMIT_WEBHOOKS_REFUSED",
        _limit,
        "refused ones, such as without a right signature; then none is taken from that address",
    )
    login_failures: RateLimitItem = _setting(
        "10/15 minute", "JACK_LOGIN_FAILURES", _limit, "failed sign-ins for one account"
    )
    login_failures_address: RateLimitItem = _setting(
        "30/15 minute", "JACK_LOGIN_FAILURES_ADDRESS", _limit, "failed sign-ins from one address"
    )
    password_reset_mails: RateLimitItem = _setting(
        "3/hour",
        "JACK_LOGIN_LETTERS",
        _limit,
        "password reset e-mails for one account",
    )
    token_hours: int = _setting(
        "24", "JACK_TOKEN_HOURS", _between(1, 720), "hours until a sign-in ends"
    )
    trusted_proxies: int = _setting(
        "0", "JACK_TRUSTED_PROXIES", _between(0, 9), "proxies in front whose X-Forwarded-For counts"
    )
    accel_redirect: str = _setting(
        "", "JACK_ACCEL_REDIRECT", _location, "location of nginx that is the instance folder"
    )
    trusted_hosts: tuple[str, ...] = _setting(
        "", "JACK_TRUSTED_HOSTS", _words, "host names to answer to; empty for any"
    )
    cors_origins: tuple[str, ...] = _setting(
        "", "JACK_CORS_ORIGINS", _origins, "web origins whose pages may call the API"
    )
    webhook_hosts: tuple[str, ...] = _setting(
        "",
        "JACK_WEBHOOK_HOSTS",
        _words,
        "hosts, or host:port, to which webhooks may go without https or on a private network",
    )
    push_hosts: tuple[str, ...] = _setting(
        "", "JACK_PUSH_HOSTS", _words, "push services beside those on the public internet, as above"
    )
    write_deadline: int = _setting(
        "5", "JACK_WRITE_DEADLINE", _between(1, 60), "seconds a write waits for its turn before 503"
    )
    worker: bool = _setting(
        "1", "JACK_WORKER", _flag, "0: the background work runs elsewhere, as `bin/jack work`"
    )
    backup_command: str | None = _setting(
        "", "JACK_BACKUP_COMMAND", _optional, "copies $JACK_BACKUP_FILE off the machine"
    )
    backup_recipients: tuple[str, ...] = _setting(
        "",
        "JACK_BACKUP_RECIPIENTS",
        setting_values.recipients,
        "public keys of age that encrypt backups",
    )
    metrics: tuple[str, int] | None = _setting(
        "",
        "JACK_METRICS",
        setting_values.address,
        "address and port where /metrics is served; empty for none",
    )
    log: str = _setting(
        "text",
        "JACK_LOG",
        setting_values.log_format,
        "json: one object a line, and a line a request",
    )
    audit_syslog: audit_syslog.Target | None = _setting(
        "", "JACK_AUDIT_SYSLOG", audit_syslog.target, "syslog that gets the audit log, too"
    )
    secret: str | None = _setting(
        "",
        "JACK_SECRET_KEY",
        _optional,
        "signing key, 32 characters or more; made by the first start if absent",
    )

    @property
    def database(self) -> Path:
        """The database file."""
        return self.instance / "jack.db"

    @property
    def worker_lock(self) -> Path:
        """Locked by the process that runs the worker; `worker.sock` beside it is its bell."""
        return self.instance / "worker.lock"

    @property
    def public_path(self) -> str:
        """The path of the public URL, that Jack is below: `/jack`, or empty."""
        return urlsplit(self.public_url or "").path

    @property
    def base_url(self) -> str:
        """Where links point to."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 (compared, not bound)
        return self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def environment() -> dict[str, str]:
    """The process's environment, on top of a `.env` (beside `app.py`; of a wheel where one is) and of the settings of the service this Jack runs as.

    Raises BadSetting where there is such a service and its folder cannot be told.
    """
    from_file = {name: value or "" for name, value in dotenv_values(home() / ".env").items()}
    try:
        service = service_unit.settings(INSTALLATION, os.environ)
    except ValueError as error:
        raise BadSetting(str(error)) from None
    return {**from_file, **service, **os.environ}


def read(given: Mapping[str, str] | None = None) -> Config:
    """The settings of an environment; by default `environment()`. Raises BadSetting."""
    if given is None:
        given = environment()
    values: dict[str, Any] = {}
    for setting in fields(Config):
        name = setting.metadata["name"]
        text = given.get(name) or setting.metadata["default"]
        try:
            values[setting.name] = setting.metadata["parse"](text.strip())
        except ValueError as error:
            hidden = "PASSWORD" in name or "SECRET" in name
            shown = "" if hidden else f"={without_credentials(text)!r}"
            raise BadSetting(f"{name}{shown}: {error}") from None
    return _checked(Config(**values))


def _checked(config: Config) -> Config:
    if bool(config.admin_email) != bool(config.admin_password):
        raise BadSetting("JACK_ADMIN_EMAIL and JACK_ADMIN_PASSWORD: set both or neither")
    if config.secret is not None:
        check_secret(config.secret, "JACK_SECRET_KEY")
    return config


def check_secret(secret: str, name: str) -> None:
    """Raise BadSetting, naming where it stands, for a signing key that could be guessed."""
    if len(secret) < 32 or secret.lower() in PLACEHOLDERS or len(set(secret)) < 8:
        raise BadSetting(f"{name}: too weak; leave it out and the first start makes a good one")
