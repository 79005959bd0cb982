"""E-mail: out by the SMTP server of the hotel's own domain, in by reading its mailbox over IMAP.

What it takes is imported where it is used: only the process that does the background work speaks with mail servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.channels.types import Account, Tested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.results import Broken, Result, Retry
    from jack.channels.types import Event, OutboundMessage

# A mail sent twice has the same Message-ID, and is shown once.
REPEATABLE = True


def account(settings: Mapping[str, Any], public_url: str) -> Account | None:
    """The mailbox; None while an address, a server or what to sign in with is missing."""
    address = settings.get("address")
    smtp, imap = settings.get("smtp") or {}, settings.get("imap") or {}
    if not (address and smtp.get("host") and imap.get("host")):
        return None
    if settings.get("auth") == "xoauth2":
        known = settings.get("accessToken")
    else:  # a relay may send without asking who we are
        known = imap.get("password") and (smtp.get("password") or not smtp.get("username"))
    return Account("email", f"email:{address}", settings, public_url) if known else None


def parts(text: str) -> list[str]:
    """A mail carries any text whole."""
    return [text]


def send(account: Account, message: OutboundMessage) -> Result:
    """Send a mail; losing the connection, even after the last byte, is Retry with the same Message-ID."""
    from jack.channels.mail import smtp as sending

    return sending.send(account, message)


def test(account: Account) -> Tested:
    """Sign in at both servers, and look at the folder; nothing is sent and nothing changed."""
    from jack.channels.mail import imap as mailbox
    from jack.channels.mail import smtp as sending
    from jack.channels.mail.server import server_of

    smtp, imap = server_of(account.settings, "smtp"), server_of(account.settings, "imap")
    folder = (account.settings.get("imap") or {}).get("folder") or "INBOX"
    wrong_out = sending.trouble(smtp, account.settings["address"])
    wrong_in = mailbox.trouble(imap, folder)
    says_out = f"Sending: {wrong_out.error if wrong_out else 'signed in.'}"
    says_in = f"Reading: {wrong_in.error if wrong_in else 'signed in.'}"
    return Tested(wrong_out is None and wrong_in is None, f"{says_out} {says_in}")


def poll(
    account: Account,
    place: Mapping[str, Any],
    take: Callable[[Sequence[Event], Mapping[str, Any]], None],
) -> Retry | Broken | None:
    """Hand over the new mails, one at a time, each with the place after it."""
    from jack.channels.mail import polling

    return polling.poll(account, place, take)
