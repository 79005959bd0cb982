"""Deletion of what is kept for a time only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import audit, clock, deletions, events, idempotency
from jack.core.db import transaction
from jack.messaging import receipts, reconciliation
from jack.resources.api_keys import store as api_keys
from jack.resources.attachments import cleanup as attachments
from jack.resources.auth import sessions
from jack.resources.automations import runs
from jack.resources.channel_accounts import channel_tests
from jack.resources.conversations import reactions
from jack.resources.exports import store as exports
from jack.resources.guests import merge
from jack.resources.imports import store as imports
from jack.resources.quarantine import store as quarantine
from jack.resources.webchat import store as webchat
from jack.resources.webhooks import deliveries

if TYPE_CHECKING:
    from jack.core.db import Database

EVENT_DAYS = 30


def delete_expired(db: Database) -> None:
    """Delete what is old enough: events, audit, what is known of deletions, kept answers, sessions, tokens, merges, receipts, reactions, tests, deliveries, runs of automations, exports, imports, and files nothing refers to."""
    with transaction(db):
        events.delete_expired(db, before=clock.later(db.now(), days=-EVENT_DAYS))
        audit.delete_expired(db)
        deletions.delete_expired(db)
        idempotency.delete_expired(db)
        sessions.delete_expired(db)
        api_keys.delete_expired(db)
        webchat.delete_expired(db)
        merge.delete_expired(db)
        receipts.delete_expired(db)
        reconciliation.delete_expired(db)
        reactions.delete_expired(db)
        channel_tests.delete_expired(db)
        deliveries.delete_expired(db)
        runs.delete_expired(db)
    attachments.cleanup(db)
    quarantine.delete_expired(db)
    exports.delete_expired(db)
    imports.delete_expired(db)
