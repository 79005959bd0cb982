"""Checks of the settings for e-mail: whether mail can leave, in whose name, and what was last seen of it. Nobody is called."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from jack.channels.mail.domains import domain_of, is_free_mail, registrable
from jack.channels.mail.server import Server, server_of
from jack.channels.settings import EmailSettings, account_settings
from jack.core import clock
from jack.core.config import Config
from jack.core.db import Database
from jack.core.file_locks import is_locked
from jack.core.places import COMMAND
from jack.operations.doctor.findings import Finding, note, right, without_addresses, wrong
from jack.resources.channel_accounts import store as accounts
from jack.resources.channel_accounts.connection import connected
from jack.resources.settings import store as settings
from jack.resources.settings.channel_schemas import is_loopback
from jack.resources.watchdog.checks import MAILBOX_MINUTES

WHERE = "Settings, Channels, E-mail"
OVERDUE = 15  # minutes
# What is usual at a port: the protocol and its encryption.
USUAL = {
    465: ("smtp", "tls"), 587: ("smtp", "starttls"), 25: ("smtp", ""), 993: ("imap", "tls"), 143: ("imap", "starttls"),
    995: ("pop3", ""), 110: ("pop3", ""),
}  # fmt: skip

WANTED = """
    SELECT count(*) FROM notification_preferences JOIN staff ON staff.id = staff_id
    WHERE active AND notification_preferences.email != '[]'"""

LATE = """
    SELECT (SELECT count(*) FROM invite_mails WHERE next_try_at < :before)
         + (SELECT count(*) FROM password_resets WHERE next_try_at < :before)
         + (SELECT count(*) FROM notification_mails WHERE next_attempt_at < :before)"""


def settings_of(db: Database, config: Config) -> Iterator[Finding]:
    """What can be told of them without calling anybody."""
    value = settings.value(db, "channels.email")
    if value.get("enabled") is not True:
        yield from _off(db)
        return
    given = account_settings(value)
    yield from _server(given, server_of(given, "smtp"), "smtp")
    yield from _server(given, server_of(given, "imap"), "imap")
    yield from _sender(given)
    yield from _links(config)
    yield from _seen(db, config)


def _off(db: Database) -> Iterator[Finding]:
    """Without e-mail nobody is told anything by it."""
    by_hand = f"until then `{COMMAND} invite` and `{COMMAND} reset-password` make links to hand on"
    wanted = db.value(WANTED)
    if wanted:
        yield wrong(
            f"no mail can leave, and {wanted} of the staff want to be told by mail: set it up in {WHERE}"
        )
    else:
        yield note(
            f"no mail can leave: no invitations, new passwords or warnings to administrators. Set it up in {WHERE}; {by_hand}"
        )


def _server(given: EmailSettings, server: Server, kind: str) -> Iterator[Finding]:
    """Host, port and encryption of one of the two servers."""
    name = kind.upper()
    if not server.host:
        yield wrong(f"{name} has no host: {WHERE}")
        return
    if server.security == "none" and not is_loopback(server.host):
        yield wrong(f"passwords go to {server.address} ({name}) unencrypted: choose TLS in {WHERE}")
    protocol, security = USUAL.get(server.port, (kind, ""))
    if protocol != kind:
        yield wrong(
            f"{server.address} is given as {name}, and port {server.port} is that of {protocol.upper()}: {WHERE}"
        )
    elif security and server.security != security and not is_loopback(server.host):
        yield note(
            f"{server.address} ({name}) is set to {server.security.upper()}, and usual at port {server.port} is {security.upper()}: "
            f"if it cannot be reached, that is why ({WHERE})"
        )
    named = (given.get("smtp") if kind == "smtp" else given.get("imap")) or {}
    if not (server.token or named.get("password")) and (kind == "imap" or named.get("username")):
        yield wrong(f"there is nothing to sign in with at {server.address} ({name}): {WHERE}")


def _sender(given: EmailSettings) -> Iterator[Finding]:
    """In whose name mail leaves, and whether receivers may believe it (SPF, DKIM, DMARC)."""
    address = given.get("address") or ""
    if "@" not in address:
        yield wrong(f"mail has no sender: {WHERE}, address")
        return
    own = registrable(address) or domain_of(address)
    smtp = given.get("smtp") or {}
    login = smtp.get("username") or ""
    signed_in = registrable(login) if "@" in login else ""
    if signed_in and signed_in != own:
        yield note(
            f"mail is from {own}, by an account at {signed_in}: receivers may take it for spam unless "
            f"{own} names that server in its DNS (SPF, DKIM); whoever keeps {own} can say"
        )
    elif is_free_mail(own) and login.lower() != address.lower() and login:
        yield note(
            f"mail is from {own}, by another account's name: receivers refuse what {own} has not signed. "
            "Sign in as the sender, or write from the hotel's own domain"
        )
    else:
        yield right(f"mail is from {own}, by {smtp.get('host') or 'no server'}")


def _links(config: Config) -> Iterator[Finding]:
    """Mails have links, which have to lead to Jack from wherever they are read."""
    if config.public_url:
        return
    if is_loopback(urlsplit(config.base_url).hostname or ""):
        yield wrong(
            f"links in mails begin with {config.base_url}, which opens on this machine only: "
            "set JACK_PUBLIC_URL to the address under which the staff reach Jack"
        )


def _seen(db: Database, config: Config) -> Iterator[Finding]:
    """What was last seen of the account, and mail that should have left."""
    connection = connected(db, "email", config.base_url)
    if connection.account is None:
        return
    row = accounts.get(db, connection.account.name)
    state = accounts.state_of(row, connection.settings_at)
    if state == "failing":
        error, at = without_addresses(row["last_error"] or ""), (row["failed_at"] or "")[:16]
        yield wrong(f"e-mail last failed at {at} UTC: {error} ({WHERE}, Test)")
    elif state == "untested":
        yield note(
            f"nothing has left or come in by these settings of e-mail yet: `{COMMAND} send-test-mail EMAIL` tries them"
        )
    elif state == "working":
        yield right("e-mail works, as was last seen")
    if state != "failing" and is_locked(config.worker_lock):
        yield from _mailbox(db, row["polled_at"] or "", connection.settings_at or "")
    late = db.value(LATE, {"before": clock.later(db.now(), minutes=-OVERDUE)})
    if late:
        yield wrong(
            f"{late} mails to the staff are late by more than {OVERDUE} minutes: {WHERE}, Test"
        )


def _mailbox(db: Database, polled_at: str, settings_at: str) -> Iterator[Finding]:
    since = max(polled_at, settings_at)
    if since < clock.later(db.now(), minutes=-MAILBOX_MINUTES):
        when = f"since {polled_at[:16]} UTC" if polled_at else "by these settings"
        yield wrong(f"the mailbox has not been read {when}: {WHERE}, Test says why")
