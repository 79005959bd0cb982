"""Examples: what several resources share, lists and events."""

from __future__ import annotations

from collections.abc import Mapping

# What is sent, by operation and by what it is for; and the data of responses, by the name of its schema.
Sent = dict[str, dict[str, object]]
Answered = dict[str, Mapping[str, object]]

WHEN = "2026-05-01T15:00:00.000Z"
LATER = "2026-05-01T17:00:00.000Z"
IDS = {
    "conversation_id": "conv-019de3f1-5a80-7c41-9d02-6f1b8a4e2c10",
    "guest_id": "guest-019de3f0-1b40-7a5e-8c33-0d9e7f6a5b21",
    "stay_id": "stay-019de3f2-6b00-7d08-a1a3-2b4c7d8e9f01",
    "task_id": "task-019de3f2-7c10-7e19-b2a4-3c5d8e9f0a12",
    "entry_id": "kb-019de3f3-0e20-7d08-a1b5-4e6f9a0b1c23",
    "template_id": "tpl-019de3f3-0e20-7d08-a1b5-4e6f9a0b1c23",
    "automation_id": "auto-019de3f3-0e20-7d08-a1b5-4e6f9a0b1c23",
    "staff_id": "staff-019de3ef-9d00-7b6a-9e44-1f2a3b4c5d6e",
    "message_id": "msg-019de3f1-5b12-7f30-8a11-2b3c4d5e6f70",
    "attachment_id": "file-019de3f4-2a60-7b1c-9f3d-5a6b7c8d9e0f",
    "merge_id": "merge-019de3f5-3b70-7c2d-8a4e-6b7c8d9e0f1a",
    "session_id": "session-019de3f6-4c80-7d3e-9b5f-7c8d9e0f1a2b",
    "key_id": "key-019de3f7-5d90-7e4f-8c6a-8d9e0f1a2b3c",
    "test_id": "test-019de3f6-4c80-7d3e-9b5f-7c8d9e0f1a2b",
    "external_id": "res-1001",
    "webhook_id": "hook-019de3f7-5d90-7e4f-8c60-8d9e0f1a2b3c",
    "delivery_id": "dlv-019de3f8-6ea0-7f50-9d71-9e0f1a2b3c4d",
    "export_id": "exp-019de3f7-5d90-7e4f-8c60-8d9e0f1a2b3c",
    "backup_id": "bak-019de3f7-5d90-7e4f-8c60-8d9e0f1a2b3c",
    "import_id": "imp-019de3f8-6ea0-7f50-9d71-9e0f1a2b3c4d",
    "handover_id": "handover-019de3f9-7fb0-7a61-8e82-0f1a2b3c4d5e",
    "subscription_id": "push-019de3fa-8fc0-7b72-8f93-1a2b3c4d5e6f",
    "key": "hotel",
    "channel": "whatsapp",
}
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"
LINK_TOKEN = "Zk3v0nW5cQ8sT1xY7bR4mL9pJ2hG6dF0aE8uK5iO3wN"
PASSWORD = "a long night on the phone"
USER = {
    "id": IDS["staff_id"],
    "name": "Jane Doe",
    "email": "jane@example.com",
    "role": "staff",
    "department": "front-desk",
}
STAMPS = {"createdAt": WHEN, "updatedAt": WHEN}
PROBLEM = {
    "code": "VALIDATION_ERROR",
    "message": "name: Missing data for required field.",
    "details": [
        {
            "field": "items.1.name",
            "message": "Missing data for required field.",
            "code": "required",
        }
    ],
    "requestId": "5b0f0f7c6f1e4d2a9c8b7a65",
}

ANSWERED: Answered = {
    "Deleted": {"id": IDS["entry_id"], "deleted": True},
    "PageMeta": {"page": 1, "limit": 20, "total": 1, "pages": 1},
    "ListMeta": {"page": 1, "limit": 20, "total": 1, "pages": 1},
    "BulkMeta": {"total": 2, "succeeded": 1, "failed": 1},
    "Event": {
        "seq": 42,
        "type": "conversation.message.created",
        "subjectId": IDS["message_id"],
        "conversationId": IDS["conversation_id"],
        "actorId": IDS["guest_id"],
        "actor": {"type": "guest", "id": IDS["guest_id"], "name": "John Smith"},
        "changed": [],
        "createdAt": WHEN,
    },
    "AuditEntry": {
        "id": "audit-000000000042",
        "at": WHEN,
        "actor": {"type": "staff", "id": IDS["staff_id"], "name": "Jane Doe"},
        "action": "guest.updated",
        "subject": {"type": "guest", "id": IDS["guest_id"]},
        "changed": ["phone", "tags"],
        "ip": "203.0.113.7",
        "requestId": "5b0f0f7c6f1e4d2a9c8b7a65",
    },
    "AuditMeta": {"page": 1, "limit": 20, "total": 1, "pages": 1},
    "EventMeta": {"cursor": 42, "latest": 42, "missed": False},
}
