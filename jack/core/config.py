"""Every setting: name, default, check. Read once at the start; for a bad one BadSetting names it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from limits import RateLimitItem, parse

from jack.core import public_url as public_urls
from jack.core.service_unit import Installed, installed

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
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
    return path if path.is_absolute() else ROOT / path


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
    trusted_hosts: tuple[str, ...] = _setting(
        "", "JACK_TRUSTED_HOSTS", _words, "host names to answer to; empty for any"
    )
    cors_origins: tuple[str, ...] = _setting(
        "", "JACK_CORS_ORIGINS", _origins, "web origins whose pages may call the API"
    )
    write_deadline: int = _setting(
        "5", "JACK_WRITE_DEADLINE", _between(1, 60), "seconds a write waits for its turn before 503"
    )
    worker: bool = _setting(
        "1", "JACK_WORKER", _flag, "0: the background work runs elsewhere, as `bin/jack work`"
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
        """Locked by the process that runs the worker, which touches it every second."""
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
    """The process's environment, on top of a `.env` beside `app.py` and of the settings of the service this Jack runs as.

    Raises BadSetting where there is such a service and its folder cannot be told.
    """
    from_file = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    service = None if os.environ.get("JACK_INSTANCE") else installed(ROOT)
    # Where this is a process of the service itself, systemd has given it all of them.
    if service is None or (
        "INVOCATION_ID" in os.environ and service.settings.items() <= os.environ.items()
    ):
        return {**from_file, **os.environ}
    folder = service.settings.get("JACK_INSTANCE", "")
    if service.unreadable:
        _refuse_unreadable(service)
    if "%" in folder:
        raise BadSetting(f"JACK_INSTANCE={folder!r}: what {service.name} means by it is known to systemd only; "
                         "say it yourself, such as JACK_INSTANCE=/var/lib/jack")  # fmt: skip
    return {**from_file, **service.settings, **os.environ}


def _refuse_unreadable(service: Installed) -> None:
    files, user = " and ".join(service.unreadable), service.user or "root"
    folder = service.settings.get("JACK_INSTANCE", "the folder")
    raise BadSetting(
        f"Jack is installed here as {service.name}, with settings in {files}, which you may not read. "
        f"Let {user} read it (chgrp {user} {files}; chmod 640 {files}), and type this as that user (sudo -u {user} …); "
        f"or say which folder is meant: JACK_INSTANCE={folder}"
    )


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
            shown = "" if "PASSWORD" in name or "SECRET" in name else f"={text!r}"
            raise BadSetting(f"{name}{shown}: {error}") from None
    return _checked(Config(**values))


def _checked(config: Config) -> Config:
    if bool(config.admin_email) != bool(config.admin_password):
        raise BadSetting("JACK_ADMIN_EMAIL and JACK_ADMIN_PASSWORD: set both or neither")
    if config.secret is not None:
        _check_secret(config.secret, "JACK_SECRET_KEY")
    return config


def _check_secret(secret: str, name: str) -> None:
    if len(secret) < 32 or secret.lower() in PLACEHOLDERS or len(set(secret)) < 8:
        raise BadSetting(f"{name}: too weak; leave it out and the first start makes a good one")


def secret_key(config: Config) -> str:
    """The signing key: as configured, or 32 random bytes that the first start writes beside the database, mode 0600."""
    if config.secret is not None:
        return config.secret
    path = config.instance / "secret.key"
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_key(path)
    key = path.read_text(encoding="ascii").strip()
    _check_secret(key, str(path))
    return key


def _make_key(path: Path) -> None:
    """Write a key unless there is one. Of several processes at once one succeeds, and none reads half a key."""
    if path.exists():
        return
    temporary = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(32).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
