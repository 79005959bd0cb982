"""Checks of what keeps Jack working with others: backups, channels, the certificate of the public address."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from jack.core import clock
from jack.core.config import Config
from jack.core.db import Database
from jack.operations.doctor.findings import Finding, note, right, without_addresses, wrong
from jack.resources.backups import schedule
from jack.resources.settings import store as settings

TIMEOUT = 3.0  # seconds
DAY = 86_400
SOON = 14  # days: Let's Encrypt's are renewed at 30

PAUSED = "SELECT name, paused_because FROM channel_accounts WHERE paused_at IS NOT NULL"


def backups(db: Database) -> Iterator[Finding]:
    """Whether one has succeeded lately."""
    if not settings.value(db, "backups")["enabled"]:
        yield note("Jack makes no backups by itself: the setting backups is off")
        return
    last = schedule.last_success(db)
    hours = (clock.parse(db.now()) - clock.parse(last)).total_seconds() / 3600
    if hours > schedule.OVERDUE_HOURS:
        yield wrong(
            f"no backup has succeeded since {last[:16]} UTC: Settings, Backups says why; "
            "by hand: bin/jack backup FILE"
        )
    else:
        yield right("backups succeed")


def channels(db: Database) -> Iterator[Finding]:
    """Channels, mail among them, that Jack has paused because their provider refuses them."""
    for row in db.all(PAUSED):
        name, why = (without_addresses(row[one] or "") for one in ("name", "paused_because"))
        yield wrong(f"{name} is paused ({why}): put it right in Settings, Channels")


def certificate(config: Config) -> Iterator[Finding]:
    """Whether the certificate of the public address is valid, and for how long; nothing where nobody answers."""
    url = urlsplit(config.public_url or "")
    if url.scheme != "https" or not url.hostname:
        return
    try:
        until = _valid_until(url.hostname, url.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield wrong(f"browsers refuse the certificate of {url.netloc}: {error.verify_message}")
        return
    except OSError:
        return
    days = int((until - time.time()) // DAY)
    if days < SOON:
        yield wrong(f"the certificate of {url.netloc} ends in {days} days: renew it")
    else:
        yield right(f"the certificate of {url.netloc} is good for {days} days")


def _valid_until(host: str, port: int) -> float:
    """When the certificate ends, in epoch seconds. Raises OSError, of which SSLCertVerificationError is one."""
    with (
        socket.create_connection((host, port), TIMEOUT) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
    ):
        found = secured.getpeercert() or {}
    return ssl.cert_time_to_seconds(str(found["notAfter"]))
