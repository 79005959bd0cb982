"""The ids that messages have at their providers."""

from __future__ import annotations

# SQL for the id that a message of `messages` has in :account. Of one that came in it is the first key of it, and not that of an
# edit or a reaction; of one that was sent in parts it is that of the first part.
OF_MESSAGE = """coalesce(
               (SELECT event_key FROM inbound
                WHERE inbound.message_id = messages.id AND account = :account AND direction = 'inbound'
                  AND event_key NOT GLOB 'reaction:*' AND event_key NOT GLOB 'edit:*'
                ORDER BY received_at LIMIT 1),
               (SELECT provider_messages.provider_id FROM provider_messages
                WHERE provider_messages.message_id = messages.id AND account = :account
                  AND provider_messages.status <> 'failed'
                ORDER BY part, sent_at DESC LIMIT 1))"""
