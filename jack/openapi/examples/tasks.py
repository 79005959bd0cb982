"""Examples: tasks."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LATER, STAMPS, Answered, Sent

TASK_CREATE = {
    "title": "Extra towels for room 302",
    "description": "Guest requested 2 extra bath towels",
    "department": "housekeeping",
    "priority": "normal",
    "guestId": "guest-123",
}

SENT: Sent = {
    "createTask": {"task": TASK_CREATE},
    "createTasks": {"one task": {"items": [TASK_CREATE]}},
    "putTaskByExternalId": {"from another program": {**TASK_CREATE, "metadata": {"asset": "302"}}},
    "putTasksByExternalId": {
        "one task": {
            "items": [{"externalId": "wo-77", "title": "Lamp", "department": "maintenance"}]
        }
    },
    "changeTask": {
        "done": {"status": "completed", "notes": "Delivered at 3:45 PM"},
        "done, with a photo": {"status": "completed", "attachmentIds": [IDS["attachment_id"]]},
    },
    "changeTasks": {"cancel": {"ids": [IDS["task_id"]], "changes": {"status": "cancelled"}}},
}

ANSWERED: Answered = {
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
        "externalId": "wo-77",
        "metadata": {"asset": "302"},
        "attachments": [],
        **STAMPS,
    },
}
