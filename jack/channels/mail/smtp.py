"""SMTP: sends a mail by the hotel's server; its replies as results."""

from __future__ import annotations

import base64
import re
import smtplib
from contextlib import contextmanager, suppress
from email.errors import MessageError
from typing import TYPE_CHECKING

from jack.channels.mail.compose import compose, recipient
from jack.channels.mail.message_ids import message_id, without_addresses
from jack.channels.mail.server import (
    TIMEOUT_SECONDS,
    Server,
    connect,
    connection_failure,
    login_refused,
    server_of,
    tls_context,
)
from jack.channels.results import Accepted, Broken, Permanent, Result, Retry
from jack.channels.steps import Steps

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from jack.channels.types import Account, OutboundMessage

LOGIN_REQUIRED = frozenset({530, 534, 535, 538})
TOO_LARGE = 552
# Policy refusals (5.7.x) that are about the account, and not about this guest or this text.
ACCOUNT_AT_FAULT = re.compile(
    r"relay|authenti|sign in|log ?in|not allowed to send|sender", re.IGNORECASE
)


class _Refused(Exception):
    """The server has refused; `result` is what that stands for."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


class _Smtp(smtplib.SMTP):
    """SMTP over a connection that there is already."""

    def __init__(self, connection: socket.socket, server: Server, hello: str) -> None:
        self._given = connection
        super().__init__(server.host, server.port, hello, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._given


def send(account: Account, message: OutboundMessage, steps: Steps | None = None) -> Result:
    """Send a mail. A lost connection is always Retry: the mail has the same Message-ID each time."""
    server, steps = server_of(account.settings, "smtp"), steps or Steps("smtp")
    try:
        to = recipient(message.to)
    except ValueError:
        return Permanent("This is not an e-mail address.")
    try:
        with signed_in(server, account.settings["address"], steps) as smtp:
            steps.begin("hand_over", server.address)
            _deliver(smtp, account, message, to)
            steps.finish()
    except _Refused as refused:
        return refused.result
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return connection_failure(error, server)
    domain = account.settings["address"].rpartition("@")[2]
    return Accepted(message_id(message.key, domain))


def try_sending(account: Account, message: OutboundMessage, steps: Steps) -> Result:
    """Send a mail as `send` does, and report each step of it."""
    result = send(account, message, steps)
    if not isinstance(result, Accepted):
        steps.fail(result.error)
    return result


def check(server: Server, address: str, steps: Steps) -> Retry | Broken | None:
    """Sign in and log out: what is wrong, or None."""
    found = _checked(server, address, steps)
    if found is None:
        steps.finish()
    else:
        steps.fail(found.error)
    return found


def _checked(server: Server, address: str, steps: Steps) -> Retry | Broken | None:
    try:
        with signed_in(server, address, steps) as smtp:
            smtp.noop()
    except _Refused as refused:
        found = refused.result
        return found if isinstance(found, Retry | Broken) else Broken("The server refuses.")
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return connection_failure(error, server)
    return None


@contextmanager
def signed_in(server: Server, address: str, steps: Steps | None = None) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and signed in as the settings say."""
    steps = steps or Steps("smtp")
    smtp = _connected(server, address.rpartition("@")[2], steps)
    try:
        if server.security == "starttls":
            steps.begin("encrypt", server.address)
            _starttls(smtp, server)
        if server.token or server.password:
            steps.begin("sign_in", server.address)
            _login(smtp, server)
        yield smtp
        with suppress(OSError, smtplib.SMTPException):  # the server has accepted the mail by now
            smtp.quit()
    finally:
        smtp.close()


def _connected(server: Server, domain: str, steps: Steps) -> smtplib.SMTP:
    """Connect; EHLO names the hotel's domain, since looking up the machine's own name may be slow and discloses it."""
    hello = domain if domain.isascii() else "localhost"
    connection = connect(server, steps)
    steps.begin("greet", server.address)
    try:
        return _Smtp(connection, server, hello)
    except smtplib.SMTPConnectError as error:
        raise _Refused(_meaning(error.smtp_code, error.smtp_error, Broken)) from error


def _starttls(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        smtp.starttls(context=tls_context())
    except smtplib.SMTPNotSupportedError as error:
        raise _Refused(Broken(f"{server.address} offers no encryption (STARTTLS).")) from error
    except smtplib.SMTPResponseException as error:
        raise _Refused(_meaning(error.smtp_code, error.smtp_error, Broken)) from error


def _login(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.token:
            # Before a refusal the server sends details, which have to be acknowledged with an empty line.
            smtp.auth("XOAUTH2", lambda details=None: "" if details else server.xoauth2)
        elif (server.username + server.password).isascii():
            smtp.login(server.username, server.password)
        else:
            _login_in_utf8(smtp, server)
    except smtplib.SMTPNotSupportedError as error:
        raise _Refused(Broken(f"{server.address} offers no way to sign in.")) from error
    except smtplib.SMTPResponseException as error:
        later = 400 <= error.smtp_code < 500
        wrong = Retry(f"{server.address} cannot sign anybody in now.")
        raise _Refused(wrong if later else login_refused(server)) from error


def _login_in_utf8(smtp: smtplib.SMTP, server: Server) -> None:
    """AUTH PLAIN in UTF-8, which smtplib does not support."""
    credentials = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
    code, answer = smtp.docmd("AUTH", f"PLAIN {credentials}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _deliver(smtp: smtplib.SMTP, account: Account, message: OutboundMessage, to: str) -> None:
    smtp.ehlo_or_helo_if_needed()
    address, international = account.settings["address"], not to.isascii()
    if international and not smtp.has_extn("smtputf8"):
        raise _Refused(Permanent("The mail server cannot send to addresses in this script."))
    try:
        mail = compose(account, message, international=international)
    except OSError as error:
        raise _Refused(Permanent("An attached file is no longer there.")) from error
    except (ValueError, MessageError) as error:
        raise _Refused(Permanent("The message cannot be written as a mail.")) from error
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    try:
        if message.automatic and _sent_without_return_path(smtp, to, mail, options):
            return
        smtp.sendmail(address, [to], mail, options)
    except smtplib.SMTPException as error:
        raise _refusal(error) from error


def _sent_without_return_path(smtp: smtplib.SMTP, to: str, mail: bytes, options: list[str]) -> bool:
    """Send without a return path, so that no program replies; False where the server refuses that."""
    try:
        smtp.sendmail("", [to], mail, options)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        return False
    return True


def _refusal(error: smtplib.SMTPException) -> Exception:
    """A refusal at one of the steps of a delivery as `_Refused`; other errors unchanged."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _Refused(_meaning(code, text, Permanent))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _Refused(_meaning(error.smtp_code, error.smtp_error, Broken))
    if isinstance(error, smtplib.SMTPResponseException):
        return _Refused(_meaning(error.smtp_code, error.smtp_error, Permanent))
    return error


def _meaning(
    code: int, reply: bytes | str, refused: type[Permanent] | type[Broken]
) -> Permanent | Broken | Retry:
    """A reply of the server as a result; `refused` is for a permanent refusal (5xx) without a more exact meaning."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    words = without_addresses(f"{code} {' '.join(text.split())}")
    if code < 500:
        return Retry(f"The mail server says: {words}")
    if code == TOO_LARGE:
        return Permanent(f"The mail is too large, or the mailbox is full: {words}")
    if code in LOGIN_REQUIRED or ("5.7." in text and ACCOUNT_AT_FAULT.search(text)):
        return Broken(f"The mail server does not let us send: {words}")
    return refused(f"The mail server refuses: {words}")
