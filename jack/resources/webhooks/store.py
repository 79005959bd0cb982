"""Webhooks: which events go to which address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import orjson

from jack.core import checked_http, clock, events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Place, Walked
from jack.core.query import Query
from jack.core.walking import Wanted, walk
from jack.resources.webhooks import signing
from jack.resources.webhooks.rows import (
    DisabledRow,
    Failing,
    SecretsRow,
    StoredWebhook,
    WebhookChanges,
    WebhookRow,
    WebhookWithSecret,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.paging import Page


MOST = 20
ROTATION_HOURS = 24
GONE, FAILING = "gone", "failing"

COLUMNS = """seq, id, url, events, description, include_notes, enabled, disabled_reason, secret_hint, created_at, updated_at,
    last_success_at, last_failure_at"""

GET = Query[StoredWebhook](f"SELECT {COLUMNS} FROM webhooks WHERE id = :id")

PAGE = Query[StoredWebhook](
    f"SELECT {COLUMNS} FROM webhooks ORDER BY seq LIMIT :limit OFFSET :offset"
)

BY_SEQ = Query[StoredWebhook](
    f"SELECT {COLUMNS} FROM webhooks WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

COUNT = "SELECT count(*) FROM webhooks"

CREATE = Query[StoredWebhook](f"""
    INSERT INTO webhooks (id, url, events, description, include_notes, enabled, secret, secret_hint, created_at, updated_at)
    VALUES (:id, :url, :events, :description, :include_notes, :enabled, :secret, :secret_hint, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredWebhook](f"""
    UPDATE webhooks
    SET url = :url, events = :events, description = :description, include_notes = :include_notes, enabled = :enabled,
        disabled_reason = :disabled_reason, told_at = NULL, failures = :failures, failing_since = :failing_since,
        updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

ROTATE = Query[StoredWebhook](f"""
    UPDATE webhooks
    SET old_secret = secret, old_secret_until = :until, secret = :secret, secret_hint = :secret_hint, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

DELETE = "DELETE FROM webhooks WHERE id = :id"

SECRETS = Query[SecretsRow](
    "SELECT secret, old_secret, old_secret_until FROM webhooks WHERE id = :id"
)

FAILURES = "SELECT failing_since AS since, failures FROM webhooks WHERE id = :id"

GIVE_UP = """
    UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL
    WHERE webhook_id = :id AND next_attempt_at IS NOT NULL"""

UNTOLD = Query[DisabledRow](
    "SELECT id, url, disabled_reason FROM webhooks WHERE disabled_reason IS NOT NULL AND told_at IS NULL"
)

TOLD = "UPDATE webhooks SET told_at = :now WHERE id = :id"


def get(db: Database, webhook_id: str) -> WebhookRow:
    """The webhook, or NotFound."""
    row = db.one(GET, {"id": webhook_id})
    if row is None:
        raise NotFound("Webhook not found")
    return _parsed(row)


def search(db: Database, *, page: Page | Place) -> Listed[WebhookRow] | Walked[WebhookRow]:
    """A page of webhooks, oldest first, or those after a place."""
    if isinstance(page, Place):
        return walk(
            db,
            Wanted("webhooks"),
            page,
            lambda seqs: map(_parsed, db.all(BY_SEQ, {"seqs": as_json(seqs)})),
        )
    rows = db.all(PAGE, {"limit": page.limit, "offset": page.offset})
    return Listed([_parsed(row) for row in rows], int(db.value(COUNT)), page)


def create(
    db: Database,
    *,
    url: str,
    events: Sequence[str],
    description: str | None = None,
    include_notes: bool = False,
    enabled: bool = True,
    hosts: Sequence[str] = (),
    by: str | None = None,
) -> WebhookWithSecret:
    """A new webhook, with its secret. `hosts` are those the settings name (JACK_WEBHOOK_HOSTS).

    Raises Invalid for an address that is not asked, Conflict when there are 20.
    """
    _check_url(url, hosts)
    webhook_id, secret = db.new_id("hook"), signing.new_secret()
    wanted = {
        "id": webhook_id,
        "url": url,
        "events": as_json(list(events)),
        "description": description,
        "include_notes": include_notes,
        "enabled": enabled,
        "secret": signing.sealed(db, webhook_id, secret),
        "secret_hint": signing.hint(secret),
        "now": db.now(),
    }
    with transaction(db):
        if db.value(COUNT) >= MOST:
            raise Conflict(
                f"There are {MOST} webhooks, and no more can be made.", reason="too_many"
            )
        _record(db, webhook_id, by)  # before it is there: it is told of others' events only
        row = db.row(CREATE, wanted)
    return {**_parsed(row), "secret": secret}


def change(
    db: Database,
    webhook_id: str,
    *,
    hosts: Sequence[str] = (),
    by: str | None = None,
    **changes: Unpack[WebhookChanges],
) -> WebhookRow:
    """Change a webhook. Disabling gives up what waits; enabling counts failures anew. Raises NotFound, Invalid."""
    with transaction(db):
        before = get(db, webhook_id)
        wanted: WebhookRow = {**before, **changes}
        if wanted == before:
            return before
        if wanted["url"] != before["url"]:
            _check_url(wanted["url"], hosts)
        return _write(db, wanted, afresh=wanted["enabled"] != before["enabled"], by=by)


def disable(db: Database, webhook_id: str, reason: str) -> None:
    """Jack disables a webhook; administrators are told."""
    with transaction(db):
        before = get(db, webhook_id)
        if before["enabled"]:
            disabled: WebhookRow = {**before, "enabled": False, "disabled_reason": reason}
            _write(db, disabled, afresh=True, by=None)


def _write(db: Database, wanted: WebhookRow, *, afresh: bool, by: str | None) -> WebhookRow:
    """Store a webhook as it is to be; `afresh`: it has been enabled or disabled, and its failures count from none."""
    failing = failures(db, wanted["id"])
    if wanted["enabled"]:
        wanted = {**wanted, "disabled_reason": None}
    row = db.row(
        CHANGE,
        {
            **wanted,
            "events": as_json(wanted["events"]),
            "failures": 0 if afresh or failing is None else failing.failures,
            "failing_since": None if afresh or failing is None else failing.since,
            "now": db.now(),
        },
    )
    if not wanted["enabled"]:
        db.run(GIVE_UP, {"id": wanted["id"]})
    _record(db, wanted["id"], by)
    return _parsed(row)


def delete(db: Database, webhook_id: str, *, by: str | None = None) -> None:
    """Delete a webhook and all that was or is to be sent. Raises NotFound."""
    with transaction(db):
        if not db.run(DELETE, {"id": webhook_id}):
            raise NotFound("Webhook not found")
        _record(db, webhook_id, by)


def rotate_secret(db: Database, webhook_id: str, *, by: str | None = None) -> WebhookWithSecret:
    """A new secret; the one before signs as well for 24 hours. Raises NotFound."""
    secret, now = signing.new_secret(), db.now()
    wanted = {
        "id": webhook_id,
        "secret": signing.sealed(db, webhook_id, secret),
        "secret_hint": signing.hint(secret),
        "until": clock.later(now, hours=ROTATION_HOURS),
        "now": now,
    }
    with transaction(db):
        row = db.one(ROTATE, wanted)
        if row is None:
            raise NotFound("Webhook not found")
        _record(db, webhook_id, by)
    return {**_parsed(row), "secret": secret}


def secrets(db: Database, webhook_id: str) -> list[str]:
    """The secrets that sign now, the current one first; none where this signing key opens none."""
    row = db.row(SECRETS, {"id": webhook_id})
    found = [row["secret"]]
    if row["old_secret"] is not None and (row["old_secret_until"] or "") > db.now():
        found.append(row["old_secret"])
    opened = [signing.opened(db, webhook_id, stored) for stored in found]
    return [secret for secret in opened if secret is not None] if opened[0] else []


def failures(db: Database, webhook_id: str) -> Failing | None:
    """Since when, and how often, an endpoint has only failed; None when it works."""
    row = db.row(FAILURES, {"id": webhook_id})
    return Failing(**row) if row["since"] else None


def untold(db: Database) -> list[DisabledRow]:
    """The webhooks that Jack has disabled without having told administrators."""
    return db.all(UNTOLD)


def set_told(db: Database, webhook_id: str) -> None:
    """Note that administrators have been told."""
    db.run(TOLD, {"id": webhook_id, "now": db.now()})


def _check_url(url: str, hosts: Sequence[str]) -> None:
    try:
        checked_http.target(url, hosts)
    except checked_http.Refused as error:
        raise Invalid.field("url", "not_a_url", str(error)) from None


def _record(db: Database, webhook_id: str, by: str | None) -> None:
    events.record(db, "webhook.updated", webhook_id, by=by)


def _parsed(row: StoredWebhook) -> WebhookRow:
    return {
        **row,
        "events": orjson.loads(row["events"]),
        "include_notes": bool(row["include_notes"]),
        "enabled": bool(row["enabled"]),
    }
