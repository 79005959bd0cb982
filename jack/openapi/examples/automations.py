"""Examples: automations."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, WHEN, Answered, Sent

SEND = {
    "type": "send_template",
    "templateId": IDS["template_id"],
    "channels": ["whatsapp", "email"],
}
CREATE = {
    "name": "The day before arrival",
    "enabled": False,
    "trigger": {"type": "stay.arrival", "days": -1, "at": "10:00"},
    "conditions": [{"type": "source", "in": ["direct"]}],
    "actions": [SEND],
    "perGuestPerDay": 3,
    "quietFrom": "22:00",
    "quietTo": "08:00",
}
SENT: Sent = {
    "createAutomation": {
        "before arrival": CREATE,
        "when nobody answers": {
            "name": "Nobody answers for 15 minutes",
            "trigger": {"type": "conversation.waiting", "minutes": 15},
            "actions": [{"type": "notify", "department": "front-desk"}],
        },
    },
    "changeAutomation": {"switch it on": {"enabled": True}},
}

ANSWERED: Answered = {
    "Automation": {
        "id": IDS["automation_id"],
        **CREATE,
        "enabledAt": None,
        **STAMPS,
    },
    "Foreseen": {
        "guestId": IDS["guest_id"],
        "guestName": "John Smith",
        "stayId": IDS["stay_id"],
        "subjectType": "stay",
        "subjectId": IDS["stay_id"],
        "at": WHEN,
        "action": "send_template",
        "channel": "whatsapp",
        "content": "Dear John, we look forward to seeing you tomorrow.",
        "reason": None,
        "skippedBecause": None,
    },
    "ForeseenMeta": {"total": 1},
    "Run": {
        "id": "run-019de3f8-6ea0-7f50-9d71-9e0f1a2b3c4d",
        "at": WHEN,
        "subject": {"type": "stay", "id": IDS["stay_id"]},
        "guestId": IDS["guest_id"],
        "guestName": "John Smith",
        "action": "send_template",
        "result": "done",
        "reason": None,
        "because": None,
        "messageId": IDS["message_id"],
        "messageStatus": "delivered",
        "taskId": None,
    },
}
