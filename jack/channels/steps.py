"""The steps of testing an account: each is reported when it begins and when it ends, so that a silent one can be named."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, NotRequired, TypedDict

StepName = Literal[
    "look_up",
    "connect",
    "encrypt",
    "greet",
    "sign_in",
    "open_folder",
    "credentials",
    "api_key",
    "hand_over",
]


class Report(TypedDict):
    """A step that has begun (`silent` is what to say of it if it never ends) or ended (`ok`, `message`, `ms`)."""

    name: str
    silent: NotRequired[str]
    ok: NotRequired[bool]
    message: NotRequired[str]
    ms: NotRequired[int]


# What a step says when it has succeeded, and when nothing came back. `{}` is where: a host, a server, a folder.
TEXTS: dict[StepName, tuple[str, str]] = {
    "look_up": ("{} has an address.", "The name service does not answer when asked for {}."),
    "connect": ("{} accepts the connection.", "{} does not answer: nobody accepts the connection."),
    "encrypt": (
        "The connection to {} is encrypted; the certificate is valid.",
        "{} accepts the connection, then stays silent: no encryption is agreed. Is the port right?",
    ),
    "greet": (
        "{} greets as a mail server does.",
        "{} accepts the connection, then stays silent. Are port and security right?",
    ),
    "sign_in": ("{} accepts the sign-in.", "{} does not answer the sign-in."),
    "open_folder": ("{} can be opened.", "The server does not answer when asked to open {}."),
    "credentials": ("{} accepts the credentials.", "{} does not answer the request."),
    "hand_over": ("{} has taken the mail.", "{} does not answer when it is given the mail."),
    "api_key": ("{} accepts the API key.", "{} does not answer the request with the API key."),
}


def unreported(report: Report) -> None:
    """For a connection that is no test."""


class Steps:
    """The steps at one server, one after another: beginning one says that the one before has succeeded.

    `server` is what their names begin with: `imap`, `smtp`, `api`.
    """

    def __init__(self, server: str, report: Callable[[Report], None] = unreported) -> None:
        self._server, self._report = server, report
        self._name, self._done, self._since = "", "", 0.0

    def begin(self, name: StepName, where: str) -> None:
        """Begin a step at a host, a server or a folder."""
        self.finish()
        done, silent = TEXTS[name]
        self._name, self._done = f"{self._server}.{name}", done.format(where)
        self._since = time.monotonic()
        self._report({"name": self._name, "silent": silent.format(where)})

    def finish(self, message: str | None = None) -> None:
        """The step that has begun has succeeded."""
        self._end(True, message or self._done)

    def fail(self, message: str) -> None:
        """The step that has begun has failed, and no other follows."""
        self._end(False, message)

    def _end(self, ok: bool, message: str) -> None:
        if self._name:
            ms = round((time.monotonic() - self._since) * 1000)
            self._report({"name": self._name, "ok": ok, "message": message, "ms": ms})
        self._name = ""
