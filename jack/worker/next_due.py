"""When the next thing is due that only waits for its time. What becomes due by being written is told by the bell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock
from jack.resources.push import place

if TYPE_CHECKING:
    from jack.core.db import Database

# Each line is one step in an index.
NEXT = f"""
    SELECT min(at) FROM (
        SELECT min((SELECT min(due_at) FROM outbox WHERE channel = channels.name AND owner IS NULL)) AS at FROM channels
        UNION ALL SELECT min(lease_until) FROM outbox WHERE owner IS NOT NULL
        UNION ALL SELECT min(due_at) FROM unknown_sends
        UNION ALL SELECT min(due_at) FROM reactions WHERE due_at IS NOT NULL
        UNION ALL SELECT min(send_at) FROM messages WHERE status = 'scheduled'
        UNION ALL SELECT min(snoozed_until) FROM conversations WHERE snoozed_until IS NOT NULL
        UNION ALL SELECT min(due_at) FROM attachments WHERE due_at IS NOT NULL
        UNION ALL SELECT min(preview_due_at) FROM attachments WHERE preview_due_at IS NOT NULL
        UNION ALL SELECT min(next_try_at) FROM password_resets
        UNION ALL SELECT min(next_try_at) FROM invite_mails
        UNION ALL SELECT min(next_attempt_at) FROM notification_mails
        UNION ALL SELECT min((
            SELECT min(next_attempt_at) FROM webhook_deliveries
            WHERE webhook_id = webhooks.id AND next_attempt_at IS NOT NULL)) FROM webhooks
        UNION ALL SELECT min((
            SELECT min(next_attempt_at) FROM pushes WHERE subscription_id = push_subscriptions.id)) FROM push_subscriptions
        UNION ALL SELECT (SELECT min(due_at) FROM automation_occasions WHERE waits)
            WHERE EXISTS (SELECT 1 FROM automations WHERE enabled)
        UNION ALL SELECT (
            SELECT min(due_at) FROM tasks WHERE due_at > (SELECT due_at FROM push_place))
            WHERE {place.ANYBODY})"""


def seconds(db: Database) -> float | None:
    """Seconds until then, 0 or less where something is due already; None where nothing waits."""
    found: str | None = db.value(NEXT)
    return None if found is None else clock.parse(found).timestamp() - db.time()
