"""Examples: the web chat."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LINK_TOKEN, WHEN, Answered, Sent

SENT: Sent = {
    "beginVisitorSession": {
        "unknown": {},
        "named": {"name": "Aiko", "email": "aiko@example.com", "language": "ja"},
    },
    "sendVisitorMessage": {
        "message": {
            "content": "Is there parking?",
            "clientMessageId": "5f0c1d9e-2f53-4f0e-9b7a-8c1f3d2e4a5b",
        }
    },
    "markVisitorMessagesRead": {"read": {"cursor": 42}},
}

ANSWERED: Answered = {
    "VisitorSession": {"token": LINK_TOKEN, "expiresAt": "2026-05-31T15:00:00.000Z"},
    "VisitorMessage": {
        "id": IDS["message_id"],
        "direction": "inbound",
        "type": "text",
        "content": "Is there parking?",
        "status": "received",
        "author": {"type": "guest", "name": "Aiko"},
        "attachments": [],
        "createdAt": WHEN,
        "readAt": None,
    },
    "VisitorReadAnswer": {"cursor": 42},
    "VisitorMeta": {"cursor": 42, "seenMessageId": IDS["message_id"]},
}
