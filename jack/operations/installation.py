"""The installation a command is typed in: its settings and its database."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from jack.core.config import ROOT, read
from jack.core.db import Database
from jack.operations import bootstrap
from jack.operations.serve import prepare_folder
from jack.operations.terminal import CommandRefused, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.config import Config


def environment() -> dict[str, str]:
    """The process's environment, on top of a `.env` beside `app.py`."""
    beside = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    return {**beside, **os.environ}


def configured(*, admin: bool = True) -> Config:
    """The settings; without `admin` those of the first administrator count as unset.

    Raises CommandRefused for root where the database is another user's: it would leave files behind that user cannot open.
    """
    given = environment()
    if not admin:
        given = {name: value for name, value in given.items() if not name.startswith("JACK_ADMIN_")}
    config = read(given)
    if os.geteuid() == 0 and config.database.exists() and config.database.stat().st_uid != 0:
        owner = config.database.owner()
        raise CommandRefused(
            f"The database belongs to {owner}. Type this as that user: sudo -u {owner} …"
        )
    return config


def existing(config: Config) -> Config:
    """The same, where there is a database. Raises CommandRefused where there is none."""
    if not config.database.exists():
        raise CommandRefused(f"There is no database in {config.instance} yet. To make it: make run")
    return config


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    """The database, made if it is not there, up to date."""
    prepare_folder(config)
    db = Database(config.database, deadline=config.write_deadline)
    try:
        bootstrap.prepare(config, db, say=say)
        yield db
    finally:
        db.close()
