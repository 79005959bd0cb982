"""A run of the suite: it makes the calls one after another and tells a line for each."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import httpx

from jack.operations.conformance.answers import Answer, Server
from jack.operations.conformance.calls import NO_STAFF_TOKEN, STEPS
from jack.operations.conformance.checks import (
    STANDARD_LIMIT,
    Check,
    common,
    listed,
    refused,
    success,
)
from jack.operations.terminal import CommandRefused

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENT_FOR = 3  # calls without an answer
OK, DIFFERS, LEFT_OUT = "ok", "differs", "left out"


class Run:
    """The server, what is known of it so far, and how many calls were answered how."""

    def __init__(
        self,
        url: str,
        *,
        token: str,
        tell: Callable[[str], None],
        staff_token: str | None = None,
        conversation: str | None = None,
        setting: str = "hotel",
    ) -> None:
        self.caller = Server(url, token)
        self.colleague = Server(url, staff_token) if staff_token else None
        self.stranger = Server(url, None)
        self.forger = Server(url, secrets.token_hex(16))
        self.conversation, self.setting, self._tell = conversation, setting, tell
        self.ids: dict[str, object] = {}
        self._silent = 0
        self.count = {OK: 0, DIFFERS: 0, LEFT_OUT: 0}

    def everything(self) -> bool:
        """Make every call; whether nothing differs."""
        try:
            for step in STEPS:
                step(self)
        finally:
            for server in (self.caller, self.colleague, self.stranger, self.forger):
                if server is not None:
                    server.close()
        self._tell(", ".join(f"{number} {word}" for word, number in self.count.items()))
        return not self.count[DIFFERS]

    def ask(
        self,
        method: str,
        path: str,
        *checks: Check,
        body: object = None,
        by: Server | None = None,
        note: str = "",
    ) -> Answer | None:
        """Make a call and tell what differs; the answer, or None when there was none."""
        name = f"{method:<6} {path}" + (f" ({note})" if note else "")
        try:
            answer = (by or self.caller).ask(method, path, body)
        except httpx.HTTPError as error:
            self._unanswered(name, error)
            return None
        self._judge(name, [said for check in (common, *checks) for said in check(answer)])
        return answer

    def listed(self, path: str, *checks: Check) -> list[dict[str, object]]:
        """Ask for a list; its rows."""
        answer = self.ask("GET", path, success, listed, *checks)
        return answer.rows if answer else []

    def first(self, path: str) -> object:
        """The id of the first in a list."""
        rows = self.listed(path)
        return rows[0].get("id") if rows else None

    def forbidden(self, method: str, path: str, body: object) -> None:
        """A call that only administrators may make, made by somebody else."""
        if self.colleague is None:
            self.left_out(f"{method:<6} {path} (not as an administrator)", NO_STAFF_TOKEN)
            return
        note = "not as an administrator"
        self.ask(method, path, refused(403), body=body, by=self.colleague, note=note)

    def until_limited(self, path: str, check: Check) -> None:
        """Ask until it is refused: at the latest after the requests of two minutes, as a minute may end in between."""
        name = f"GET    {path} (more than {STANDARD_LIMIT} a minute)"
        try:
            for _ in range(2 * STANDARD_LIMIT + 1):
                answer = self.caller.ask("GET", path)
                if answer.status != 200:
                    found = [said for checks in (common, check) for said in checks(answer)]
                    self._judge(name, found)
                    return
        except httpx.HTTPError as error:
            self._unanswered(name, error)
            return
        self.differs(name, f"{2 * STANDARD_LIMIT + 1} requests at once and no 429")

    def _unanswered(self, name: str, error: httpx.HTTPError) -> None:
        self.differs(name, f"no answer: {str(error) or type(error).__name__}")
        self._silent += 1
        if self._silent == PATIENT_FOR:
            raise CommandRefused(f"Stopped: {PATIENT_FOR} calls had no answer.")

    def differs(self, name: str, what: str) -> None:
        """Tell that a call is not answered as the reference says."""
        self._judge(name, [what])

    def left_out(self, name: str, why: str) -> None:
        """Tell that a call cannot be made, and why."""
        self._say(LEFT_OUT, f"{name}: {why}")

    def _judge(self, name: str, found: list[str]) -> None:
        self._say(DIFFERS if found else OK, f"{name}: {'; '.join(found)}" if found else name)

    def _say(self, word: str, line: str) -> None:
        self.count[word] += 1
        self._tell(f"{word:<9} {line}")
