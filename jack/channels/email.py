"""E-mail: out by the SMTP server of the hotel's own domain, in by reading its mailbox over IMAP.

The mail modules are imported where they are used: only the worker connects to mail servers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from jack.channels.settings import account_settings
from jack.channels.steps import Steps
from jack.channels.types import Account, Tested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.results import Broken, Result, Retry
    from jack.channels.steps import Report
    from jack.channels.types import Event, OutboundMessage

# A mail sent twice has the same Message-ID, so mail programs show it once.
REPEATABLE = True


def account(settings: Mapping[str, object], public_url: str) -> Account | None:
    """The mailbox; None while an address, a server or what to sign in with is missing."""
    given = account_settings(settings)
    address = given.get("address")
    smtp, imap = given.get("smtp") or {}, given.get("imap") or {}
    if not (address and smtp.get("host") and imap.get("host")):
        return None
    if given.get("auth") == "xoauth2":
        complete = bool(given.get("accessToken"))
    else:  # an SMTP relay may need no sign-in
        complete = bool(imap.get("password") and (smtp.get("password") or not smtp.get("username")))
    return Account("email", f"email:{address}", given, public_url) if complete else None


def send(account: Account, message: OutboundMessage) -> Result:
    """Send a mail; losing the connection, even after the last byte, is Retry with the same Message-ID."""
    from jack.channels.mail import smtp

    return smtp.send(account, message)


def test(account: Account, report: Callable[[Report], None]) -> Tested:
    """Sign in at both servers at once, and look at the folder; nothing is sent and nothing changed."""
    from jack.channels.mail import imap, smtp
    from jack.channels.mail.server import folder_of, server_of

    settings = account.settings
    reader, sender = server_of(settings, "imap"), server_of(settings, "smtp")
    with ThreadPoolExecutor(1) as beside:  # neither may keep the other from being tested
        sent = beside.submit(smtp.check, sender, settings["address"], Steps("smtp", report))
        reading = imap.check(reader, folder_of(settings), Steps("imap", report))
        sending = sent.result()
    message_out = f"Sending: {sending.error if sending else 'signed in.'}"
    message_in = f"Reading: {reading.error if reading else 'signed in.'}"
    return Tested(sending is None and reading is None, f"{message_out} {message_in}")


def send_reported(
    account: Account, message: OutboundMessage, report: Callable[[Report], None]
) -> Tested:
    """Send a mail as `send` does, and report each step of it."""
    from jack.channels.mail import smtp
    from jack.channels.results import Accepted

    result = smtp.try_sending(account, message, Steps("smtp", report))
    if isinstance(result, Accepted):
        return Tested(True, f"Sending: {message.to} has been written to.")
    return Tested(False, f"Sending: {result.error}")


def poll(
    account: Account,
    position: Mapping[str, object],
    store: Callable[[Sequence[Event], Mapping[str, object]], None],
) -> Retry | Broken | None:
    """Read the new mails and store them one at a time, each with the position after it."""
    from jack.channels.mail import polling

    return polling.poll(account, position, store)
