"""Backups in a process of their own: they take minutes, and a core of the machine.

What it does is `jack/operations/backup_runs.py`, which stands above the worker: that is started, not imported.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from jack.worker import data_process

if TYPE_CHECKING:
    import threading

    from jack.core.db import Database

MODULE = "jack.operations.backup_runs"


class BackupOptions(NamedTuple):
    """The settings JACK_BACKUP_COMMAND and JACK_BACKUP_RECIPIENTS."""

    command: str | None = None
    recipients: tuple[str, ...] = ()


def run(options: BackupOptions, stopped: threading.Event, db: Database) -> None:
    """Make the backups that are due, in a process that is ended when the worker is to stop.

    The command stands in its environment, where other users of the machine cannot read it.
    """
    own = {
        "JACK_BACKUP_COMMAND": options.command or "",
        "JACK_BACKUP_RECIPIENTS": " ".join(options.recipients),
    }
    process = data_process.of_module(MODULE, str(db.path), env={**os.environ, **own})
    data_process.supervise(process, "backups", stopped)
