"""`/backups`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.errors import Forbidden
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.schema import Loaded
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.auth import own_password
from jack.resources.backups import release, store
from jack.resources.backups.schemas import (
    Backup,
    BackupDownload,
    BackupFilters,
    BackupRelease,
    BackupToken,
)
from jack.resources.backups.store import BackupRow

if TYPE_CHECKING:
    from jack.core.paging import Listed
    from jack.core.query import AnyRow

blp = Blueprint(
    "backups",
    __name__,
    under="/backups",
    description="Backups that Jack makes by itself",
    scope=NOT_FOR_KEYS,
)


class Token(TypedDict):
    """A token, and when it is over."""

    token: str
    expires_at: str


@blp.get("")
@blp.access(ADMIN)
@blp.arguments(BackupFilters, location="query")
@blp.response(200, Backup(many=True))
def list_backups(filters: Loaded) -> Listed[BackupRow]:
    """List backups, newest first"""
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(ADMIN)
@blp.response(202, Backup)
def create_backup() -> BackupRow:
    """Have a backup made now

    The worker makes it, opens it and counts what is in it: ask `GET /backups/:id` until it is `done`. One that is waiting or being made
    already is answered instead.
    """
    return store.create(get_db(), by=caller().id)


@blp.get("/<backup_id>")
@blp.access(ADMIN)
@blp.response(200, Backup)
def get_backup(backup_id: str) -> BackupRow:
    """Get a backup"""
    return store.get(get_db(), backup_id)


@blp.post("/<backup_id>/token")
@blp.access(ADMIN)
@blp.arguments(BackupRelease)
@blp.response(200, BackupToken, secret=True)
def release_backup(given: Loaded, backup_id: str) -> Token:
    """Give the password again, to download a backup

    The token is for oneself and this backup, for ten minutes. Wrong passwords count as in `POST /auth/password`.
    """
    me, state, db = caller(), app_state(), get_db()
    key = f"password:{me.id}"
    state.limits.spend_or_refuse(state.config.login_failures, key, "Too many tries. Wait a while.")
    own_password.check(db, me.id, given["password"])
    state.limits.give_back(state.config.login_failures, key)
    store.released(db, backup_id, by=me.id)
    until = int(db.time()) + release.SECONDS
    return {
        "token": release.token(state.secret, backup_id, me.id, until),
        "expires_at": clock.stamp(until),
    }


@blp.get("/<backup_id>/file")
@blp.access(ADMIN)
@blp.arguments(BackupDownload, location="query")
@blp.download(["application/octet-stream"])
def get_backup_file(asked: Loaded, backup_id: str) -> AnyRow:
    """Download a backup

    With the `token` of `POST /backups/:id/token`, which asks for the password again; without it 403 `password_required`.
    It holds all that the hotel knows of its guests.
    """
    db, given = get_db(), asked.get("token") or ""
    row = store.file_of(db, backup_id)
    if not release.is_valid(app_state().secret, backup_id, caller().id, given, db.time()):
        raise Forbidden(
            "Give your password again: POST /backups/:id/token.", reason="password_required"
        )
    return row
