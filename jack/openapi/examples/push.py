"""Examples: notifications by Web Push."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, WHEN, Answered, Sent

# The keys of the example in RFC 8291, appendix A.
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
CHOSEN = {
    "push": ["guest_mine", "guest_unassigned", "task_mine", "mention"],
    "email": ["guest_unassigned"],
    "page": ["guest_mine", "guest_unassigned", "task_mine", "task_urgent", "mention"],
    "quietFrom": "22:00",
    "quietTo": "07:00",
}

SENT: Sent = {
    "createSubscription": {
        "what a browser says": {
            "endpoint": "https://fcm.googleapis.com/fcm/send/dX3kQ9",
            "keys": KEYS,
            "language": "en",
        }
    },
    "putNotifications": {"silent at night": CHOSEN},
}

ANSWERED: Answered = {
    "PushKey": {
        "publicKey": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    },
    "Subscription": {
        "id": IDS["subscription_id"],
        "service": "fcm.googleapis.com",
        "userAgent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile",
        "language": "en",
        "current": True,
        "lastSuccessAt": WHEN,
        "lastFailureAt": None,
        "failure": None,
        "createdAt": WHEN,
    },
    "Notifications": CHOSEN,
}
