"""IMAP: a folder of the hotel's mailbox, only ever read. What goes wrong with the server is raised as Trouble."""

from __future__ import annotations

import base64
import imaplib
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jack.channels.mail.message_ids import without_addresses
from jack.channels.mail.server import SECONDS, Server, context, in_words, wrong_login
from jack.channels.results import Broken, Retry

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = 65_536  # bytes of a mail's beginning, when only its headers are wanted

UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


class Trouble(Exception):
    """The server cannot be reached, or not be spoken with; `result` says so to the staff."""

    def __init__(self, result: Retry | Broken) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a mail before it is fetched: its UID, its size in bytes, when it came."""

    uid: int
    size: int
    came: datetime


class Mailbox:
    """An open folder: what its numbers are (`validity`, the `next` one), which mails there are, what they say."""

    def __init__(self, imap: imaplib.IMAP4, server: Server, folder: str) -> None:
        self._imap, self._server = imap, server
        with self._speaking():
            answer, _ = imap.select(_named(folder), readonly=True)
            if answer != "OK":
                raise Trouble(Broken(f"There is no folder {folder} in the mailbox."))
            self.validity = self._number("UIDVALIDITY")
            self.next = self._number("UIDNEXT")

    def search(self, after: int, since: datetime | None) -> list[int]:
        """The UIDs after one, oldest first; only of mails that came on that day or later."""
        days = ("SINCE", since.strftime("%d-%b-%Y")) if since else ()
        with self._speaking():
            answer, found = self._imap.uid("SEARCH", "UID", f"{after + 1}:*", *days)
            self._expect(answer)
        words = b" ".join(line for line in found if isinstance(line, bytes)).split()
        # "n:*" is the last mail even when its number is lower than n.
        return sorted({int(word) for word in words if int(word) > after})

    def notes(self, uids: list[int]) -> dict[int, Note]:
        """What is known of these mails; those that are gone are left out."""
        if not uids:
            return {}
        with self._speaking():
            numbers = ",".join(map(str, uids))
            answer, found = self._imap.uid("FETCH", numbers, "(UID RFC822.SIZE INTERNALDATE)")
            self._expect(answer)
        lines = [line for line in found if isinstance(line, bytes)]
        return {note.uid: note for line in lines if (note := _note(line))}

    def mail(self, uid: int) -> bytes | None:
        """A whole mail, unread as before; None when it is gone."""
        return self._fetched(uid, "BODY.PEEK[]")

    def headers(self, uid: int) -> bytes | None:
        """The beginning of a mail, which holds its headers; None when it is gone."""
        return self._fetched(uid, f"BODY.PEEK[]<0.{HEADERS}>")

    def _fetched(self, uid: int, what: str) -> bytes | None:
        with self._speaking():
            answer, found = self._imap.uid("FETCH", str(uid), f"(UID {what})")
            self._expect(answer)
        pairs = [pair for pair in found if isinstance(pair, tuple)]
        return next((bytes(pair[1]) for pair in pairs if b"BODY[]" in pair[0]), None)

    def _number(self, name: str) -> int:
        _, found = self._imap.response(name)
        return int(found[0]) if found and found[0] else 0

    def _expect(self, answer: str) -> None:
        if answer != "OK":
            raise Trouble(Retry(f"{self._server.where} could not read the mailbox."))

    def _speaking(self) -> _Speaking:
        return _Speaking(self._server)


class _Speaking:
    """While in here, what the connection raises is Trouble."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
            says = without_addresses(str(error))
            raise Trouble(Retry(f"{self._server.where} says: {says}")) from error
        if isinstance(error, OSError | imaplib.IMAP4.abort | ValueError):
            raise Trouble(in_words(error, self._server)) from error


@contextmanager
def opened(server: Server, folder: str) -> Iterator[Mailbox]:
    """The folder, signed in as the settings say. Raises Trouble."""
    with _Speaking(server):
        imap = _connected(server)
    try:
        with _Speaking(server):
            if server.security == "starttls":
                _starttls(imap, server)
            _sign_in(imap, server)
        yield Mailbox(imap, server, folder)
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()
    finally:
        with suppress(OSError):
            imap.shutdown()


def trouble(server: Server, folder: str) -> Retry | Broken | None:
    """Sign in, look at the folder and leave again: what is wrong, or None."""
    try:
        with opened(server, folder):
            return None
    except Trouble as found:
        return found.result


def _connected(server: Server) -> imaplib.IMAP4:
    if server.security == "tls":
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context(), timeout=SECONDS)
    return imaplib.IMAP4(server.host, server.port, timeout=SECONDS)


def _starttls(imap: imaplib.IMAP4, server: Server) -> None:
    if "STARTTLS" not in imap.capabilities:
        raise Trouble(Broken(f"{server.where} offers no encryption (STARTTLS)."))
    imap.starttls(context())


def _sign_in(imap: imaplib.IMAP4, server: Server) -> None:
    """Sign in. A refusal is for the account; only "not now" (RFC 5530) is for a while."""
    try:
        if server.token:
            # A refusal comes with details first, which have to be acknowledged with nothing.
            said = iter([server.xoauth2.encode()])
            imap.authenticate("XOAUTH2", lambda _: next(said, b""))
        elif (server.username + server.password).isascii():
            imap.login(server.username, server.password)
        else:
            plain = f"\0{server.username}\0{server.password}".encode()
            imap.authenticate("PLAIN", lambda _: plain)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "UNAVAILABLE" in str(error) or "INUSE" in str(error) or "LIMIT" in str(error):
            raise Trouble(Retry(f"{server.where} cannot sign anybody in now.")) from error
        raise Trouble(wrong_login(server)) from error


def _note(line: bytes) -> Note | None:
    uid, size, date = UID.search(line), SIZE.search(line), DATE.search(line)
    if uid is None or size is None:
        return None
    return Note(int(uid[1]), int(size[1]), _moment(date[1].decode() if date else ""))


def _moment(text: str) -> datetime:
    """An INTERNALDATE (`17-Jul-2026 02:44:25 -0700`); now, when it is none."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _named(folder: str) -> str:
    """A folder's name as IMAP wants it: quoted, and other than ASCII in its own UTF-7."""
    coded = NOT_ASCII.sub(lambda found: _utf7(found[0]), folder.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> str:
    coded = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=")
    return f"&{coded.replace('/', ',')}-"
