"""How granian serves Jack: `python deploy/granian_server.py` needs nothing else.

Read from the environment, or from `.env` beside `app.py`: JACK_BIND (such as unix:/run/jack/jack.sock), else JACK_HOST and
PORT; WEB_CONCURRENCY, the number of worker processes. A socket that systemd holds (LISTEN_FDS) counts before these, and systemd is
told when there is one to connect to (NOTIFY_SOCKET): sd_listen_fds(3), sd_notify(3).
"""

import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from granian import cli
from granian.net import SocketHolder
from granian.server import Server

ROOT = Path(__file__).resolve().parent.parent
# Of a wheel, these files are inside the package.
PACKAGE = ROOT / "jack" if (ROOT / "jack").is_dir() else ROOT.parent
# Seconds. Whatever ends sooner cannot serve at all, and says why.
SERVED = 10.0
# The number of the first file that systemd passes on.
HELD = 3
BACKLOG = 2048

# Idle and half-sent connections wait in granian's event loop. Each process does one request at a time.
OPTIONS = (
    *("--interface", "rsgi", "--loop", "asyncio", "--runtime-mode", "st"),
    *("--http", "1", "--no-ws", "--log-level", "warning"),
    *("--backlog", str(BACKLOG), "--backpressure", "8192"),
    *(
        "--http1-header-read-timeout",
        "20000",
    ),  # milliseconds; of a kept connection's next request, too
    *("--workers-kill-timeout", "30", "--respawn-failed-workers"),
    # Seconds from the start of a new process to the end of the old one, on SIGHUP: on a slow machine it listens late.
    *("--respawn-interval", "5"),
)


def address(settings: Mapping[str, str | None]) -> tuple[str, ...]:
    """Where to listen."""
    bind = settings.get("JACK_BIND") or ""
    if bind.startswith("unix:"):
        return (
            "--uds",
            bind.removeprefix("unix:"),
            "--uds-permissions",
            "0770",
        )  # for nginx's group, too
    if bind:
        host, _, port = bind.rpartition(":")
        return ("--host", host.strip("[]"), "--port", port)
    host, port = settings.get("JACK_HOST") or "127.0.0.1", settings.get("PORT") or "8000"
    return ("--host", host, "--port", port)


def arguments(settings: Mapping[str, str | None]) -> tuple[str, ...]:
    """The arguments of granian's command."""
    workers = ("--workers", settings.get("WEB_CONCURRENCY") or "2")
    return (*OPTIONS, *workers, *address(settings), "wsgi:rsgi")


def is_held() -> bool:
    """Whether systemd gave this process a unix socket that it holds itself."""
    own = os.environ.get("LISTEN_PID") == str(os.getpid())
    return own and os.environ.get("LISTEN_FDS") == "1"


class SystemdServer(Server):
    """granian's server, on the socket that systemd holds where it does, and telling systemd that it listens."""

    def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
        """End, at the first signal that asks for it."""
        ignore_signals()
        super().signal_handler_interrupt(*args, **kwargs)

    def _init_shared_socket(self) -> None:
        if is_held():
            # A copy, which granian closes at its end: HELD stays open for the program that this one may become.
            self._sso = socket.socket(fileno=os.dup(HELD))
            self._sso.set_inheritable(True)
            self._sfd = self._sso.fileno()
            self._shd = SocketHolder(self._sfd, True, BACKLOG)
            self.bind_uds = None  # at its end it would delete the path
        else:
            super()._init_shared_socket()
        tell_systemd("READY=1")


def ignore_signals() -> None:
    """Ignore what else asks this process to end: Python gives up its handlers before it has ended, and would die of it."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def tell_systemd(text: str) -> None:
    """Tell systemd about the state of this service, if it is one of Type=notify."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.connect(path.replace("@", "\0", 1) if path.startswith("@") else path)
            line.sendall(text.encode())


def remove_stale_socket(settings: Mapping[str, str | None]) -> None:
    """Delete the unix socket of a server that was killed. One that somebody listens at is left alone, and refused."""
    path = (settings.get("JACK_BIND") or "").removeprefix("unix:")
    if not path.startswith("/") or not Path(path).is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(path) == 0:
            raise SystemExit(f"Another program listens at {path}.")
    Path(path).unlink()


def check_limits() -> None:
    """Raise the limits of this process and of those it starts. SystemExit, in a line, where they are too low."""
    limits = runpy.run_path(str(PACKAGE / "core/process_limits.py"))
    try:
        limits["ensure"]()
    except limits["LimitTooLow"] as error:
        raise SystemExit(f"Jack cannot start. {error}") from None


def end_when_told() -> None:
    """Undo the handlers of the process that was forked: until a worker has its own, they would ignore a SIGTERM."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def note_signals() -> int:
    """A pipe that gets the number of every signal which this process handles."""
    noted, telling = os.pipe()
    os.set_blocking(noted, False)
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    return noted


def was_told_to_end(noted: int) -> bool:
    """Whether there was a SIGTERM or SIGINT among the signals."""
    try:
        return not {signal.SIGTERM, signal.SIGINT}.isdisjoint(os.read(noted, 4096))
    except BlockingIOError:
        return False


def main() -> None:
    """Become the server. Jack itself is not imported here: what the first process imports, SIGHUP cannot renew."""
    os.chdir(ROOT)
    sys.path[0] = str(ROOT)
    check_limits()
    os.register_at_fork(after_in_child=end_when_told)
    settings = {**dotenv_values(ROOT / ".env"), **os.environ}
    if not is_held():
        remove_stale_socket(settings)
    cli.Server = SystemdServer
    sys.argv = ["granian", *arguments(settings)]
    noted, began = note_signals(), time.monotonic()
    try:
        cli.entrypoint()
    except SystemExit as ended:
        if ended.code != 1 or was_told_to_end(noted) or time.monotonic() - began < SERVED:
            raise
    else:
        return
    # granian gives up when one of its processes dies twice within 5.5 seconds; nobody may be there to start it again.
    sys.stderr.write("Starting again ...\n")
    script = str(ROOT / "deploy/granian_server.py")
    os.execv(sys.executable, (sys.executable, script))  # noqa: S606 (no shell is meant)


if __name__ == "__main__":
    main()
