"""SMTP: give a mail to the hotel's server, and say what became of it."""

from __future__ import annotations

import base64
import re
import smtplib
from contextlib import contextmanager, suppress
from email.errors import MessageError
from typing import TYPE_CHECKING

from jack.channels.mail.compose import compose, recipient
from jack.channels.mail.message_ids import message_id, without_addresses
from jack.channels.mail.server import SECONDS, Server, context, in_words, server_of, wrong_login
from jack.channels.results import Accepted, Broken, Permanent, Result, Retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.channels.types import Account, OutboundMessage

SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
TOO_LARGE = 552
# Policy refusals (5.7.x) that are about us, and not about this guest or this text.
ABOUT_US = re.compile(r"relay|authenti|sign in|log ?in|not allowed to send|sender", re.IGNORECASE)


class _Refused(Exception):
    """What it means that the server refused."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


def send(account: Account, message: OutboundMessage) -> Result:
    """Send a mail. Losing the connection, whenever, is Retry: the mail has the same Message-ID each time."""
    server = server_of(account.settings, "smtp")
    try:
        to = recipient(message.to)
    except ValueError:
        return Permanent("This is no e-mail address.")
    try:
        with signed_in(server, account.settings["address"]) as smtp:
            _deliver(smtp, account, message, to)
    except _Refused as refused:
        return refused.result
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return in_words(error, server)
    domain = account.settings["address"].rpartition("@")[2]
    return Accepted(message_id(message.key, domain))


def trouble(server: Server, address: str) -> Retry | Broken | None:
    """Sign in and leave again: what is wrong, or None."""
    try:
        with signed_in(server, address) as smtp:
            smtp.noop()
    except _Refused as refused:
        found = refused.result
        return found if isinstance(found, Retry | Broken) else Broken("The server refuses.")
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return in_words(error, server)
    return None


@contextmanager
def signed_in(server: Server, address: str) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and signed in as the settings say."""
    smtp = _connected(server, address.rpartition("@")[2])
    try:
        if server.security == "starttls":
            _starttls(smtp, server)
        if server.token or server.password:
            _sign_in(smtp, server)
        yield smtp
        with suppress(OSError, smtplib.SMTPException):  # the mail is theirs by now
            smtp.quit()
    finally:
        smtp.close()


def _connected(server: Server, ours: str) -> smtplib.SMTP:
    """`ours` is the domain we greet with: the machine's own name is nobody's business, and may take long to find."""
    hello = ours if ours.isascii() else "localhost"
    try:
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, hello, timeout=SECONDS, context=context()
            )
        return smtplib.SMTP(server.host, server.port, hello, timeout=SECONDS)
    except smtplib.SMTPConnectError as error:
        raise _Refused(_meaning(error.smtp_code, error.smtp_error, Broken)) from error


def _starttls(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        smtp.starttls(context=context())
    except smtplib.SMTPNotSupportedError as error:
        raise _Refused(Broken(f"{server.where} offers no encryption (STARTTLS).")) from error
    except smtplib.SMTPResponseException as error:
        raise _Refused(_meaning(error.smtp_code, error.smtp_error, Broken)) from error


def _sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.token:
            # A second call answers the details of a refusal, which have to be acknowledged with nothing.
            smtp.auth("XOAUTH2", lambda details=None: "" if details else server.xoauth2)
        elif (server.username + server.password).isascii():
            smtp.login(server.username, server.password)
        else:
            _plain(smtp, server)
    except smtplib.SMTPNotSupportedError as error:
        raise _Refused(Broken(f"{server.where} offers no way to sign in.")) from error
    except smtplib.SMTPResponseException as error:
        later = 400 <= error.smtp_code < 500
        wrong = Retry(f"{server.where} cannot sign anybody in now.")
        raise _Refused(wrong if later else wrong_login(server)) from error


def _plain(smtp: smtplib.SMTP, server: Server) -> None:
    """AUTH PLAIN in UTF-8, which smtplib cannot say."""
    said = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
    code, answer = smtp.docmd("AUTH", f"PLAIN {said}")
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
        raise _Refused(Permanent("This cannot be written as a mail.")) from error
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    try:
        if message.automatic and _sent_from_nobody(smtp, to, mail, options):
            return
        smtp.sendmail(address, [to], mail, options)
    except smtplib.SMTPException as error:
        raise _refusal(error) from error


def _sent_from_nobody(smtp: smtplib.SMTP, to: str, mail: bytes, options: list[str]) -> bool:
    """Send without a return path, so that no program answers; False where the server refuses that."""
    try:
        smtp.sendmail("", [to], mail, options)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        return False
    return True


def _refusal(error: smtplib.SMTPException) -> Exception:
    """What a refusal at one of the steps of a delivery means; other errors are as they are."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _Refused(_meaning(code, said, Permanent))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _Refused(_meaning(error.smtp_code, error.smtp_error, Broken))
    if isinstance(error, smtplib.SMTPResponseException):
        return _Refused(_meaning(error.smtp_code, error.smtp_error, Permanent))
    return error


def _meaning(
    code: int, said: bytes | str, refused: type[Permanent] | type[Broken]
) -> Permanent | Broken | Retry:
    """A reply of the server as a result; `refused` is what a plain no means at this step."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = without_addresses(f"{code} {' '.join(text.split())}")
    if code < 500:
        return Retry(f"The mail server says: {words}")
    if code == TOO_LARGE:
        return Permanent(f"The mail is too large, or the mailbox is full: {words}")
    if code in SIGN_IN_FIRST or ("5.7." in text and ABOUT_US.search(text)):
        return Broken(f"The mail server does not let us send: {words}")
    return refused(f"The mail server refuses: {words}")
