"""How gunicorn serves Jack: `gunicorn -c deploy/gunicorn.conf.py` needs nothing else.

Read from the environment, or from `.env` beside `app.py`:
JACK_BIND (such as unix:/run/jack/jack.sock), else JACK_HOST and PORT; WEB_CONCURRENCY, the number
of worker processes.
"""

import functools
import json
import os
import runpy
import secrets
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

ROOT = Path(__file__).resolve().parent.parent
# Of a wheel, these files are inside the package.
PACKAGE = ROOT / "jack" if (ROOT / "jack").is_dir() else ROOT.parent
# Jack itself is not imported here: what the first process imports, `kill -HUP` cannot renew.
settings = {**dotenv_values(ROOT / ".env"), **os.environ}

_limits = runpy.run_path(str(PACKAGE / "core/process_limits.py"))
try:
    _limits["ensure"]()
except _limits["LimitTooLow"] as error:
    raise SystemExit(f"Jack cannot start. {error}") from None


def _address() -> str:
    """Where to listen, as gunicorn writes it."""
    host = settings.get("JACK_HOST") or "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class RedactingLogger(Logger):
    """gunicorn's own log on stderr, without addresses, paths and header values: those are guests'."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Without the text of a malformed request."""
        if msg.startswith("Invalid request from"):
            msg, args = "A malformed request was refused.", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """For a request that failed, only the type of the error and the traceback."""
        if not msg.startswith("Error handling request"):
            super().exception(msg, *args, **kwargs)
            return
        kind, _, place = sys.exc_info()
        where = "".join(traceback.format_tb(place))
        self.error("A request failed: %s\n%s", kind.__name__ if kind else "?", where)


def _refuse(client: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer what never reaches Jack, such as a header that is too long, with the API's error envelope."""
    error = {"code": "INTERNAL_ERROR", "message": "Something went wrong."}
    if status != 500:
        message = "The request is not valid HTTP, or its address or headers are too long."
        status, reason = 400, "Bad Request"
        error = {"code": "VALIDATION_ERROR", "message": message}
    error["requestId"] = secrets.token_hex(12)
    body = json.dumps({"success": False, "error": error})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Request-Id: {error['requestId']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(client, (head + body).encode())


util.write_error = _refuse  # gunicorn has no setting for its own HTML page
# A body that is refused for its length is still read to its end: nginx takes a connection that closes while it sends
# for a failure, and answers 502. gunicorn alone would read 64 KiB of it. More than nginx lets through (deploy/nginx.conf).
util.close_graceful = functools.partial(util.close_graceful, max_drain=20 * 1024 * 1024)

_wait_for_signals = Arbiter.wait_for_signals


def _rest(arbiter: Arbiter, timeout: float = 1.0) -> list[int]:
    """The wait between two looks at whether a process hangs: twice as long as gunicorn's. A signal ends it at once."""
    return list(_wait_for_signals(arbiter, 2 * timeout))


Arbiter.wait_for_signals = _rest

wsgi_app = "wsgi:app"
chdir = str(ROOT)
bind = settings.get("JACK_BIND") or f"{_address()}:{settings.get('PORT') or 8000}"
umask = 0o007  # of a unix socket: for the owner and the group, in which nginx is

# Single-threaded processes: threads around SQLite hand the GIL to each other at every row.
worker_class = "sync"
workers = int(settings.get("WEB_CONCURRENCY") or 2)
preload_app = False  # a database connection must not be carried over a fork
http_parser = "auto"  # the C parser where gunicorn_h1c is installed (it needs a compiler)
control_socket_disable = True

timeout = 30
graceful_timeout = 30  # after SIGTERM, requests in flight have this long
# The workers' heartbeat is a file; in memory, so that a slow disk does not make them look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# Only Jack evaluates a proxy's headers (JACK_TRUSTED_PROXIES).
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

logger_class = RedactingLogger
loglevel = "warning"
errorlog = "-"
accesslog = None  # addresses and search words are personal data


def on_exit(_arbiter: Arbiter) -> None:
    """Ignore what else asks gunicorn to end: Python gives up its handlers before it has ended, and would die of it."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
