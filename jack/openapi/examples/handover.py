"""Examples: the handover of a shift."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LATER, WHEN, Answered, Sent

JANE = {"id": IDS["staff_id"], "name": "Jane Doe"}
TEXT = "302 has the spare key. The plumber comes at nine."
SIGNED = {
    "id": IDS["handover_id"],
    "text": TEXT,
    "by": JANE,
    "at": WHEN,
    "readBy": [{**JANE, "at": LATER}],
}
TASK = {
    "id": IDS["task_id"],
    "title": "Extra towels for room 302",
    "room": "302",
    "department": "housekeeping",
    "priority": "normal",
    "status": "open",
    "dueAt": LATER,
    "assigneeName": None,
}
NOTE = {
    "id": IDS["message_id"],
    "conversationId": IDS["conversation_id"],
    "guestName": "John Smith",
    "content": "Promised a late check-out. @Jane Doe please tell housekeeping.",
    "authorName": "Jane Doe",
    "createdAt": WHEN,
}

SENT: Sent = {"signHandover": {"the evening": {"text": TEXT}}}

ANSWERED: Answered = {
    "SignedHandover": SIGNED,
    "Handover": {
        "since": WHEN,
        "waiting": [
            {
                "id": IDS["conversation_id"],
                "guestId": IDS["guest_id"],
                "guestName": "John Smith",
                "channel": "whatsapp",
                "waitingSince": WHEN,
                "preview": "Is the pool heated?",
                "assigneeName": "Jane Doe",
            }
        ],
        "openTasks": [TASK],
        "overdueTasks": [],
        "notes": [NOTE],
        "mentions": [NOTE],
        "arrivals": [],
        "departures": [],
        "inHouse": [],
        "channels": [],
        "last": SIGNED,
    },
}
