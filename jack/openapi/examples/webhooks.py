"""Examples: webhooks."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, WHEN, Answered, Sent

WEBHOOK = {
    "id": IDS["webhook_id"],
    "url": "https://hooks.example.com/jack",
    "events": ["conversation.message.created", "task.*"],
    "description": "The property management system",
    "includeNotes": False,
    "enabled": True,
    "disabledReason": None,
    "secretHint": "…x3Fo",
    **STAMPS,
    "lastSuccessAt": WHEN,
    "lastFailureAt": None,
}

SENT: Sent = {
    "createWebhook": {
        "messages and tasks": {
            "url": WEBHOOK["url"],
            "events": WEBHOOK["events"],
            "description": WEBHOOK["description"],
        }
    },
    "changeWebhook": {"enable again": {"enabled": True}},
    "redeliverDeliveries": {"what failed": {"since": WHEN, "status": "failed"}},
}

ANSWERED: Answered = {
    "Webhook": WEBHOOK,
    "WebhookWithSecret": {
        **WEBHOOK,
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0fXk5b2x3Fo=",
    },
    "Delivery": {
        "id": IDS["delivery_id"],
        "event": "conversation.message.created",
        "attempt": 1,
        "status": "delivered",
        "nextAttemptAt": None,
        "request": {
            "headers": {
                "Content-Type": "application/json",
                "webhook-id": IDS["delivery_id"],
                "webhook-timestamp": "1777647600",
                "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
            },
            "body": '{"id":"…","seq":42,"type":"conversation.message.created","data":{"conversationId":"…"}}',
        },
        "response": {"status": 200, "body": "ok"},
        "error": None,
        "durationMs": 84,
        "createdAt": WHEN,
    },
    "Redelivered": {"queued": 3},
}
