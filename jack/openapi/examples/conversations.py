"""Examples: conversations, their messages and files."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, WHEN, Answered, Sent
from jack.openapi.examples.stays import CURRENT_STAY

SENT: Sent = {
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
        "snooze": {"snoozedUntil": "2026-05-03T07:00:00Z"},
    },
    "changeConversations": {
        "close": {"ids": [IDS["conversation_id"]], "changes": {"status": "closed"}}
    },
    "tellPresence": {"writing": {"state": "writing"}},
    "sendMessage": {
        "to the guest": {"content": "Hello! How can I help you today?", "type": "text"},
        "to be taken back within 5 seconds": {"content": "At your service!", "delaySeconds": 5},
        "a template of the hotel's": {"templateId": IDS["template_id"]},
        "tomorrow morning, unless she answers before": {
            "content": "Breakfast is served until 11.",
            "sendAt": "2026-05-03T07:00:00Z",
            "cancelOnReply": True,
        },
        "note for staff": {"content": "She has called twice already.", "type": "note"},
        "quoting a message": {"content": "Gladly!", "replyTo": IDS["message_id"]},
        "WhatsApp template": {
            "type": "template",
            "template": {
                "name": "checkin_reminder",
                "language": "es_MX",
                "parameters": ["Ana"],
            },
        },
        "WhatsApp template with a picture and a button": {
            "type": "template",
            "template": {
                "name": "arrival",
                "language": "es_MX",
                "parameters": ["Ana"],
                "header": {"type": "image", "link": "https://www.hotel.example/door.jpg"},
                "buttons": [{"index": 0, "type": "url", "text": "R123"}],
            },
        },
    },
    "changeMessage": {
        "at another time": {"sendAt": "2026-05-03T08:00:00Z"},
        "send now": {"sendAt": None},
    },
    "setReaction": {
        "react": {"emoji": "👍"},
        "take back": {"emoji": None},
    },
}

MESSAGE = {
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
    "replyTo": {
        "id": "msg-122",
        "content": "Is anybody there?",
        "author": {"type": "guest", "id": IDS["guest_id"], "name": "John Smith"},
    },
    "reactions": [
        {
            "emoji": "👍",
            "by": {"type": "guest", "id": IDS["guest_id"], "name": "John Smith"},
            "at": WHEN,
            "error": None,
        }
    ],
    "createdAt": WHEN,
    "writtenAt": None,
    "orderedAt": WHEN,
    "sentAt": None,
    "deliveredAt": None,
    "readAt": None,
    "sendAt": None,
    "cancelOnReply": False,
}

ANSWERED: Answered = {
    "Conversation": {
        "id": IDS["conversation_id"],
        "channel": "whatsapp",
        "status": "open",
        "assignee": IDS["staff_id"],
        "guestId": IDS["guest_id"],
        "guest": {"id": IDS["guest_id"], "name": "John Smith"},
        "subject": None,
        "preview": "Could we have two more towels?",
        "previewMedia": None,
        "unread": 1,
        "lastMessageAt": WHEN,
        "firstResponseAt": None,
        "waitingSince": WHEN,
        "snoozedUntil": None,
        "windowExpiresAt": "2026-05-02T15:00:00.000Z",
        "answerable": True,
        "metadata": {"booking": "1001"},
        "presence": [{"id": IDS["staff_id"], "name": "Jane Doe", "state": "writing"}],
        "stay": CURRENT_STAY,
        "match": {
            "messageId": IDS["message_id"],
            "snippet": "Could we have two more towels?",
            "ranges": [[23, 29]],
        },
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
    "Message": MESSAGE,
    "GuestMessage": {**MESSAGE, "channel": "whatsapp"},
    "Attachment": {
        "id": IDS["attachment_id"],
        "name": "map.pdf",
        "mime": "application/pdf",
        "size": 48213,
        "url": f"/api/v1/attachments/{IDS['attachment_id']}",
        "createdAt": WHEN,
    },
}
