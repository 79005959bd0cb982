"""`/healthz` and `/readyz`: whether the process is up, and whether it can serve. Details go to the log only."""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from jack.core import migrations, schema
from jack.core.errors import Unavailable
from jack.core.places import COMMAND
from jack.http.context import app_state, get_db
from jack.http.responses import JSON
from jack.worker import heartbeat

if TYPE_CHECKING:
    from jack.core.config import Config
    from jack.core.db import Database

log = logging.getLogger("jack.health")

MIN_FREE = 64 * 1024 * 1024

blp = Blueprint("health", __name__)


@blp.get("/healthz")
def healthz() -> Response:
    """200 while the process is up."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@blp.get("/readyz")
def readyz() -> Response:
    """200 when requests can be served, else 503; what is wrong goes to the log."""
    try:
        wrong = problems(app_state().config, get_db())
    except Unavailable as error:
        wrong = [error.message]
    except Exception as error:  # what stops this check stops requests as well
        wrong = [f"the database cannot be opened ({type(error).__name__})"]
    if wrong:
        log.warning("not ready: %s", "; ".join(wrong))
        return Response(b'{"status":"unavailable"}', 503, {"Retry-After": "5"}, content_type=JSON)
    return Response(b'{"status":"ready"}', content_type=JSON)


def problems(config: Config, db: Database) -> list[str]:
    """What keeps Jack from serving, a line each; empty when nothing does."""
    found = []
    version, differences = migrations.checked(db)
    if version != migrations.latest_version():
        found.append(
            f"the database is of another version than the program: run `{COMMAND} migrate`"
        )
    elif differences:
        found.append(
            f"the database's schema is not that of its version ({schema.shortened(differences)}): "
            f"stop Jack and run `{COMMAND} repair-schema`"
        )
    free = shutil.disk_usage(config.instance).free
    if free < MIN_FREE:
        found.append(f"the disk is almost full ({free // 1024 // 1024} MiB left)")
    if not os.access(config.instance, os.W_OK):
        found.append(f"{config.instance} cannot be written")
    age = heartbeat.heartbeat_age(config.worker_lock)
    if age is None or age > heartbeat.STALE:
        found.append("the background worker is not running: messages stay queued")
    return found
