"""What is needed before the first request: the database, and the first administrator if one is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import disk_reserve, sealing
from jack.core.config import BadSetting
from jack.core.db import transaction
from jack.core.errors import Invalid
from jack.core.migrations import migrate
from jack.core.patterns import EMAIL
from jack.operations import email_keys
from jack.resources.auth import passwords, sessions
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.config import Config
    from jack.core.db import Database

OLDER = "Backups of before, also in backups/, still have them in the clear: delete those you do not need."


def prepare(
    config: Config, db: Database, *, say: Callable[[str], None] = lambda line: None
) -> None:
    """Migrate the database, seal secrets that are not, compare e-mails as today, and create the configured administrator, unless there is one.

    Safe in several processes at once, and when it is killed at any point.
    """
    sealing.configure(db.path, config.secret)
    migrate(db, say=say)
    disk_reserve.keep(config.instance)
    for key in settings.seal_all(db):
        say(f"Sealed the secrets of the setting {key}. {OLDER}")
    for line in email_keys.update(db) if email_keys.is_due(db) else ():
        say(line)
    if config.admin_email and config.admin_password and not sessions.has_admin(db):
        _first_admin(db, config.admin_email, config.admin_password)
        say("Made the administrator of JACK_ADMIN_EMAIL")


def _first_admin(db: Database, email: str, password: str) -> None:
    if not EMAIL.fullmatch(email):
        raise BadSetting(f"JACK_ADMIN_EMAIL={email!r}: not an e-mail address")
    try:
        passwords.check(password)
    except Invalid as error:
        raise BadSetting(f"JACK_ADMIN_PASSWORD: {error.message.partition(': ')[2]}") from None
    hash = passwords.hashed(password)
    with transaction(db):
        if not sessions.has_admin(db):
            staff.create(db, name="Administrator", email=email, role="admin", password_hash=hash)
