"""IMAP: a folder of the hotel's mailbox, opened read-only. Failures of the server are raised as MailboxError."""

from __future__ import annotations

import base64
import imaplib
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jack.channels.mail.message_ids import without_addresses
from jack.channels.mail.server import (
    Server,
    connect,
    connection_failure,
    login_refused,
    tls_context,
)
from jack.channels.results import Broken, Retry
from jack.channels.steps import Steps

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

HEADERS = 65_536  # bytes of a mail's beginning, when only its headers are wanted

UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


class MailboxError(Exception):
    """The server cannot be reached or returned an error; `result` is the same for the account."""

    def __init__(self, result: Retry | Broken) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True, slots=True)
class MailSummary:
    """What is known of a mail before it is fetched: its UID, its size in bytes, when the server received it."""

    uid: int
    size: int
    received_at: datetime


class _Imap(imaplib.IMAP4):
    """IMAP over a connection that there is already."""

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self._given = connection
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._given


class Mailbox:
    """An open folder: its UIDVALIDITY (`validity`) and UIDNEXT (`next`), its mails and their contents."""

    def __init__(self, imap: imaplib.IMAP4, server: Server, folder: str) -> None:
        self._imap, self._server = imap, server
        with self._errors_translated():
            status, _ = imap.select(_folder_name(folder), readonly=True)
            if status != "OK":
                raise MailboxError(Broken(f"There is no folder {folder} in the mailbox."))
            self.validity = self._number("UIDVALIDITY")
            self.next = self._number("UIDNEXT")

    def search(self, after: int, since: datetime | None) -> list[int]:
        """The UIDs above `after`, oldest first; with `since` only of mails received on that day or later."""
        days = ("SINCE", since.strftime("%d-%b-%Y")) if since else ()
        with self._errors_translated():
            status, found = self._imap.uid("SEARCH", "UID", f"{after + 1}:*", *days)
            self._require_ok(status)
        words = b" ".join(line for line in found if isinstance(line, bytes)).split()
        # "n:*" includes the last mail even when its UID is lower than n.
        return sorted({int(word) for word in words if int(word) > after})

    def summaries(self, uids: list[int]) -> dict[int, MailSummary]:
        """Summaries of these mails by UID; deleted ones are left out."""
        if not uids:
            return {}
        with self._errors_translated():
            numbers = ",".join(map(str, uids))
            status, found = self._imap.uid("FETCH", numbers, "(UID RFC822.SIZE INTERNALDATE)")
            self._require_ok(status)
        lines = [line for line in found if isinstance(line, bytes)]
        return {one.uid: one for line in lines if (one := _summary(line))}

    def mail(self, uid: int) -> bytes | None:
        """A whole mail, which is not marked as read; None when it has been deleted."""
        return self._fetched(uid, "BODY.PEEK[]")

    def headers(self, uid: int) -> bytes | None:
        """The first 64 kB of a mail, for its headers; None when it has been deleted."""
        return self._fetched(uid, f"BODY.PEEK[]<0.{HEADERS}>")

    def _fetched(self, uid: int, what: str) -> bytes | None:
        with self._errors_translated():
            status, found = self._imap.uid("FETCH", str(uid), f"(UID {what})")
            self._require_ok(status)
        pairs = [pair for pair in found if isinstance(pair, tuple)]
        return next((bytes(pair[1]) for pair in pairs if b"BODY[]" in pair[0]), None)

    def _number(self, name: str) -> int:
        _, found = self._imap.response(name)
        return int(found[0]) if found and found[0] else 0

    def _require_ok(self, status: str) -> None:
        if status != "OK":
            raise MailboxError(Retry(f"{self._server.address} could not read the mailbox."))

    def _errors_translated(self) -> _ErrorsTranslated:
        return _ErrorsTranslated(self._server)


class _ErrorsTranslated:
    """A context in which errors of the connection are raised as MailboxError."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
            text = without_addresses(str(error))
            raise MailboxError(Retry(f"{self._server.address} says: {text}")) from error
        if isinstance(error, OSError | imaplib.IMAP4.abort | ValueError):
            raise MailboxError(connection_failure(error, self._server)) from error


@contextmanager
def open_mailbox(server: Server, folder: str, steps: Steps | None = None) -> Iterator[Mailbox]:
    """The folder, after signing in as the settings say. Raises MailboxError."""
    steps = steps or Steps("imap")
    with _ErrorsTranslated(server):
        connection = connect(server, steps)
        steps.begin("greet", server.address)
        imap = _Imap(connection, server)
    try:
        with _ErrorsTranslated(server):
            if server.security == "starttls":
                steps.begin("encrypt", server.address)
                _starttls(imap, server)
            steps.begin("sign_in", server.address)
            _login(imap, server)
        steps.begin("open_folder", folder)
        yield Mailbox(imap, server, folder)
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()
    finally:
        with suppress(OSError):
            imap.shutdown()


def check(server: Server, folder: str, steps: Steps) -> Retry | Broken | None:
    """Sign in, open the folder and log out: what is wrong, or None."""
    try:
        with open_mailbox(server, folder, steps):
            steps.finish()
    except MailboxError as found:
        steps.fail(found.result.error)
        return found.result
    return None


def _starttls(imap: imaplib.IMAP4, server: Server) -> None:
    if "STARTTLS" not in imap.capabilities:
        raise MailboxError(Broken(f"{server.address} offers no encryption (STARTTLS)."))
    imap.starttls(tls_context())


def _login(imap: imaplib.IMAP4, server: Server) -> None:
    """Sign in. A refusal is Broken, except for the temporary codes of RFC 5530, which are Retry."""
    try:
        if server.token:
            # Before a refusal the server sends details, which have to be acknowledged with an empty line.
            responses = iter([server.xoauth2.encode()])
            imap.authenticate("XOAUTH2", lambda _: next(responses, b""))
        elif (server.username + server.password).isascii():
            imap.login(server.username, server.password)
        else:
            plain = f"\0{server.username}\0{server.password}".encode()
            imap.authenticate("PLAIN", lambda _: plain)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if "UNAVAILABLE" in str(error) or "INUSE" in str(error) or "LIMIT" in str(error):
            raise MailboxError(Retry(f"{server.address} cannot sign anybody in now.")) from error
        raise MailboxError(login_refused(server)) from error


def _summary(line: bytes) -> MailSummary | None:
    uid, size, date = UID.search(line), SIZE.search(line), DATE.search(line)
    if uid is None or size is None:
        return None
    return MailSummary(int(uid[1]), int(size[1]), _internal_date(date[1].decode() if date else ""))


def _internal_date(text: str) -> datetime:
    """An INTERNALDATE (`17-Jul-2026 02:44:25 -0700`); now, when it is none."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _folder_name(folder: str) -> str:
    """A folder's name in IMAP's form: quoted, in modified UTF-7 (RFC 3501, 5.1.3)."""
    coded = NOT_ASCII.sub(lambda found: _utf7(found[0]), folder.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> str:
    coded = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=")
    return f"&{coded.replace('/', ',')}-"
