"""As much of IMAP as it takes to read a mailbox: log in, select, search and fetch by UID."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from jack.demo.simulators.mail_lines import Lines

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
ITEM = re.compile(
    r"BODY(?:\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?|RFC822\.SIZE|INTERNALDATE|FLAGS|UID"
)


class Stored(Protocol):
    """A mail that is there."""

    @property
    def uid(self) -> int: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def at(self) -> float: ...


class ImapLines(Lines):
    """One client that reads."""

    def __init__(
        self,
        connection: socket.socket,
        login: Callable[[str, str], bool],
        mails: Callable[[], Sequence[Stored]],
        uidvalidity: int,
    ) -> None:
        super().__init__(connection)
        self.login, self.mails, self.uidvalidity = login, mails, uidvalidity
        self.known = False

    def greeting(self) -> None:
        """Who answers."""
        self.say("* OK [CAPABILITY IMAP4rev1] peer.example")

    def hear(self, line: str) -> bool:
        """One command."""
        tag, _, rest = line.partition(" ")
        word, _, rest = rest.partition(" ")
        word = word.upper()
        if word == "LOGOUT":
            self.say("* BYE", f"{tag} OK Bye")
            return False
        self.say(*self._answer(tag, word, rest))
        return True

    def _answer(self, tag: str, word: str, rest: str) -> list[str]:
        if word == "CAPABILITY":
            return ["* CAPABILITY IMAP4rev1", f"{tag} OK Done"]
        if word == "LOGIN":
            name, password, *_ = [*_words(rest), "", ""]
            self.known = self.login(name, password)
            wrong = "NO [AUTHENTICATIONFAILED] Wrong name or password"
            return [f"{tag} OK Welcome" if self.known else f"{tag} {wrong}"]
        if not self.known:
            return [f"{tag} BAD Log in first"]
        if word in ("SELECT", "EXAMINE"):
            return self._selected(tag, rest)
        if word == "UID":
            return self._by_uid(tag, rest)
        return [
            f"{tag} OK Done"
            if word in ("NOOP", "CLOSE", "UNSELECT", "CHECK")
            else f"{tag} BAD What?"
        ]

    def _selected(self, tag: str, rest: str) -> list[str]:
        if _words(rest)[:1] != ["INBOX"]:
            return [f"{tag} NO [NONEXISTENT] No such folder"]
        mails = self.mails()
        following = mails[-1].uid + 1 if mails else 1
        return [
            f"* {len(mails)} EXISTS",
            f"* OK [UIDVALIDITY {self.uidvalidity}]",
            f"* OK [UIDNEXT {following}]",
            f"{tag} OK [READ-ONLY]",
        ]

    def _by_uid(self, tag: str, rest: str) -> list[str]:
        word, _, rest = rest.partition(" ")
        if word.upper() == "SEARCH":
            found = " ".join(str(mail.uid) for mail in self._searched(rest))
            return [f"* SEARCH {found}".rstrip(), f"{tag} OK Done"]
        if word.upper() == "FETCH":
            wanted, _, items = rest.partition(" ")
            for number, mail in enumerate(self.mails(), 1):
                if mail.uid in _numbers(wanted, self.mails()):
                    self._fetched(number, mail, items)
            return [f"{tag} OK Done"]
        return [f"{tag} BAD What?"]

    def _searched(self, rest: str) -> list[Stored]:
        mails = list(self.mails())
        if found := re.search(r"(?:UID )?(\d+:\*|[\d,:]+)$", rest):
            wanted = _numbers(found[1], mails)
            return [mail for mail in mails if mail.uid in wanted]
        if found := re.search(r'SINCE "?([\w-]+)"?', rest):
            day = datetime.strptime(found[1], "%d-%b-%Y").replace(tzinfo=UTC)
            return [mail for mail in mails if mail.at >= day.timestamp()]
        return mails

    def _fetched(self, number: int, mail: Stored, items: str) -> None:
        """One mail: literals are bytes with their length before them."""
        told = [b"UID %d" % mail.uid]
        for item in ITEM.finditer(items):
            name = item[0].upper()
            if name == "RFC822.SIZE":
                told.append(b"RFC822.SIZE %d" % len(mail.raw))
            elif name == "INTERNALDATE":
                moment = datetime.fromtimestamp(mail.at, UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
                told.append(f'INTERNALDATE "{moment}"'.encode())
            elif name == "FLAGS":
                told.append(b"FLAGS ()")
            elif name != "UID":
                told.append(_literal(mail.raw, item))
        self.stream.write(b"* %d FETCH (" % number + b" ".join(told) + b")\r\n")


def _literal(raw: bytes, item: re.Match[str]) -> bytes:
    part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if item[1] else raw
    label = f"BODY[{item[1] or ''}]"
    if item[2] is not None:
        first, length = int(item[2]), int(item[3])
        part, label = part[first:][:length], f"{label}<{first}>"
    return b"%s {%d}\r\n" % (label.encode(), len(part)) + part


def _words(text: str) -> list[str]:
    found = (one[1] if one[1] is not None else one[2] for one in QUOTED.finditer(text))
    return [re.sub(r"\\(.)", r"\1", word) for word in found]


def _numbers(text: str, mails: Sequence[Stored]) -> set[int]:
    """The UIDs a set names; `n:*` has the last one in it even when n is beyond that."""
    last = mails[-1].uid if mails else 0
    found: set[int] = set()
    for part in text.split(","):
        first, _, end = part.partition(":")
        low, high = (last if one == "*" else int(one) for one in (first, end or first))
        found |= {mail.uid for mail in mails if min(low, high) <= mail.uid <= max(low, high)}
    return found
