"""Bodies to try: what is sent, by operation, and what is answered, by the name of its shape."""

from __future__ import annotations

from typing import Any

WHEN = "2026-05-01T15:00:00.000Z"
LATER = "2026-05-01T17:00:00.000Z"

IDS = {
    "conversation_id": "conv-019de3f1-5a80-7c41-9d02-6f1b8a4e2c10",
    "guest_id": "guest-019de3f0-1b40-7a5e-8c33-0d9e7f6a5b21",
    "task_id": "task-019de3f2-7c10-7e19-b2a4-3c5d8e9f0a12",
    "entry_id": "kb-019de3f3-0e20-7d08-a1b5-4e6f9a0b1c23",
    "staff_id": "staff-019de3ef-9d00-7b6a-9e44-1f2a3b4c5d6e",
    "message_id": "msg-019de3f1-5b12-7f30-8a11-2b3c4d5e6f70",
    "attachment_id": "file-019de3f4-2a60-7b1c-9f3d-5a6b7c8d9e0f",
    "merge_id": "merge-019de3f5-3b70-7c2d-8a4e-6b7c8d9e0f1a",
    "key": "hotel",
    "channel": "whatsapp",
}
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"
LINK_TOKEN = "Zk3v0nW5cQ8sT1xY7bR4mL9pJ2hG6dF0aE8uK5iO3wN"
PASSWORD = "a long night on the phone"

GUEST_CREATE = {"name": "John Smith", "email": "[email protected]", "phone": "+15551234567"}
TASK_CREATE = {
    "title": "Extra towels for room 302",
    "description": "Guest requested 2 extra bath towels",
    "department": "housekeeping",
    "priority": "normal",
    "guestId": "guest-123",
}
ENTRY_CREATE = {
    "title": "Pool Hours",
    "content": "The pool is open daily from 6 AM to 10 PM...",
    "category": "amenity",
}

# What is sent. Several of them where one would not say enough.
SENT: dict[str, dict[str, Any]] = {
    "logIn": {"sign in": {"email": "jane@example.com", "password": PASSWORD}},
    "changePassword": {
        "change": {"currentPassword": PASSWORD, "newPassword": "a longer night on the phone"}
    },
    "acceptInvite": {"accept": {"token": LINK_TOKEN, "password": PASSWORD}},
    "requestLetter": {"forgotten": {"email": "jane@example.com"}},
    "setUp": {
        "first administrator": {
            "token": LINK_TOKEN,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "password": PASSWORD,
        }
    },
    "createConversation": {
        "begin": {
            "guestId": IDS["guest_id"],
            "channel": "web",
            "content": "Your room is ready. Welcome!",
        }
    },
    "changeConversation": {
        "close and assign": {"status": "closed", "assignee": "staff-123"},
        "give back": {"assignee": None},
    },
    "changeConversations": {
        "close": {"ids": [IDS["conversation_id"]], "changes": {"status": "closed"}}
    },
    "sendMessage": {
        "to the guest": {"content": "Hello! How can I help you today?", "type": "text"},
        "note for staff": {"content": "She has called twice already.", "type": "note"},
        "WhatsApp template": {
            "type": "template",
            "template": {
                "name": "checkin_reminder",
                "language": "es_MX",
                "parameters": ["Ana"],
            },
        },
    },
    "createGuest": {"guest": GUEST_CREATE},
    "createGuests": {"two guests": {"items": [GUEST_CREATE, {"name": "Aiko Tanaka"}]}},
    "mergeGuests": {"the same person": {"guestId": "guest-019de3f6-4c80-7d3e-9b5f-7c8d9e0f1a2b"}},
    "changeGuest": {
        "tags and notes": {"tags": ["vip", "returning"], "notes": "Prefers quiet room"}
    },
    "createTask": {"task": TASK_CREATE},
    "createTasks": {"one task": {"items": [TASK_CREATE]}},
    "changeTask": {"done": {"status": "completed", "notes": "Delivered at 3:45 PM"}},
    "changeTasks": {"cancel": {"ids": [IDS["task_id"]], "changes": {"status": "cancelled"}}},
    "createEntry": {"entry": ENTRY_CREATE},
    "createEntries": {"one entry": {"items": [ENTRY_CREATE]}},
    "changeEntry": {
        "change": {
            "title": "Pool Hours (Updated)",
            "content": "The pool is open daily from 7 AM to 9 PM...",
        }
    },
    "createMember": {
        "member": {
            "name": "Jane Doe",
            "email": "[email protected]",
            "role": "staff",
            "department": "front-desk",
        }
    },
    "changeMember": {
        "promote": {"role": "manager"},
        "deactivate": {"active": False},
    },
    "putSetting": {
        "hotel": {
            "value": {
                "name": "Hotel Miramar",
                "phone": "+34952000000",
                "timeZone": "Europe/Madrid",
                "country": "ES",
                "language": "es",
            }
        },
        "departments": {
            "value": {
                "items": [
                    {"slug": "front-desk", "name": "Front desk"},
                    {"slug": "housekeeping", "name": "Housekeeping"},
                ]
            }
        },
        "channels.web": {
            "value": {
                "enabled": True,
                "greeting": "How can we help?",
                "hours": {"monday": [{"from": "09:00", "to": "18:00"}]},
                "colour": "#0d6a5b",
                "sites": ["https://www.hotel.example"],
            }
        },
    },
    "beginSession": {
        "unknown": {},
        "named": {"name": "Aiko", "email": "aiko@example.com", "language": "ja"},
    },
    "say": {
        "message": {
            "content": "Is there parking?",
            "clientMessageId": "5f0c1d9e-2f53-4f0e-9b7a-8c1f3d2e4a5b",
        }
    },
    "markRead": {"read": {"cursor": 42}},
}

USER = {
    "id": IDS["staff_id"],
    "name": "Jane Doe",
    "email": "jane@example.com",
    "role": "staff",
    "department": "front-desk",
}
STAMPS = {"createdAt": WHEN, "updatedAt": WHEN}
MEMBER = {**USER, "active": True, "invited": False, "lastSeenAt": WHEN, **STAMPS}
INVITE = {
    "token": LINK_TOKEN,
    "url": f"https://jack.example.com/invite#{LINK_TOKEN}",
    "expiresAt": "2026-05-04T15:00:00.000Z",
}
GUEST = {
    "id": IDS["guest_id"],
    "name": "John Smith",
    "email": "john@example.com",
    "phone": "+15551234567",
    "tags": ["vip", "returning"],
    "notes": "Prefers quiet room",
    "language": "en",
    **STAMPS,
}
PROBLEM = {
    "code": "VALIDATION_ERROR",
    "message": "Some fields are not valid.",
    "details": [
        {
            "field": "items.1.name",
            "message": "Missing data for required field.",
            "code": "required",
        }
    ],
    "requestId": "5b0f0f7c6f1e4d2a9c8b7a65",
}

# What is answered.
ANSWERED: dict[str, dict[str, Any]] = {
    "Session": {"token": TOKEN, "expiresAt": "2026-05-02T15:00:00.000Z", "user": USER},
    "SignedOut": {"signedOut": True},
    "User": USER,
    "PasswordChanged": {"changed": True},
    "LetterRequested": {"accepted": True},
    "Conversation": {
        "id": IDS["conversation_id"],
        "channel": "whatsapp",
        "status": "open",
        "assignee": IDS["staff_id"],
        "guestId": IDS["guest_id"],
        "guest": {"id": IDS["guest_id"], "name": "John Smith"},
        "subject": None,
        "preview": "Could we have two more towels?",
        "unread": 1,
        "lastMessageAt": WHEN,
        "firstResponseAt": None,
        "waitingSince": WHEN,
        "windowExpiresAt": "2026-05-02T15:00:00.000Z",
        **STAMPS,
    },
    "Counts": {
        "open": 12,
        "pending": 3,
        "closed": 480,
        "mine": 4,
        "unassigned": 5,
        "waiting": 6,
        "unread": 2,
    },
    "Message": {
        "id": IDS["message_id"],
        "conversationId": IDS["conversation_id"],
        "direction": "outbound",
        "type": "text",
        "content": "Hello! How can I help you today?",
        "status": "queued",
        "author": {"type": "staff", "id": IDS["staff_id"], "name": "Jane Doe"},
        "error": None,
        "attachments": [],
        "details": None,
        "createdAt": WHEN,
        "sentAt": None,
        "deliveredAt": None,
        "readAt": None,
    },
    "Guest": GUEST,
    "Duplicate": {"guest": GUEST, "score": 0.86, "reasons": ["same_phone", "same_name"]},
    "Merge": {
        "mergeId": IDS["merge_id"],
        "guest": GUEST,
        "undoUntil": "2026-05-31T15:00:00.000Z",
    },
    "Unmerged": {"guest": GUEST, "restored": {**GUEST, "name": "J. Smith", "email": None}},
    "Task": {
        "id": IDS["task_id"],
        "title": "Extra towels for room 302",
        "description": "Guest requested 2 extra bath towels",
        "department": "housekeeping",
        "priority": "normal",
        "status": "open",
        "guestId": IDS["guest_id"],
        "conversationId": None,
        "room": "302",
        "assignee": None,
        "dueAt": LATER,
        "overdue": False,
        "notes": None,
        "completedAt": None,
        **STAMPS,
    },
    "Entry": {
        "id": IDS["entry_id"],
        "title": "Pool Hours",
        "content": "The pool is open daily from 6 AM to 10 PM...",
        "category": "amenity",
        "language": "en",
        **STAMPS,
    },
    "Deleted": {"id": IDS["entry_id"], "deleted": True},
    "Member": MEMBER,
    "InvitedMember": {**MEMBER, "invited": True, "lastSeenAt": None, "invite": INVITE},
    "Invite": INVITE,
    "Setting": {
        "key": "hotel",
        "value": {"name": "Hotel Miramar", "timeZone": "Europe/Madrid", "language": "es"},
        "updatedAt": WHEN,
    },
    "ChannelAccount": {
        "channel": "whatsapp",
        "enabled": True,
        "configured": True,
        "state": "paused",
        "queueLength": 3,
        "lastInboundAt": WHEN,
        "lastOutboundAt": WHEN,
        "lastError": "The access token is not valid any more.",
        "lastErrorAt": LATER,
        "pausedAt": LATER,
        "pausedUntil": "2026-05-01T17:00:30.000Z",
        "pausedBecause": "The access token is not valid any more.",
        "polledAt": None,
    },
    "ChannelTest": {"channel": "whatsapp", "works": True, "says": "The account works."},
    "Event": {
        "seq": 42,
        "type": "message.received",
        "subjectId": IDS["message_id"],
        "conversationId": IDS["conversation_id"],
        "actorId": None,
        "createdAt": WHEN,
    },
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
    "Attachment": {
        "id": IDS["attachment_id"],
        "name": "map.pdf",
        "mime": "application/pdf",
        "size": 48213,
        "url": f"/api/v1/attachments/{IDS['attachment_id']}",
        "createdAt": WHEN,
    },
    "PageMeta": {"page": 1, "limit": 20, "total": 1, "pages": 1},
    "BulkMeta": {"total": 2, "succeeded": 1, "failed": 1},
    "DuplicateMeta": {"total": 1},
    "EventMeta": {"cursor": 42, "latest": 42, "missed": False},
    "VisitorMeta": {"cursor": 42, "seenMessageId": IDS["message_id"]},
}


def answered(name: str, meta: str | None) -> dict[str, Any]:
    """The example of a whole answer: one thing of this name, or with `meta` a list of them."""
    if meta is None:
        return {"success": True, "data": ANSWERED[name]}
    one = ANSWERED.get(name)
    data = [one] if one else _results(name.removesuffix("Result"))
    return {"success": True, "data": data, "meta": ANSWERED[meta]}


def _results(name: str) -> list[dict[str, Any]]:
    """Of two elements of a bulk call the second one failed."""
    return [{"success": True, "data": ANSWERED[name]}, {"success": False, "error": PROBLEM}]
