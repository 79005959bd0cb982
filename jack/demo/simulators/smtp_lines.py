"""As much of SMTP as it takes to hand over a mail after signing in."""

from __future__ import annotations

import base64
import binascii
import re
import socket
from collections.abc import Callable

from jack.demo.simulators.mail_lines import Lines


class SmtpLines(Lines):
    """One client that hands over mails."""

    def __init__(
        self,
        connection: socket.socket,
        login: Callable[[str, str], bool],
        take: Callable[[list[str], bytes], None],
    ) -> None:
        super().__init__(connection)
        self.login, self.take = login, take
        self.known = False
        self.recipients: list[str] = []

    def greeting(self) -> None:
        """Who answers."""
        self.say("220 peer.example ESMTP")

    def hear(self, line: str) -> bool:
        """One command."""
        word, _, rest = line.partition(" ")
        match word.upper():
            case "EHLO" | "HELO":
                self.say(
                    "250-peer.example", "250-8BITMIME", "250-SIZE 26214400", "250 AUTH PLAIN LOGIN"
                )
            case "AUTH":
                self._auth(rest)
            case "MAIL" | "RCPT" | "DATA" if not self.known:
                self.say("530 5.7.0 Authentication required")
            case "MAIL":
                self.recipients = []
                self.say("250 2.1.0 Ok")
            case "RCPT":
                self._recipient(rest)
            case "DATA":
                self._data()
            case "RSET" | "NOOP":
                self.say("250 2.0.0 Ok")
            case "QUIT":
                self.say("221 2.0.0 Bye")
                return False
            case _:
                self.say("502 5.5.2 What?")
        return True

    def _auth(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, name, password = (_decoded(first or self._asked("")).split("\0") + ["", ""])[:3]
        else:
            name = _decoded(first or self._asked("VXNlcm5hbWU6"))
            password = _decoded(self._asked("UGFzc3dvcmQ6"))
        self.known = self.login(name, password)
        self.say("235 2.7.0 Welcome" if self.known else "535 5.7.8 Wrong name or password")

    def _asked(self, for_what: str) -> str:
        self.say(f"334 {for_what}")
        return self.line()

    def _recipient(self, rest: str) -> None:
        found = re.search(r"<([^<>]+@[^<>]+)>", rest)
        if found is None:
            self.say("501 5.1.3 Bad address")
            return
        self.recipients.append(found[1])
        self.say("250 2.1.5 Ok")

    def _data(self) -> None:
        if not self.recipients:
            self.say("503 5.5.1 For whom?")
            return
        self.say("354 Go on")
        raw = bytearray()
        while (line := self.stream.readline()) not in (b".\r\n", b""):
            raw += line[1:] if line.startswith(b".") else line
        if line:
            self.take(self.recipients, bytes(raw))
            self.say("250 2.0.0 Taken")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, ValueError):
        return ""
